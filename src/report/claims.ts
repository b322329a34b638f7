/** What the agent said, held against what was measured. */
import type { AgentClaim } from '../core/event.ts';
import type { Iteration } from '../core/state.ts';
import { conclusionWord } from './phrases.ts';

/** `said`: nothing measured speaks for or against it. */
export type ClaimStanding = 'agrees' | 'contradicted' | 'said';

export interface WeighedClaim {
  readonly iteration: number;
  readonly kind: AgentClaim['kind'];
  readonly text: string;
  readonly standing: ClaimStanding;
  /** What was measured, in one sentence; names checks and tests, so it is text from outside. */
  readonly measured: string;
}

function measuredWords(iteration: Iteration): string {
  if (iteration.change?.fileCount === 0) return 'nothing was changed';
  if (iteration.checks.length === 0) return 'no check ran on it';
  return iteration.checks
    .map(({ checkId, conclusion, summary }) => `${checkId} is ${conclusionWord(conclusion)} (${summary})`)
    .join('; ');
}

function standingOf(claim: AgentClaim, iteration: Iteration): ClaimStanding {
  if (iteration.verdict === null || claim.kind === 'message') return 'said';
  const { kind } = iteration.verdict;
  const holds = kind === 'accept' || kind === 'hold';
  if (claim.kind === 'done') return holds ? 'agrees' : 'contradicted';
  return holds ? 'contradicted' : 'said';
}

export function weighClaim(claim: AgentClaim, iteration: Iteration): WeighedClaim {
  return {
    iteration: iteration.number,
    kind: claim.kind,
    text: claim.text,
    standing: standingOf(claim, iteration),
    measured: measuredWords(iteration),
  };
}
