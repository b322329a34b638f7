/** The untouched base -> verdict: is the task well posed? Pure. */
import type { CheckResult } from './check.ts';
import type { BaselineRule } from './policy.ts';
import type { StopReason } from './stop-reason.ts';
import type { Verdict } from './verdict.ts';

function summaries(results: readonly CheckResult[]): readonly string[] {
  return results.map((check) => `${check.checkId}: ${check.summary}`);
}

function stop(stopReason: StopReason, results: readonly CheckResult[]): Verdict {
  return { kind: 'stop', stopReason, reasons: summaries(results) };
}

/**
 * Judges the untouched base before the first turn. `continue` means the task is well posed: there is something to
 * prove, and every check is able to prove it.
 *
 * Under `may-pass` a red check is no obstacle: where its report names tests they must not get worse, and where it has
 * an exit code only it has to turn green (a formatter's `--check` is the usual case).
 */
export function judgeBaseline(rule: BaselineRule, baseline: readonly CheckResult[]): Verdict {
  const broken = baseline.filter((check) => check.conclusion !== 'success' && check.conclusion !== 'failure');
  if (broken.length > 0) return stop('environment-broken', broken);
  const red = baseline.filter((check) => check.conclusion === 'failure');
  if (rule === 'must-fail') {
    if (red.length === 0) return stop('already-accepted', baseline);
    return { kind: 'continue', reasons: red.map((check) => `${check.checkId} is red on the base: ${check.summary}`) };
  }
  return { kind: 'continue', reasons: summaries(baseline) };
}
