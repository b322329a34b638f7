/** What an agent says its turn came to (done, blocked, impossible), held against what was measured of it. Pure. */
import type { CheckResult } from '../check.ts';
import type { AgentClaim } from '../event.ts';
import type { Iteration } from '../state.ts';
import { resultWords } from './claim-rules.ts';
import type { WeighedWords } from './claim-rules.ts';

/** null for a message that says neither, which is read sentence by sentence. */
export interface WeighedClaim {
  readonly iteration: number;
  readonly kind: AgentClaim['kind'];
  readonly text: string;
  readonly proof: WeighedWords['proof'] | null;
  /** What was seen, or that nothing was; names checks and tests, so it is text from outside. */
  readonly seen: string;
}

function seenOf({ change, checks }: Iteration): string {
  if (change?.fileCount === 0) return 'nothing was changed';
  return checks.length === 0 ? 'no check ran on it' : resultWords(checks);
}

function isRed({ conclusion, counted }: CheckResult): boolean {
  return conclusion !== 'success' || counted === 0;
}

function proofOf({ kind }: AgentClaim, { change, checks, verdict }: Iteration): WeighedClaim['proof'] {
  if (kind === 'message') return null;
  if (verdict === null) return 'unproven';
  const passed = verdict.kind === 'accept' || verdict.kind === 'hold';
  if (kind !== 'done') return passed ? 'contradicted' : 'unproven';
  if (passed) return 'proven';
  // Not accepted, and yet nothing red: what kept it back speaks of no check.
  return change?.fileCount === 0 || checks.some(isRed) ? 'contradicted' : 'unproven';
}

export function weighClaim(claim: AgentClaim, iteration: Iteration): WeighedClaim {
  const { kind, text } = claim;
  return { iteration: iteration.number, kind, text, proof: proofOf(claim, iteration), seen: seenOf(iteration) };
}
