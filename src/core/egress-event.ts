/** What the log keeps of attempts to reach the network, and their fold. Bounded: a flood of attempts is counted, not listed. */
import type { RunState } from './state.ts';

/** One kind of attempt: everything but how often and how much. */
export interface EgressRoute {
  /** As asked for, where that is the name of a host; else in quotes what was asked for, shortened. */
  readonly host: string;
  readonly port: number | null;
  /** `CONNECT` where the proxy sees no requests; null where it did not come to a method. */
  readonly method: string | null;
  readonly allowed: boolean;
  /** The rule that allows it; null where none does. */
  readonly rule: string | null;
  /** Why it was refused, in words; null where it was allowed. */
  readonly why: string | null;
}

export interface EgressCount extends EgressRoute {
  readonly attempts: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Kinds of attempts that are named, over a whole run; the rest is counted as one. */
export const MAX_EGRESS_ROUTES = 200;

export type EgressEvent =
  /** The first of its kind in an iteration; written before anything leaves. */
  | ({ readonly type: 'egress.attempted'; readonly iteration: number } & EgressRoute)
  /** What came of all since the last such event. `unnamed`: attempts of kinds beyond `MAX_EGRESS_ROUTES`. */
  | {
      readonly type: 'egress.counted';
      readonly iteration: number;
      readonly routes: readonly EgressCount[];
      readonly unnamed: number;
    };

/** What a run did with the network so far. */
export interface EgressUse {
  readonly routes: readonly EgressCount[];
  readonly unnamed: number;
}

export const NO_EGRESS: EgressUse = { routes: [], unnamed: 0 };

export function egressBytesOf({ routes }: EgressUse): number {
  return routes.reduce((sum, { sentBytes, receivedBytes }) => sum + sentBytes + receivedBytes, 0);
}

export function sameRoute(a: EgressRoute, b: EgressRoute): boolean {
  return (
    a.host === b.host &&
    a.port === b.port &&
    a.method === b.method &&
    a.allowed === b.allowed &&
    a.rule === b.rule &&
    a.why === b.why
  );
}

/** Adds counts to what there is; one kind once. */
function merge(routes: readonly EgressCount[], more: readonly EgressCount[]): readonly EgressCount[] {
  const merged = [...routes];
  for (const one of more) {
    const at = merged.findIndex((other) => sameRoute(one, other));
    const before = merged[at];
    if (before === undefined) merged.push(one);
    else
      merged[at] = {
        ...before,
        attempts: before.attempts + one.attempts,
        sentBytes: before.sentBytes + one.sentBytes,
        receivedBytes: before.receivedBytes + one.receivedBytes,
      };
  }
  return merged;
}

type Of<T extends EgressEvent['type']> = Extract<EgressEvent, { type: T }>;

/** Part of `evolve`. An attempt whose count never came (its supervisor died) stays named, with none counted. */
export const EGRESS_FOLDS: { readonly [T in EgressEvent['type']]: (state: RunState, event: Of<T>) => RunState } = {
  'egress.attempted': (state, { type: _type, iteration: _iteration, host, port, method, allowed, rule, why }) => {
    const none = { host, port, method, allowed, rule, why, attempts: 0, sentBytes: 0, receivedBytes: 0 };
    return { ...state, egress: { ...state.egress, routes: merge(state.egress.routes, [none]) } };
  },
  'egress.counted': (state, { routes, unnamed }) => ({
    ...state,
    egress: { routes: merge(state.egress.routes, routes), unnamed: state.egress.unnamed + unnamed },
  }),
};
