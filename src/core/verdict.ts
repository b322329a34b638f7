import type { StopReason } from './stop-reason.ts';

/** Judgement on an iteration (or, for iteration 0, on the baseline), with reasons in words. */
export type Verdict =
  | { readonly kind: 'accept'; readonly reasons: readonly string[] }
  | { readonly kind: 'hold'; readonly reasons: readonly string[]; readonly zones: readonly string[] }
  | { readonly kind: 'continue'; readonly reasons: readonly string[] }
  | { readonly kind: 'stop'; readonly reasons: readonly string[]; readonly stopReason: StopReason };
