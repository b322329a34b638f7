/**
 * Whether the checks of a policy can measure what its class promises. A run whose checks can not fail accepts everything, and
 * a result that lands by itself has to be measured the way its class says: by tests that have names.
 */
import { NAMELESS_REPORT_FORMATS, type CheckSpec } from '../core/check.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { BuiltInClass } from './classes.ts';
import type { DetectedCheck } from './detect/evidence.ts';
import { reportOfCommand } from './report-format.ts';

/** Commands of the shell that end with 0 whatever happened. */
const ALWAYS_TRUE = /^(?:true|:|exit(?:\s+0)?|(?:echo|printf)(?:\s[^`$|&]*)?|\/(?:usr\/)?bin\/true)$/;

/**
 * Pure. Only what plainly says so: nothing but such commands, or one of them behind `||` or `;` at the end, which takes away what
 * went before. With a report it is the report that has to be there, so a check that reads one can fail.
 */
export function cannotFail({ run, report }: Pick<CheckSpec, 'run' | 'report'>): boolean {
  if (report !== 'exit-code') return false;
  // Quotes, groups and nested commands are left to whoever wrote them.
  const line = run.trim().replace(/;\s*$/, '');
  if (/\bset -[a-z]*e/.test(line)) return false;
  const parts = line.split(/\s*(?:&&|\|\||;|\n)\s*/);
  const isTrue = (part: string): boolean => ALWAYS_TRUE.test(part.trim());
  if (parts.every(isTrue)) return true;
  const last = /(\|\||;|\n)\s*([^;&|\n]+)$/.exec(line);
  return last !== null && isTrue(last[2] ?? '');
}

export interface Unmeasured {
  /** As a sentence. */
  readonly what: string;
  /** There are checks, and what they lack is names. */
  readonly wantsNames: boolean;
}

/** null where the acceptance can be measured. Pure. `builtIn`: what the class of the policy is made of. */
export function unmeasured(policy: Pick<ResolvedPolicy, 'checks' | 'class'>, builtIn: BuiltInClass): Unmeasured | null {
  const { checks } = policy;
  const { name, autonomy } = policy.class;
  if (checks.every(cannotFail)) {
    const shown = checks.map(({ id, run }) => `${id} (\`${run}\`)`).join(', ');
    return { what: `no check can fail: ${shown}; whatever an agent did would be accepted`, wantsNames: false };
  }
  // Where a person reads the change before it lands, an exit code is a measure as well.
  const isNamed = checks.some(({ report }) => !NAMELESS_REPORT_FORMATS.has(report));
  if (autonomy !== 'land' || builtIn.namesTests !== true || isNamed) return null;
  const shown = checks.map(({ id, report }) => `${id}: ${report}`).join(', ');
  const what = `class ${name} lands by itself and is measured test by test, but no check names its tests (${shown})`;
  return { what, wantsNames: true };
}

/** A check for who has none of their own, by what the class is for. */
const BY_CLASS: Readonly<Record<string, string>> = {
  format:
    "name the formatter as a check, for example: loopwright run --class format --check 'npx prettier --check .' GOAL",
  docs: "name what builds or checks the documentation, for example: loopwright run --class docs --check 'mkdocs build --strict' GOAL",
  migration:
    "name a command that applies the migration to an empty database and takes it back, for example: loopwright run --class migration --check './scripts/up-down-up.sh' GOAL",
  tests:
    "name the runner with a report, for example: loopwright run --class tests --check 'pytest --junitxml=report.xml' GOAL",
};

const WITHOUT_NAMES: readonly string[] = [
  "state the goal as a command that is red now and green when it is reached, for example: loopwright run --check '! grep -rn oldName src' GOAL",
  'write checks into loopwright.yaml and commit it, for example: `checks: { unit: npm test }`',
  "name the tests of the repository for this run, for example: loopwright run --check 'npm test' GOAL",
];

function forNames(className: string): readonly string[] {
  return [
    'ask the runner of the tests for a report, for example: `checks: { unit: pytest --junitxml=report.xml }`; every format is in docs/checks.md',
    `let a person look before it lands: \`classes: { ${className}: { autonomy: propose } }\``,
    'use a class that a linter or a compiler can measure, such as `wiring`: loopwright run --class wiring GOAL',
  ];
}

function quoted(run: string): string {
  return `'${run.replaceAll("'", "'\\''")}'`;
}

function ofRepository({ spec, evidence }: DetectedCheck, className: string): string {
  const said = reportOfCommand(spec.run);
  const where = evidence.replaceAll(/[^\x20-\x7e]+/g, '?').slice(0, 100);
  // On the command line a report is what the command itself says of it.
  return said.report === spec.report && said.reportFile === spec.reportFile
    ? `name a check that the repository has: loopwright run --class ${className} --check ${quoted(spec.run)} GOAL  (${where})`
    : `name a check that the repository has: \`checks: { ${spec.id}: { run: ${JSON.stringify(spec.run)}, report: ${spec.report} } }\`  (${where})`;
}

const PROPOSAL =
  'let loopwright propose a policy with all it found, each check tried once in the sandbox: loopwright init';
const ANOTHER_PROPOSAL =
  'see what loopwright would propose, each check tried once in the sandbox: loopwright init --print --try';

export interface Lack {
  readonly className: string;
  /** There are checks, and what they lack is names. */
  readonly wantsNames: boolean;
  /** There is a loopwright.yaml, which `init` leaves alone. */
  readonly hasPolicy: boolean;
}

/** Exactly three, the nearest first: what the repository has, what fits the class, and what always works. Pure. */
export function suggestions(
  detected: readonly DetectedCheck[],
  { className, wantsNames, hasPolicy }: Lack,
): readonly string[] {
  const fitting = detected.filter(
    ({ spec }) => !cannotFail(spec) && (!wantsNames || !NAMELESS_REPORT_FORMATS.has(spec.report)),
  );
  const own = fitting.slice(0, 2).map((check) => ofRepository(check, className));
  const init = detected.length === 0 ? [] : [hasPolicy ? ANOTHER_PROPOSAL : PROPOSAL];
  const byClass = !wantsNames && Object.hasOwn(BY_CLASS, className) ? [BY_CLASS[className] ?? ''] : [];
  return [...own, ...init, ...byClass, ...(wantsNames ? forNames(className) : WITHOUT_NAMES)].slice(0, 3);
}

/** The refusal. `what`: why there is no measurable acceptance, as a sentence. */
export function noAcceptance(what: string, three: readonly string[]): LoopwrightError {
  return new LoopwrightError('LW_NO_ACCEPTANCE', {
    message: what,
    next: ['Do one of these:', ...three.map((one) => `  - ${one}`)].join('\n'),
  });
}
