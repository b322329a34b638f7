/** Model calls, quotas and spend in words. May hold text from outside: neutralise it before showing it. */
import type { ModelEvent, QuotaWait } from '../core/model-event.ts';
import { totalTokens, usdOf } from '../core/spend.ts';
import type { ChargeBasis } from '../core/spend.ts';
import { breachWords, limitValue } from './phrases.ts';
import { count, duration, integer, money, some, utc } from './words.ts';

type Of<T extends ModelEvent['type']> = Extract<ModelEvent, { type: T }>;

const BASIS_WORDS: Readonly<Record<ChargeBasis, string>> = {
  metered: '',
  estimated: ', estimated',
  capped: ', capped at what was held: the vendor claims more',
  expired: ', never settled: the whole hold counts as spent',
};

const END_WORDS: Readonly<Record<Of<'model.called'>['end'], string>> = {
  complete: '',
  'agent-left': ', the agent left before the end',
  stopped: ', cut because the turn was over',
  'vendor-cut': ', cut by the vendor',
  unreachable: ', no answer came',
};

export function callCost(call: Pick<Of<'model.called'>, 'costNanoUsd' | 'prices' | 'basis' | 'replayed'>): string {
  if (call.replayed) return `${money(usdOf(call.costNanoUsd))} when it was recorded, nothing now`;
  const cost = call.prices === null ? 'no price known' : money(usdOf(call.costNanoUsd));
  return `${cost}${BASIS_WORDS[call.basis]}`;
}

export function callWords(call: Of<'model.called'>): string {
  const status = call.status === null || call.status === 200 ? '' : `, status ${call.status}`;
  const limit =
    call.outputLimit === call.askedOutputLimit || call.outputLimit === null
      ? ''
      : `, answer limited to ${count(call.outputLimit, 'token')}`;
  const problem = call.problem === null ? '' : `: ${call.problem}`;
  const tokens = count(totalTokens(call.usage), 'token');
  const tools = call.tools.length === 0 ? '' : `, calls ${some([...new Set(call.tools.map(({ name }) => name))], 3)}`;
  return `${call.model} at ${call.provider}: ${tokens}, ${callCost(call)}, ${duration(call.wallTimeMs)}${status}${limit}${tools}${END_WORDS[call.end]}${problem}`;
}

export function refusalWords({ kind, model, message, breach }: Of<'model.refused'>): string {
  const which = model === null ? 'a call' : `a call of ${model}`;
  return `${which} was refused (${kind}): ${breach === null ? message : breachWords(breach)}`;
}

/** When calls are taken again, and whether that is said at all. */
export function quotaWords({ provider, until }: Pick<QuotaWait, 'provider' | 'until'>): string {
  return until === null
    ? `${provider} turns calls away and does not say until when`
    : `${provider} turns calls away until ${utc(until)}`;
}

export function raiseWords({ limit, ceiling, by }: Of<'limit.raised'>): string {
  return `${by} raised the limit on ${limit === 'costUsd' ? 'cost' : limit} to ${limitValue(limit, ceiling)}`;
}

export function recoveredWords({ costNanoUsd, tokens, basis }: Of<'charge.recovered'>): string {
  return `a call whose supervisor died: up to ${money(usdOf(costNanoUsd))}, ${integer(tokens)} tokens${BASIS_WORDS[basis]}`;
}

export function claimedWords(
  claimed: Pick<Of<'usage.claimed'>, 'inputTokens' | 'outputTokens' | 'costNanoUsd'>,
): string {
  const cost = claimed.costNanoUsd === null ? '' : `, ${money(usdOf(claimed.costNanoUsd))}`;
  return `${integer(claimed.inputTokens)} tokens in, ${integer(claimed.outputTokens)} out${cost}, as the agent says`;
}
