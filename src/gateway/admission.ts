/**
 * Whether a call may go on, with how long an answer, and what is held for it. One at a time for a run: two calls that look
 * at the same balance would both think that there is room.
 */
import type { LimitBreach } from '../core/limit.ts';
import type { Amount, Balance, HoldAnswer, Ledger, Scope } from '../ports/ledger.ts';
import type { Lease } from '../ports/store.ts';
import { breachOf } from './scopes.ts';

/** What a call needs, as far as its request tells. */
export interface Demand {
  readonly callId: string;
  /** Upper bound, tokens. */
  readonly inputTokens: number;
  /** Longest answer that was asked for, or that any model gives where none was; tokens, of each choice. */
  readonly wantedOutputTokens: number;
  /** Shortest answer that is worth a call, of each choice. */
  readonly leastOutputTokens: number;
  readonly choices: number;
  /** Worst case in nano-dollars for this much output over all choices; null where the model has no price and none is needed. */
  readonly worst: ((outputTokens: number) => number) | null;
  /** Most output over all choices whose worst case fits into these nano-dollars. Only asked where `worst` is not null. */
  readonly outputWithin: (nanoUsd: number) => number;
}

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly outputTokens: number;
      readonly held: Amount;
      /** The ceiling that left less room than was wanted; null where the whole answer fits. */
      readonly lowered: LimitBreach | null;
    }
  | { readonly kind: 'refused'; readonly breach: LimitBreach }
  /** Whoever waited for room is gone. */
  | { readonly kind: 'abandoned' };

export interface AdmissionContext {
  readonly ledger: Ledger;
  readonly lease: Lease;
  readonly scopes: () => readonly Scope[];
  /** Resolves when room may have come free, or after a while: other supervisors free it without telling. */
  readonly roomChanged: (signal: AbortSignal) => Promise<void>;
  /** After this long a hold counts as spent, milliseconds. */
  readonly holdMs: number;
}

function amountFor(demand: Demand, outputTokens: number): Amount {
  const all = outputTokens * demand.choices;
  return { nanoUsd: demand.worst === null ? 0 : demand.worst(all), tokens: demand.inputTokens + all };
}

/** Longest answer of each choice that fits into what one scope has left. */
function outputThatFits(demand: Demand, { left }: Balance): number {
  const byTokens = left.tokens === 'unlimited' ? Number.POSITIVE_INFINITY : left.tokens - demand.inputTokens;
  const byMoney =
    left.nanoUsd === 'unlimited' || demand.worst === null
      ? Number.POSITIVE_INFINITY
      : demand.outputWithin(left.nanoUsd);
  return Math.floor(Math.min(byTokens, byMoney) / demand.choices);
}

type Weighed =
  | { readonly kind: 'fits'; readonly outputTokens: number; readonly lowered: LimitBreach | null }
  | { readonly kind: 'short'; readonly balance: Balance; readonly unit: keyof Amount };

/** The scope with the least room decides. */
function weigh(demand: Demand, balances: readonly Balance[]): Weighed {
  const least = Math.min(demand.wantedOutputTokens, demand.leastOutputTokens);
  let outputTokens = demand.wantedOutputTokens;
  let lowered: LimitBreach | null = null;
  for (const balance of balances) {
    const fits = outputThatFits(demand, balance);
    if (fits < least || !fitsMoney(demand, balance, least)) {
      return { kind: 'short', balance, unit: fitsMoney(demand, balance, least) ? 'tokens' : 'nanoUsd' };
    }
    if (fits >= outputTokens) continue;
    outputTokens = fits;
    const wanted = amountFor(demand, demand.wantedOutputTokens);
    lowered = breachOf(balance, fitsMoney(demand, balance, demand.wantedOutputTokens) ? 'tokens' : 'nanoUsd', wanted);
  }
  return { kind: 'fits', outputTokens, lowered };
}

/** `outputWithin` is 0 for input that does not fit as well as for input that just fits. */
function fitsMoney(demand: Demand, { left }: Balance, outputTokens: number): boolean {
  return left.nanoUsd === 'unlimited' || amountFor(demand, outputTokens).nanoUsd <= left.nanoUsd;
}

function isHeld({ held }: Balance): boolean {
  return held.nanoUsd > 0 || held.tokens > 0;
}

/** Far from every ceiling the whole answer fits, and the ledger's own word is all that is needed; null where it does not. */
async function admitWhole(context: AdmissionContext, demand: Demand): Promise<Admission | null> {
  const { ledger, lease, holdMs } = context;
  const outputTokens = demand.wantedOutputTokens;
  const amount = amountFor(demand, outputTokens);
  const answer = await ledger.hold({ callId: demand.callId, lease, scopes: context.scopes(), amount, holdMs });
  return answer.kind === 'held' ? { kind: 'admitted', outputTokens, held: amount, lowered: null } : null;
}

/**
 * Holds the worst case of the call with the longest answer that fits, or waits while others hold what it needs. Refused only
 * where nobody holds anything that could come free. Rejects as the ledger does: no ledger, no call.
 */
async function admit(context: AdmissionContext, demand: Demand, gone: AbortSignal): Promise<Admission> {
  const { ledger, lease, holdMs } = context;
  if (gone.aborted) return { kind: 'abandoned' };
  const whole = await admitWhole(context, demand);
  if (whole !== null) return whole;
  const needed = amountFor(demand, Math.min(demand.wantedOutputTokens, demand.leastOutputTokens));
  while (!gone.aborted) {
    const scopes = context.scopes();
    const weighed = weigh(demand, await ledger.balances(scopes));
    if (weighed.kind === 'fits') {
      const amount = amountFor(demand, weighed.outputTokens);
      const answer: HoldAnswer = await ledger.hold({ callId: demand.callId, lease, scopes, amount, holdMs });
      const { outputTokens, lowered } = weighed;
      if (answer.kind === 'held') return { kind: 'admitted', outputTokens, held: amount, lowered };
      const again = weigh(demand, [answer.balance]);
      if (again.kind === 'fits' && again.outputTokens >= outputTokens) {
        // Room by this arithmetic and none by the ledger's own: without a ceiling it stops at what numbers count exactly.
        return { kind: 'refused', breach: breachOf(answer.balance, answer.unit, amount) };
      }
      // Another supervisor was faster: what it left is looked at anew.
      continue;
    }
    if (!isHeld(weighed.balance)) return { kind: 'refused', breach: breachOf(weighed.balance, weighed.unit, needed) };
    await context.roomChanged(gone);
  }
  return { kind: 'abandoned' };
}

export type Admit = (demand: Demand, gone: AbortSignal) => Promise<Admission>;

/** In the order they came. */
export function createAdmission(context: AdmissionContext): Admit {
  let queue: Promise<unknown> = Promise.resolve();
  return (demand, gone) => {
    const admission = queue.then(() => admit(context, demand, gone));
    // A call that was turned away by an error must not turn away the next one.
    queue = admission.catch(() => undefined);
    return admission;
  };
}
