/**
 * What the events of one turn told so far. Each agent folds its own events into it; a field that is not what it was when
 * this was written counts as absent, so that a new version of an agent breaks nothing.
 */
import { nanoUsd } from '../core/spend.ts';
import type { ClaimedUsage } from '../core/state.ts';
import type { AgentEvent } from './event-lines.ts';

export interface Told {
  /** By which a later turn can go on with the conversation. */
  readonly sessionId: string | null;
  /** Its last words. */
  readonly text: string | null;
  readonly usage: ClaimedUsage | null;
  /** Why it says that it failed. */
  readonly failure: string | null;
  /** It said that its turn is over: nothing of worth comes after. */
  readonly settled: boolean;
}

export const NOTHING_TOLD: Told = { sessionId: null, text: null, usage: null, failure: null, settled: false };

/** Pure, and total over whatever an agent may print. */
export type FoldEvent = (told: Told, event: AgentEvent) => Told;

export function fields(value: unknown): AgentEvent {
  return typeof value === 'object' && value !== null ? (value as AgentEvent) : {};
}

export function items(value: unknown): readonly AgentEvent[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** null for what is no text, or an empty one. */
export function words(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Tokens: what is no whole number of them counts as none. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

/** Whole nano-dollars, or null where no cost is named. */
export function cost(usd: unknown): number | null {
  return typeof usd === 'number' && usd >= 0 && usd <= 1e6 ? nanoUsd(usd) : null;
}

/** The text blocks of a message, or null where it has none. */
export function textOf(content: unknown): string | null {
  if (typeof content === 'string') return words(content);
  const blocks = items(content).map((block) => (block['type'] === 'text' ? words(block['text']) : null));
  return words(blocks.filter((text) => text !== null).join('\n'));
}

export function addUsage(before: ClaimedUsage | null, more: ClaimedUsage): ClaimedUsage {
  const costs = [before?.costNanoUsd ?? null, more.costNanoUsd].filter((one) => one !== null);
  return {
    inputTokens: (before?.inputTokens ?? 0) + more.inputTokens,
    outputTokens: (before?.outputTokens ?? 0) + more.outputTokens,
    costNanoUsd: costs.length === 0 ? null : costs.reduce((sum, one) => sum + one, 0),
  };
}

/** What came on top, of totals that only grow. A total that shrank belongs to another conversation and stands alone. */
export function usageSince(before: ClaimedUsage, total: ClaimedUsage): ClaimedUsage {
  const since = (was: number, is: number): number => (is >= was ? is - was : is);
  return {
    inputTokens: since(before.inputTokens, total.inputTokens),
    outputTokens: since(before.outputTokens, total.outputTokens),
    costNanoUsd: total.costNanoUsd === null ? null : since(before.costNanoUsd ?? 0, total.costNanoUsd),
  };
}
