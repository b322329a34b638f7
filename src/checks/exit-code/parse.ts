/** The exit of a command as a result. It counts as one: nothing is known about what the command examined. */
import type { Interpretation } from '../../core/check.ts';
import type { CheckEvidence } from '../../ports/check.ts';
import { CANNOT_EXECUTE, concludeEnd, concludeWithoutReport } from '../conclude.ts';
import { cleanName } from '../excerpt.ts';

/** Says in every summary that no test was counted. */
const LABEL = 'counted as one command, no tests';

export function readExit(evidence: CheckEvidence): Interpretation {
  const { end } = evidence;
  const ended = concludeEnd(evidence);
  if (ended !== null) return ended;
  const counted = { counted: 1, skipped: 0, tests: [] };
  if (end.kind === 'signalled') {
    const summary = `ended by ${cleanName(end.signal)} (${LABEL}).`;
    return { ...counted, conclusion: 'failure', failed: 1, summary };
  }
  if (end.kind === 'exited' && end.code === 0) {
    return { ...counted, conclusion: 'success', failed: 0, summary: `exit code 0 (${LABEL}).` };
  }
  if (end.kind === 'exited' && !CANNOT_EXECUTE.includes(end.code)) {
    return { ...counted, conclusion: 'failure', failed: 1, summary: `exit code ${end.code} (${LABEL}).` };
  }
  return concludeWithoutReport(end, 'The command did not run');
}
