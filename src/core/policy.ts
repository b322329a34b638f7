/** The rules a run obeys, resolved from file, class and flags; frozen and hashed at run start. Plain JSON data. */
import { CONTENT_DETECTOR_IDS } from './content-detectors.ts';
import type { ContentDetectorId } from './content-detectors.ts';
import type { CheckSpec } from './check.ts';
import type { CommandPolicy } from './command-rule.ts';
import type { Ceiling, Limits } from './limit.ts';
import type { ForgeName } from './publish-event.ts';
import type { MigrationRules } from './migration.ts';
import type { NetworkRules } from './network.ts';
import type { ResourceLimits } from './resource.ts';
import type { SecretRule } from './secret-rule.ts';
import type { DailyCostLimits, ModelRules } from './spend.ts';

/**
 * How a class reads its checks on the untouched base.
 * `must-fail`: at least one check is red on the base and the run has to turn it green (a fix).
 * `may-pass`: checks are green or known-red and must not get worse; the change itself is the goal (a refactor, a format).
 */
export type BaselineRule = 'must-fail' | 'may-pass';

/**
 * What becomes of an accepted change. `report`: it is shown and never lands. `propose`: a person lands it. `land`: it lands on
 * a branch of its own by itself. What waits for a person waits under each of them.
 */
export type Autonomy = 'report' | 'propose' | 'land';

export interface ResolvedClass {
  readonly name: string;
  readonly summary: string;
  readonly baseline: BaselineRule;
  /** Logs of runs from before there were levels lack it; they are `propose`. */
  readonly autonomy?: Autonomy;
}

/** Where a passing change still waits for a person. */
export interface RiskZone {
  readonly name: string;
  /** Globs, relative to the repository root, `dot: true`. */
  readonly paths: readonly string[];
  readonly reason: string;
  /** The lines of a change count too, by the built-in rules for a zone of this name. Older logs lack this key. */
  readonly readsDiff?: boolean;
  /** Owners by CODEOWNERS, whose paths are in the zone; and `owned`, those as globs of which the last match wins. */
  readonly owners?: readonly string[];
  readonly owned?: readonly string[];
  /** How many people have to approve; absent: one. */
  readonly approvals?: number;
  /** Whose approval counts; absent: anybody's. Names as decisions are signed with them. */
  readonly from?: readonly string[];
}

/** What an approval has to be. Times in milliseconds. */
export interface ApprovalRules {
  /** Only with a signature by a key that the host or the base revision gives to that name. */
  readonly signed: boolean;
  readonly expireMs: number;
  /** Who started the run does not count. */
  readonly otherThanOperator: boolean;
  /** How long a change waits before somebody is reminded, and between reminders. */
  readonly remindMs: number;
}

/** Where an accepted change is shown to people. */
export interface PublishRules {
  /** `none`: nowhere. */
  readonly forge: ForgeName | 'none';
  /** `owner/name` on that forge; null: what `origin` of the repository says. */
  readonly repository: string | null;
  /** The branch a request is for; null: the default branch of the forge. */
  readonly target: string | null;
  /** How many requests of loopwright an owner may have open at a time. */
  readonly openRequests: number;
}

/** Without a section `publish`, and for runs from before there was one. */
export const DEFAULT_PUBLISH: PublishRules = { forge: 'none', repository: null, target: null, openRequests: 5 };

/** What a detector does when it fires for good. `off` is written by a person, never a default. */
export type DetectorAction = 'off' | 'note' | 'hold' | 'stop';

/** Detectors of the core whose only setting is what happens when they fire. */
const OWN_ACTION_DETECTORS = [
  'cycle',
  'growing-edits',
  'file-scatter',
  'dependency-churn',
  'configuration-edit',
  'scratch-files',
  'generated-files',
  'tests-green-on-base',
  'surviving-mutant',
] as const;

/** What trying a migration showed. */
export const MIGRATION_ACTION_DETECTORS = ['migration-fails', 'migration-irreversible', 'migration-untried'] as const;

/** Those, and all that were seen inside files. */
export type ActionDetector =
  | (typeof OWN_ACTION_DETECTORS)[number]
  | (typeof MIGRATION_ACTION_DETECTORS)[number]
  | ContentDetectorId;

export const ACTION_DETECTORS: readonly ActionDetector[] = [
  ...OWN_ACTION_DETECTORS,
  ...MIGRATION_ACTION_DETECTORS,
  ...CONTENT_DETECTOR_IDS,
];

export interface DetectorSettings {
  /** Iterations in a row with the same failure fingerprint before the run stops; `off` never stops. */
  readonly repeatedFailureIterations: number | 'off';
  /** Iterations in a row that leave the tree as it was before the run stops; `off` never stops. */
  readonly noProgressIterations: number | 'off';
  /** A change that edits a file covered by `protect`. */
  readonly protectedEdit: DetectorAction;
  /** Logs of runs from before these detectors lack this key. */
  readonly actions?: Readonly<Partial<Record<ActionDetector, DetectorAction>>>;
  /** Counts at which detectors over steps stop, by id, where they are not their own; logs from before them lack this key. */
  readonly steps?: Readonly<Record<string, number | 'off'>>;
}

export type SandboxName = 'bubblewrap' | 'container' | 'seatbelt' | 'none';

/** Whose rules a layer of the host holds, the widest first. */
export const LAYER_LEVELS = ['organisation', 'team'] as const;

export type LayerLevel = (typeof LAYER_LEVELS)[number];

/** A file of the host that lies above the policy of the repository. */
export interface PolicyLayer {
  readonly level: LayerLevel;
  /** Its name, without the directory. */
  readonly file: string;
  /** SHA-256 of its bytes, lower-case hex. */
  readonly hash: string;
}

export interface ResolvedPolicy {
  readonly version: 1;
  /** From the widest to the narrowest; absent where the host has none for this repository. */
  readonly layers?: readonly PolicyLayer[];
  readonly class: ResolvedClass;
  readonly agent: {
    readonly driver: string;
    /** Options of that driver, checked by the driver itself. Plain JSON. */
    readonly options: Readonly<Record<string, unknown>>;
  };
  /** Who answers for the result; null where nobody is named. */
  readonly owner: string | null;
  readonly checks: readonly CheckSpec[];
  /** Globs of files whose base copies are used whenever a check runs. */
  readonly protect: readonly string[];
  readonly paths: {
    readonly allow: readonly string[];
    readonly deny: readonly string[];
    /** Untracked directories made available to the agent and the checks without sharing writes. */
    readonly dependencies: readonly string[];
    /** Globs of files that are shown to the agent although their names are those of secrets. Older logs lack it. */
    readonly unmask?: readonly string[];
  };
  readonly sandbox: SandboxName;
  /** Variables set inside the sandbox for the agent and the checks. Never secrets: they are part of the record. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: Limits;
  /** Of one turn, or one check. Older logs lack it. */
  readonly resources?: ResourceLimits;
  /** Logs of runs from before there was a gateway lack this key and the next. */
  readonly dailyCostUsd: DailyCostLimits;
  readonly models: ModelRules;
  /** Logs of runs from before there were rules on commands lack this key, and those from before questions two in it. */
  readonly commands: CommandPolicy;
  /** Logs of runs from before there was an egress proxy lack this key. */
  readonly network?: NetworkRules;
  /** The same goes for this key. */
  readonly secrets?: readonly SecretRule[];
  readonly detectors: DetectorSettings;
  /** What is tried on a change that would be accepted. Older logs lack it. */
  readonly proof?: {
    /** Most faults that are put into its lines, one after the other; 0: none. */
    readonly mutants: number;
  };
  /** What a person can review at once. Older logs lack it. */
  readonly review?: {
    /** By the estimate of landing/review-cost.ts. A change above it waits for a person. */
    readonly minutes: Ceiling;
  };
  /** How migrations are tried; absent where neither file nor class say anything, and in older logs. */
  readonly migrations?: MigrationRules;
  readonly risk: readonly RiskZone[];
  /** Older logs lack it. */
  readonly approvals?: ApprovalRules;
  /** The same goes for this key. */
  readonly publish?: PublishRules;
}
