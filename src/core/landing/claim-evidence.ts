/** What was measured of a change, as far as something an agent says can be held against it. Pure. */
import type { Change } from '../change.ts';
import type { CheckResult, CheckSpec } from '../check.ts';
import { TEST_REPORT_FORMATS, FINDING_REPORT_FORMATS } from '../check.ts';
import type { RunState } from '../state.ts';

export interface ClaimEvidence {
  readonly specs: readonly CheckSpec[];
  readonly baseline: readonly CheckResult[];
  /** On the change; empty where it was not checked. */
  readonly checks: readonly CheckResult[];
  readonly change: Pick<Change, 'files' | 'fileCount' | 'addedLines' | 'removedLines'> | null;
  /** Tests the base does not have and that pass; null where nobody counted them. */
  readonly newTests: number | null;
}

/** Of the newest iteration that was judged. */
export function claimEvidenceOf(state: RunState): ClaimEvidence {
  const judged = state.iterations.findLast(({ verdict }) => verdict !== null);
  const redFirst = state.experiments.findLast((one) => one.kind === 'red-first' && one.iteration === judged?.number);
  return {
    specs: state.policy.checks,
    baseline: state.baseline,
    checks: judged?.checks ?? [],
    change: judged?.change ?? null,
    newTests: redFirst?.kind === 'red-first' ? redFirst.newTests : null,
  };
}

export type CheckFamily = 'tests' | 'lint' | 'build' | 'types';

const WORDS: Readonly<Record<CheckFamily, RegExp>> = {
  tests: /\b(?:tests?|unit|specs?|pytest|jest|vitest|mocha|rspec|phpunit|unittest|ctest|tox)\b/i,
  lint: /\b(?:lint\w*|eslint|oxlint|ruff|flake8|pylint|clippy|rubocop|stylelint|golangci-lint|prettier|biome)\b/i,
  build: /\b(?:build|compile|make|webpack|vite|tsc)\b/i,
  types: /\b(?:type-?check|types|tsc|mypy|pyright)\b/i,
};

/** By the format of the report, and where that is an exit code alone by its name and command. */
function isOf(family: CheckFamily, spec: CheckSpec): boolean {
  const tests = TEST_REPORT_FORMATS.some((format) => format === spec.report);
  if (family === 'tests' && tests) return true;
  const finds = FINDING_REPORT_FORMATS.some((format) => format === spec.report);
  const said = WORDS[family].test(spec.id) || WORDS[family].test(spec.run);
  return said && !tests && (family !== 'tests' || !finds);
}

/** Of the change, those whose kind it is. */
export function checksOf(family: CheckFamily, { specs, checks }: ClaimEvidence): readonly CheckResult[] {
  const ids = new Set(specs.filter((spec) => isOf(family, spec)).map(({ id }) => id));
  return checks.filter(({ checkId }) => ids.has(checkId));
}

export function namesTests({ report }: Pick<CheckResult, 'report'>): boolean {
  return TEST_REPORT_FORMATS.some((format) => format === report);
}

/** Ids of tests that were red on the base and are green now; the check itself where it has none. */
export function turnedGreen({ checks, baseline }: ClaimEvidence): readonly string[] {
  return checks.flatMap(({ checkId, conclusion, fixed }) => {
    if (fixed.length > 0) return fixed;
    const before = baseline.find((one) => one.checkId === checkId);
    return before?.conclusion === 'failure' && conclusion === 'success' ? [checkId] : [];
  });
}
