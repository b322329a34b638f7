/**
 * The built-in task classes. Each is a named preset for one narrow kind of work; together with `DEFAULTS` they make every
 * run limited and judged without any configuration.
 */
import { CONTENT_DETECTORS, CONTENT_DETECTOR_IDS } from '../core/content-detectors.ts';
import type { ContentDetectorId } from '../core/content-detectors.ts';
import type { ActionDetector, Autonomy, BaselineRule, DetectorAction, DetectorSettings } from '../core/policy.ts';
import type { Limits } from '../core/limit.ts';
import type { DailyCostLimits } from '../core/spend.ts';
import { CI_FILES, CHECK_SETTINGS, DOC_FILES, POLICY_FILE, SNAPSHOTS, TEST_FILES } from './protected-files.ts';

export interface BuiltInClass {
  readonly name: string;
  readonly summary: string;
  /** How much a mistake of this kind costs, for who decides on autonomy. Nothing is judged by it: zones do that. */
  readonly risk: 'low' | 'medium' | 'high';
  readonly baseline: BaselineRule;
  /** What has to be measured for a result of this class to be accepted, in words. */
  readonly acceptance: string;
  /** That is a matter of single tests: an exit code does not show one that is gone. What lands by itself needs a report. */
  readonly namesTests?: true;
  /** Why the lists below are as they are. */
  readonly reasoning: string;
  readonly protect: readonly string[];
  /** Scope; null means every path. */
  readonly allow: readonly string[] | null;
  /** Only what differs from `DEFAULT_LIMITS`. */
  readonly limits: Partial<Limits>;
  readonly detectors: Partial<DetectorSettings>;
  /** Where it differs from `DEFAULT_REVIEW_MINUTES`. */
  readonly reviewMinutes?: number;
  /** Most faults that are put into the lines of a passing change. Absent: none. */
  readonly mutants?: number;
  /** It is for migrations: a change without one waits for a person. */
  readonly migrations?: true;
}

/** Finite and on without configuration. Sized for one narrow task; the numbers are starting points, not measurements. */
export const DEFAULT_LIMITS: Limits = {
  iterations: 5,
  wallTimeMs: 3_600_000,
  idleMs: 600_000,
  changedFiles: 50,
  changedLines: 1_500,
  outputBytes: 16 * 2 ** 20,
  tokens: 10_000_000,
  costUsd: 5,
};

/** Of one run, both ways. Room for the packages of a large project a few times over; a starting point as well. */
export const DEFAULT_EGRESS_BYTES: number = 2 ** 30;

/** Per UTC day. Starting points as well: four runs of one class at their default ceiling, ten of one repository. */
export const DEFAULT_DAILY_COST_USD: DailyCostLimits = { class: 20, repository: 50, all: 100 };

/**
 * Manifests, lockfiles and configuration are risk zones and hold by themselves; here they are only said apart. What an agent
 * forgot to remove is held, because it would be landed.
 */
/** Readers know their own. */
const CONTENT_ACTIONS = Object.fromEntries(
  CONTENT_DETECTOR_IDS.map((id) => [id, CONTENT_DETECTORS[id].action]),
) as Readonly<Record<ContentDetectorId, DetectorAction>>;

export const DETECTOR_ACTIONS: Readonly<Record<ActionDetector, DetectorAction>> = {
  cycle: 'stop',
  'growing-edits': 'stop',
  'file-scatter': 'note',
  'dependency-churn': 'note',
  'configuration-edit': 'note',
  'scratch-files': 'hold',
  'generated-files': 'hold',
  'tests-green-on-base': 'note',
  'surviving-mutant': 'note',
  // It fails every time, so a person could only say what the agent can be told.
  'migration-fails': 'stop',
  'migration-irreversible': 'hold',
  'migration-untried': 'hold',
  ...CONTENT_ACTIONS,
};

/** Where behaviour stays, a new test passes before and after: that is what it is for. */
const SAME_BEHAVIOUR: Partial<DetectorSettings> = { actions: { 'tests-green-on-base': 'off' } };

export const DEFAULT_DETECTORS: DetectorSettings = {
  repeatedFailureIterations: 3,
  noProgressIterations: 2,
  protectedEdit: 'hold',
  actions: DETECTOR_ACTIONS,
};

/** After 60 to 90 minutes reviewers find little more; core/landing/review-cost.ts names the study. */
export const DEFAULT_REVIEW_MINUTES = 90;

/** Time for one execution of one check. */
export const DEFAULT_CHECK_TIMEOUT_MS = 600_000;

/**
 * Brought in where they exist, never shared for writing. Without them `npm test` or `pytest` of a fresh checkout has
 * nothing to run with, and inside the sandbox there is no network to install from.
 */
export const DEFAULT_DEPENDENCIES: readonly string[] = ['node_modules', '.venv', 'vendor/bundle'];

export const DEFAULT_CLASS = 'fix';

/** Nothing lands without a person, until somebody writes that it may. */
export const DEFAULT_AUTONOMY: Autonomy = 'propose';

const SETTINGS: readonly string[] = [...CHECK_SETTINGS, ...CI_FILES, POLICY_FILE];
const PROOF: readonly string[] = [...TEST_FILES, ...SNAPSHOTS, ...SETTINGS];

const CLASSES: readonly BuiltInClass[] = [
  {
    name: 'fix',
    summary: 'Repair what a red check shows, without touching what proves it.',
    risk: 'medium',
    baseline: 'must-fail',
    acceptance:
      'At least one check is red on the base; every check is green on the change with the tests of the base, and no test that ran before is missing, skipped or newly failing.',
    reasoning:
      'Tests, snapshots and the configuration of runners, linters and CI are the proof, so their base copies judge the change.',
    protect: PROOF,
    allow: null,
    limits: {},
    detectors: {},
    mutants: 3,
  },
  {
    name: 'refactor',
    summary: 'Change the structure of code while its behaviour stays the same.',
    risk: 'medium',
    baseline: 'may-pass',
    acceptance:
      'Every test that passed on the base passes on the change, none is missing or skipped, and no check got worse.',
    namesTests: true,
    reasoning:
      'Unchanged tests are the only evidence that behaviour stayed, so they are protected here as in `fix`. Work that has to edit tests is a `codemod`.',
    protect: PROOF,
    allow: null,
    limits: { changedFiles: 100, changedLines: 3_000 },
    detectors: SAME_BEHAVIOUR,
  },
  {
    name: 'format',
    summary: 'Apply formatters and automatic lint fixes.',
    risk: 'low',
    baseline: 'may-pass',
    acceptance:
      'No check is worse than on the base, test by test; the formatter or linter, given as a check, is green.',
    reasoning:
      'A formatter rewrites test files too, so tests are in scope and compared by name instead. The configuration that says what well formatted means is protected. Many files, few tries.',
    protect: [...SNAPSHOTS, ...SETTINGS],
    allow: null,
    limits: { iterations: 3, changedFiles: 1_000, changedLines: 30_000 },
    // Nobody reads what a formatter did line by line; the check says that it was one.
    reviewMinutes: 480,
    detectors: SAME_BEHAVIOUR,
  },
  {
    name: 'codemod',
    summary: 'Make one mechanical change everywhere: a rename, a new signature, a replaced call.',
    risk: 'medium',
    baseline: 'may-pass',
    acceptance: 'No check is worse than on the base, test by test; tests may be edited but none may disappear.',
    namesTests: true,
    reasoning:
      'The callers that have to follow include tests, so these are in scope; snapshots and configuration stay protected.',
    protect: [...SNAPSHOTS, ...SETTINGS],
    allow: null,
    limits: { changedFiles: 500, changedLines: 15_000 },
    reviewMinutes: 240,
    detectors: SAME_BEHAVIOUR,
  },
  {
    name: 'dependencies',
    summary: 'Upgrade or replace dependencies and adapt the code to them.',
    risk: 'high',
    baseline: 'may-pass',
    acceptance:
      'No check is worse than on the base, test by test, with the new dependencies in place; a person approves.',
    reasoning:
      'Manifests and lockfiles are in scope and stay risk zones, so a person always sees the new packages. Lockfiles are long, hence the larger limit on lines.',
    protect: PROOF,
    allow: null,
    limits: { changedLines: 30_000 },
    detectors: SAME_BEHAVIOUR,
  },
  {
    name: 'tests',
    summary: 'Add tests to code that stays as it is.',
    risk: 'low',
    baseline: 'may-pass',
    acceptance:
      'Every test of the base still passes, none is missing or skipped, and the added tests are counted and green.',
    namesTests: true,
    reasoning:
      'Only test paths are in scope. A protected file is one that exists on the base, so new test files are free and existing ones keep their base copy: this class cannot weaken a test.',
    protect: PROOF,
    allow: [...TEST_FILES, ...SNAPSHOTS],
    limits: {},
    detectors: {},
  },
  {
    name: 'docs',
    summary: 'Write or correct documentation.',
    risk: 'low',
    baseline: 'may-pass',
    acceptance: 'No check is worse than on the base; checks of links, examples or the docs build are green.',
    reasoning:
      'Only documentation is in scope. Files that instruct agents look like documentation and stay a risk zone.',
    protect: PROOF,
    allow: DOC_FILES,
    limits: { changedFiles: 100, changedLines: 5_000 },
    detectors: SAME_BEHAVIOUR,
  },
  {
    name: 'wiring',
    summary: 'Add boilerplate: a handler, a client, a form, a registration, after the pattern of those that are there.',
    risk: 'medium',
    baseline: 'may-pass',
    acceptance:
      'No check is worse than on the base, test by test; type checks and linters, given as checks, are green on the new code.',
    reasoning:
      'New code joins what exists, so existing tests and settings are the proof and new test files are free. Small limits: what needs more is no boilerplate.',
    protect: PROOF,
    allow: null,
    limits: { iterations: 4, changedFiles: 20, changedLines: 800 },
    detectors: {},
  },
  {
    name: 'migration',
    summary: 'Draft a migration of a database and the models that go with it.',
    risk: 'high',
    baseline: 'may-pass',
    acceptance:
      'No check is worse than on the base, test by test; on a disposable database every new migration goes up, down and up again, and down brings the schema back; a person approves, also where that could not be tried.',
    reasoning:
      'Only migrations, schemas and models are in scope, and they stay a risk zone: a draft is read before it meets data. Few tries, since each one leaves a file behind.',
    protect: PROOF,
    allow: [
      '**/{migrations,migration,migrate,alembic,flyway,liquibase,drizzle}/**',
      '**/db/**',
      '**/*.{sql,prisma}',
      '**/{models,entities,schema,schemas}/**',
      '**/{models,schema}.*',
    ],
    limits: { iterations: 3, changedFiles: 10, changedLines: 600 },
    detectors: {},
    migrations: true,
  },
];

export const BUILT_IN_CLASSES: ReadonlyMap<string, BuiltInClass> = new Map(CLASSES.map((entry) => [entry.name, entry]));
