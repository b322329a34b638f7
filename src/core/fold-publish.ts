/** What publishing does to the state. Part of `evolve`; pure. */
import { contradiction, refuseUnless } from './contradiction.ts';
import type {
  PublishEvent,
  PublishHeld,
  PublishIntent,
  RequestState,
  TargetChecked,
  Withdrawal,
  WithdrawMode,
} from './publish-event.ts';
import type { RunState } from './state.ts';

/** A request on the forge; `state` is what was seen last. */
export interface PublishedRequest {
  readonly number: number;
  readonly url: string;
  readonly state: RequestState;
  /** On the target; as git shows. */
  readonly mergeCommit: string | null;
}

/** Where the change is on a forge. */
export interface Publication {
  /** The newest intent: what to look for on the forge, whether or not it came to its end. */
  readonly intent: PublishIntent | null;
  /** null while the newest intent has no end. */
  readonly request: PublishedRequest | null;
  /** A merge that was begun and whose end nobody recorded. */
  readonly merging: boolean;
  /** Why it was not published or merged the last time; null once that has another end. */
  readonly held: PublishHeld | null;
  readonly checked: TargetChecked | null;
  /** Begun, and its end not recorded. */
  readonly withdrawing: Withdrawal | null;
  readonly withdrawn: Withdrawn | null;
}

/** Taken back on the forge, until it is published once more. */
export interface Withdrawn {
  readonly mode: WithdrawMode;
  readonly evidence: string;
  /** A redo brought the result back here since. */
  readonly broughtBack: boolean;
}

export const NOT_PUBLISHED: Publication = {
  intent: null,
  request: null,
  merging: false,
  held: null,
  checked: null,
  withdrawing: null,
  withdrawn: null,
};

/** Whether anything of the run may be on the forge now. */
export function isPublished({ intent, withdrawn }: Publication): boolean {
  return intent !== null && withdrawn === null;
}

type Of<T extends PublishEvent['type']> = Extract<PublishEvent, { type: T }> & { readonly seq: number };

function update(state: RunState, patch: Partial<Publication>): RunState {
  return { ...state, publication: { ...state.publication, ...patch } };
}

/** Only an accepted change that is not taken back is shown to anybody. */
function requireOffered(state: RunState, event: Of<PublishEvent['type']>): void {
  const untouched = state.undone === null && state.undoRequested === null;
  refuseUnless(state.stop?.reason === 'accepted' && untouched, 'nothing-to-land', event, event.type);
}

function updateRequest(state: RunState, event: Of<PublishEvent['type']>, patch: Partial<PublishedRequest>): RunState {
  const { request } = state.publication;
  if (request === null) throw contradiction('finish-without-request', event.seq, event.type);
  return update(state, { request: { ...request, ...patch }, merging: false });
}

/** All of it happens once the run is over: one entry per event, so that the compiler refuses a forgotten one. */
export const PUBLISH_FOLDS: {
  readonly [T in PublishEvent['type']]: (state: RunState, event: Of<T>) => RunState;
} = {
  'target.checked': (state, event) => {
    requireOffered(state, event);
    const { target, tip, commit, tree, checks, objections } = event;
    const checked = { target, tip, commit, tree, checks, objections };
    return update(state, objections.length === 0 ? { checked, held: null } : { checked });
  },
  'publish.held': (state, event) => {
    requireOffered(state, event);
    return update(state, { held: { why: event.why, detail: event.detail } });
  },
  'publish.requested': (state, event) => {
    requireOffered(state, event);
    const { forge, repository, remote, branch, target, commit, title } = event;
    const intent = { forge, repository, remote, branch, target, commit, title };
    const anew = { request: null, merging: false, held: null, withdrawing: null, withdrawn: null };
    return update(state, { intent, ...anew });
  },
  'publish.finished': (state, event) => {
    const { intent, request } = state.publication;
    refuseUnless(intent !== null && request === null, 'finish-without-request', event, event.type);
    const { number, url } = event;
    return update(state, { request: { number, url, state: 'open', mergeCommit: null } });
  },
  'request.seen': (state, event) => {
    const { state: seen, mergeCommit } = event;
    const next = updateRequest(state, event, { state: seen, mergeCommit });
    // What is not open any more waits for nothing.
    return seen === 'open' ? next : update(next, { held: null });
  },
  'merge.requested': (state, event) => {
    requireOffered(state, event);
    refuseUnless(state.publication.request?.state === 'open', 'finish-without-request', event, event.type);
    return update(state, { merging: true });
  },
  'merge.finished': (state, event) => {
    refuseUnless(state.publication.merging, 'finish-without-request', event, event.type);
    const next = updateRequest(state, event, { state: 'merged', mergeCommit: event.mergeCommit });
    return update(next, { held: null });
  },
  'withdrawal.requested': (state, event) => {
    refuseUnless(isPublished(state.publication), 'nothing-to-land', event, event.type);
    return update(state, { withdrawing: { mode: event.mode, commit: event.commit } });
  },
  'withdrawal.finished': (state, event) => {
    refuseUnless(state.publication.withdrawing !== null, 'finish-without-request', event, event.type);
    const { mode, evidence } = event;
    const { request: before } = state.publication;
    const request = before !== null && mode === 'closed' ? { ...before, state: mode } : before;
    return update(state, { request, held: null, withdrawing: null, withdrawn: { mode, evidence, broughtBack: false } });
  },
};
