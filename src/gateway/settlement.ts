/** What a call that is over used, what that costs, and how sure that is. Pure. */
import type { CallEnd } from '../core/model-event.ts';
import { NO_TOKENS } from '../core/spend.ts';
import type { ChargeBasis, PriceTerms, TokenUsage } from '../core/spend.ts';
import type { Metered } from './dialects/dialect.ts';

/**
 * Bytes of an answer for each token of it, where nobody said how many tokens it was. Measured on agents' answers: 3 to 4.7;
 * fewer bytes give more tokens, and an estimate must rather be too high.
 */
const BYTES_PER_TOKEN = 2.5;

export interface Answered {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  readonly end: CallEnd;
  /** Whether the vendor may have read the whole request. */
  readonly sent: boolean;
  /** null where there was nothing to meter. */
  readonly metered: Metered | null;
  /** What the request may hold at most, tokens. */
  readonly inputTokens: number;
}

export interface Used {
  readonly usage: TokenUsage;
  readonly basis: Extract<ChargeBasis, 'metered' | 'estimated'>;
}

/** The part of the answer that was seen, counted too high rather than too low. */
function estimatedOutput(metered: Metered): number {
  const said = metered.usage?.outputTokens ?? 0;
  return Math.max(said, Math.ceil(metered.contentBytes / BYTES_PER_TOKEN));
}

/**
 * - Vendors do not bill a request they answer with an error status, nor one that never reached them.
 * - Usage said last, at the end of a whole answer, is the truth. Anything short of it is estimated: what was said of the
 *   input (or else all the request may hold), and what was seen of the output.
 */
export function usedBy({ status, end, sent, metered, inputTokens }: Answered): Used {
  if (status !== null && status >= 400) return { usage: NO_TOKENS, basis: 'metered' };
  if (status === null)
    return { usage: sent ? { ...NO_TOKENS, inputTokens } : NO_TOKENS, basis: sent ? 'estimated' : 'metered' };
  if (metered === null) return { usage: { ...NO_TOKENS, inputTokens }, basis: 'estimated' };
  if (metered.usage !== null && metered.final && end === 'complete') return { usage: metered.usage, basis: 'metered' };
  const outputTokens = estimatedOutput(metered);
  const usage = metered.usage ?? { ...NO_TOKENS, inputTokens };
  return { usage: { ...usage, outputTokens }, basis: 'estimated' };
}

/** As the vendor says it was served; where it says nothing, as it was asked for. */
export function servedTerms(asked: PriceTerms, served: PriceTerms | null): PriceTerms {
  if (served === null) return asked;
  return {
    serviceTier: served.serviceTier ?? asked.serviceTier,
    fast: served.fast || asked.fast,
    geography: served.geography ?? asked.geography,
  };
}
