/**
 * What the log keeps of a change that is shown to people on a forge. Every effect there has its intent before it, so that
 * whoever takes the run over knows what to look for before anything is done again.
 */
import type { CheckResult } from './check.ts';

export const FORGE_NAMES = ['github', 'gitlab'] as const;

export type ForgeName = (typeof FORGE_NAMES)[number];

/** `owner/name`, as forges name accounts, groups and repositories. A name that is all dots would be a path. */
export const FORGE_REPOSITORY: RegExp = /^(?:(?!\.+\/)[\w.-]{1,100}\/){1,20}(?!\.+$)[\w.-]{1,100}$/;

/** Of a request on the forge, as the forge says. */
export type RequestState = 'open' | 'closed' | 'merged';

/** What is about to be shown, and where. */
export interface PublishIntent {
  readonly forge: ForgeName;
  /** `owner/name` on that forge. */
  readonly repository: string;
  /** Address for git. No login in it. */
  readonly remote: string;
  /** Of the run's own; the only one that is ever pushed. */
  readonly branch: string;
  readonly target: string;
  /** The change with the message it is published with. */
  readonly commit: string;
  readonly title: string;
}

/**
 * Why an accepted change was not published. `open-requests`: its owner has enough to look at. `conflict`: the target moved and
 * both touch the same places. `red`: the acceptance does not hold on the merge result.
 */
export type HeldWhy = 'open-requests' | 'conflict' | 'red';

export interface PublishHeld {
  readonly why: HeldWhy;
  /** In words, with the values that decided. */
  readonly detail: string;
}

/** The acceptance on what the target would be with the change. */
export interface TargetChecked {
  readonly target: string;
  /** Where the target was. */
  readonly tip: string;
  /** The change. */
  readonly commit: string;
  /** Of the merge result. */
  readonly tree: string;
  /** Empty where the target has not moved since the base: the acceptance was on exactly that tree. */
  readonly checks: readonly CheckResult[];
  /** What stands against it; empty: green. */
  readonly objections: readonly string[];
}

/** `nothing`: there was no request and no branch. */
export type WithdrawMode = 'nothing' | 'closed' | 'revert-requested';

/** What is about to be taken back. */
export interface Withdrawal {
  readonly mode: WithdrawMode;
  /** The commit that reverts the change; null where none is needed. */
  readonly commit: string | null;
}

export type PublishEvent =
  | ({ readonly type: 'target.checked' } & TargetChecked)
  | ({ readonly type: 'publish.held' } & PublishHeld)
  | ({ readonly type: 'publish.requested' } & PublishIntent)
  | {
      readonly type: 'publish.finished';
      readonly number: number;
      readonly url: string;
      /** It was there already: made by a process that died before it could say so. */
      readonly found: boolean;
      /** Why our verdict could not be shown beside it; null where it is shown. */
      readonly unreported: string | null;
    }
  /** What became of the request on the forge. A merge counts only where git shows it. */
  | { readonly type: 'request.seen'; readonly state: RequestState; readonly mergeCommit: string | null }
  | { readonly type: 'merge.requested'; readonly number: number; readonly commit: string }
  | { readonly type: 'merge.finished'; readonly mergeCommit: string }
  | ({ readonly type: 'withdrawal.requested' } & Withdrawal)
  | { readonly type: 'withdrawal.finished'; readonly mode: WithdrawMode; readonly evidence: string };

export const PUBLISH_EVENT_MEANINGS: Readonly<Record<PublishEvent['type'], string>> = {
  'target.checked': 'The acceptance was tried on what the target branch would be with the change.',
  'publish.held': 'The change was not published, and why.',
  'publish.requested': 'The branch of the run is about to be pushed, and a request on the forge to be found or made.',
  'publish.finished': 'The request is on the forge.',
  'request.seen': 'What became of the request, as the forge says and git shows.',
  'merge.requested': 'The request is about to be merged.',
  'merge.finished': 'The target branch holds the change; git shows it.',
  'withdrawal.requested': 'The published change is about to be taken back.',
  'withdrawal.finished': 'The published change was taken back.',
};
