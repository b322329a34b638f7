/** What a call that is over used, and how sure that is. Pure. */
import { NO_TOKENS, totalTokens } from '../core/spend.ts';
import type { ChargeBasis, PriceTerms, TokenUsage } from '../core/spend.ts';
import type { Amount } from '../ports/ledger.ts';
import type { Metered } from './dialects/dialect.ts';
import { MOST_BYTES_PER_TOKEN } from './input-bound.ts';

export interface Answered {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** Whether the vendor may have read the whole request. */
  readonly sent: boolean;
  /** null where there was nothing to meter. */
  readonly metered: Metered | null;
  readonly held: Amount;
  /** What the request may hold at most, tokens; part of what is held. */
  readonly inputTokens: number;
  /** Length of the request as it was sent. */
  readonly requestBytes: number;
  /** Images, audio and documents in it: bytes say little about their tokens. */
  readonly mediaParts: number;
}

export interface Used {
  readonly usage: TokenUsage;
  /** `estimated`: the whole hold is to be charged, whatever a sum over `usage` would say. */
  readonly basis: Extract<ChargeBasis, 'metered' | 'estimated'>;
}

/** Every token that is held, so that the log counts what the ledger charges. */
export function wholeHold({ held, inputTokens }: Pick<Answered, 'held' | 'inputTokens'>): TokenUsage {
  return { ...NO_TOKENS, inputTokens, outputTokens: Math.max(0, held.tokens - inputTokens) };
}

/**
 * Whether a call of these bytes can have used so little. It catches a vendor that claims nothing or next to nothing; one that
 * claims less than it bills within this range cannot be told from outside.
 */
function isEnough(usage: TokenUsage, { requestBytes, mediaParts }: Answered, contentBytes: number): boolean {
  const inputTokens = totalTokens(usage) - usage.outputTokens;
  const input = mediaParts > 0 ? inputTokens > 0 : inputTokens * MOST_BYTES_PER_TOKEN >= requestBytes;
  return input && usage.outputTokens * MOST_BYTES_PER_TOKEN >= contentBytes;
}

/**
 * - Vendors do not bill a request they answer with an error status, nor one that never reached them.
 * - Usage said last, by an answer that says it is over, is the truth, whoever closed the connection after that.
 * - Of anything else the whole hold is charged. Bytes that were seen bound nothing: reasoning is billed and often not shown, and
 *   a vendor goes on for as long as it takes to notice that nobody listens. Only the limit it was sent bounds what it bills
 *   (docs/decisions/0012).
 */
export function usedBy(answered: Answered): Used {
  const { status, sent, metered } = answered;
  if (status === null ? !sent : status >= 400) return { usage: NO_TOKENS, basis: 'metered' };
  const usage = metered?.final === true ? metered.usage : null;
  if (usage !== null && isEnough(usage, answered, metered?.contentBytes ?? 0)) return { usage, basis: 'metered' };
  return { usage: wholeHold(answered), basis: 'estimated' };
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
