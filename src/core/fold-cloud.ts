/** What the events of an agent in a vendor's cloud do to the state. Part of `evolve`; pure. */
import type { ClaimedSpend, CloudEvent, CloudFacts, CloudSession, OfferedBranch } from './cloud-event.ts';
import type { RunState } from './state.ts';

export interface CloudSessionState extends CloudSession {
  /** The newest iteration whose prompt it got. */
  readonly iteration: number;
  readonly ended: boolean;
  /** As the vendor said last; null where it said nothing. */
  readonly spend: ClaimedSpend | null;
}

export interface CloudState extends CloudFacts {
  /** In the order they were first asked. */
  readonly sessions: readonly CloudSessionState[];
  readonly branches: readonly (OfferedBranch & { readonly iteration: number })[];
}

type Of<T extends CloudEvent['type']> = Extract<CloudEvent, { type: T }>;

function update(state: RunState, patch: (cloud: CloudState) => Partial<CloudState>): RunState {
  return state.cloud === null ? state : { ...state, cloud: { ...state.cloud, ...patch(state.cloud) } };
}

function updateSession(state: RunState, id: string, patch: Partial<CloudSessionState>): RunState {
  return update(state, ({ sessions }) => ({
    sessions: sessions.map((session) => (session.id === id ? { ...session, ...patch } : session)),
  }));
}

function asked(state: RunState, { iteration, vendor, id, url }: Of<'session.asked'>): RunState {
  if (state.cloud?.sessions.some((session) => session.id === id) === true) {
    return updateSession(state, id, { iteration });
  }
  const session = { vendor, id, url, iteration, ended: false, spend: null };
  return update(state, ({ sessions }) => ({ sessions: [...sessions, session] }));
}

/** One entry per event, so that the compiler refuses a forgotten one. */
export const CLOUD_FOLDS: { readonly [T in CloudEvent['type']]: (state: RunState, event: Of<T>) => RunState } = {
  'session.asked': asked,
  'session.ended': (state, { id, how }) => updateSession(state, id, { ended: how === 'terminated' }),
  'branch.offered': (state, { iteration, remote, ref, commit }) =>
    update(state, ({ branches }) => ({ branches: [...branches, { iteration, remote, ref, commit }] })),
  'spend.claimed': (state, { id, unit, amount }) => updateSession(state, id, { spend: { unit, amount } }),
};

/** What the vendor says all sessions cost, by unit. */
export function claimedSpend(cloud: CloudState): readonly ClaimedSpend[] {
  const amounts = new Map<string, number>();
  for (const { spend } of cloud.sessions) {
    if (spend !== null) amounts.set(spend.unit, (amounts.get(spend.unit) ?? 0) + spend.amount);
  }
  return [...amounts].map(([unit, amount]) => ({ unit, amount }));
}

/** What an iteration is judged by: the branch it offered, else the newest one before it. */
export function branchOf(cloud: CloudState): OfferedBranch | null {
  const newest = cloud.branches.at(-1);
  return newest === undefined ? null : { remote: newest.remote, ref: newest.ref, commit: newest.commit };
}
