/** How the server misbehaves, and from which call on. */
import type { TokenUsage } from '../../../src/core/spend.ts';

export type Behaviour =
  /** An error instead of an answer; nothing is billed. `resetMs`: when the vendor says quota is there again. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly message?: string;
      readonly resetMs?: number;
      /** Beside what the protocol sends of itself, and before it. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Waits before the headers and between events, milliseconds each. */
  | { readonly kind: 'delay'; readonly headersMs?: number; readonly eventMs?: number }
  /** Falls silent for good. */
  | { readonly kind: 'stall'; readonly after: 'request' | 'headers' | { readonly events: number } }
  /** Breaks off after so many events: `reset` tears the connection down, `end` closes it as if all were well. */
  | { readonly kind: 'cut'; readonly events: number; readonly how: 'reset' | 'end' }
  /** Reports an error inside a stream that began well, after so many events. */
  | { readonly kind: 'error-event'; readonly events: number; readonly message?: string }
  /** Sends bytes that are no event of the protocol, after so many events, and goes on. */
  | { readonly kind: 'garbage'; readonly events: number }
  /** Ends its answer for want of room after so many tokens, whatever the request's limit: as if somebody had lowered it. */
  | { readonly kind: 'shorten'; readonly tokens: number }
  /** Claims another usage than it bills: none at all, or whatever the function makes of the truth. */
  | { readonly kind: 'claim'; readonly usage: 'none' | ((truth: TokenUsage) => TokenUsage) };

export interface FromCall {
  /** First billed or refused call this holds for, counted from 1. */
  readonly from: number;
  /** Last one; without it, all that follow. */
  readonly to?: number;
  readonly behaviour: Behaviour;
}

/** Everything that holds for one call. Several kinds go together. */
export function behavioursOf(plan: readonly FromCall[], call: number): readonly Behaviour[] {
  return plan.filter(({ from, to = Infinity }) => call >= from && call <= to).map(({ behaviour }) => behaviour);
}

export function has<K extends Behaviour['kind']>(
  behaviours: readonly Behaviour[],
  kind: K,
): Extract<Behaviour, { kind: K }> | null {
  const found = behaviours.find((behaviour) => behaviour.kind === kind);
  return (found as Extract<Behaviour, { kind: K }> | undefined) ?? null;
}
