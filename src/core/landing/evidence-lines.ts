/** What was measured of a change, a sentence each, for a commit message. May name tests, so it is text from outside. Pure. */
import type { CheckResult } from '../check.ts';
import type { RunState } from '../state.ts';
import { claimEvidenceOf, namesTests, turnedGreen } from './claim-evidence.ts';

const MOST_NAMES = 3;

function standing(result: CheckResult): string {
  const { conclusion, counted, failed } = result;
  const word = {
    success: 'green',
    failure: 'red',
    timed_out: 'timed out',
    inconclusive: 'inconclusive',
    unrunnable: 'cannot run',
  };
  return namesTests(result) ? `${word[conclusion]} (${counted} counted, ${failed} failed)` : word[conclusion];
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

export function evidenceLines(state: RunState): readonly string[] {
  const evidence = claimEvidenceOf(state);
  const checks = evidence.checks.map((now) => {
    const base = evidence.baseline.find(({ checkId }) => checkId === now.checkId);
    return `${now.checkId}: ${base === undefined ? 'not run' : standing(base)} on the base, ${standing(now)} on the change`;
  });
  const turned = turnedGreen(evidence).filter((name) => !evidence.checks.some(({ checkId }) => checkId === name));
  const counted = state.approvals.filter(({ decision, expired }) => decision === 'approved' && expired !== true);
  const approvers = [...new Set(counted.map(({ by }) => by))];
  return [
    ...checks,
    ...(turned.length === 0 ? [] : [`turned green: ${some(turned)}`]),
    ...(approvers.length === 0 ? [] : [`approved by ${some(approvers)}`]),
  ];
}
