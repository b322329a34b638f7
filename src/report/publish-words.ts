/** Requests on a forge in words, for every screen and report. */
import type { Publication } from '../core/fold-publish.ts';
import type { PublishEvent, RequestState, WithdrawMode } from '../core/publish-event.ts';
import type { EventTable } from './event-table.ts';
import { short } from './words.ts';

export const WITHDRAW_MODE_WORDS: Readonly<Record<WithdrawMode, string>> = {
  nothing: 'nothing of it is on the forge',
  closed: 'the request was closed and its branch removed where it was still ours',
  'revert-requested': 'the merged change is to be reverted by a request, or was before',
};

const STATE_WORDS: Readonly<Record<RequestState, string>> = {
  open: 'open',
  closed: 'closed without being merged',
  merged: 'merged',
};

/** For the log: one line each. */
export const PUBLISH_GISTS: Pick<EventTable<null, string>, PublishEvent['type']> = {
  'target.checked': ({ target, tip, objections, checks }) => {
    const at = `${target} at ${short(tip)}`;
    if (checks.length === 0 && objections.length === 0) return `${at} has not moved since the base`;
    return objections.length === 0
      ? `green on ${at} with the change`
      : `${at} with the change: ${objections.join('; ')}`;
  },
  'publish.held': ({ why, detail }) => `${why}: ${detail}`,
  'publish.requested': ({ commit, branch, repository, target }) =>
    `${short(commit)} to ${branch} of ${repository}, for ${target}`,
  'publish.finished': ({ number, url, found, unreported }) => {
    const how = found ? 'was there already' : 'made';
    return `request ${number} ${how}: ${url}${unreported === null ? '' : `; our verdict is not shown there: ${unreported}`}`;
  },
  'request.seen': ({ state, mergeCommit }) =>
    mergeCommit === null ? STATE_WORDS[state] : `${STATE_WORDS[state]} as ${short(mergeCommit)}`,
  'merge.requested': ({ number, commit }) => `request ${number} at ${short(commit)}`,
  'merge.finished': ({ mergeCommit }) => short(mergeCommit),
  'withdrawal.requested': ({ mode }) => mode,
  'withdrawal.finished': ({ mode, evidence }) => `${WITHDRAW_MODE_WORDS[mode]}: ${evidence}`,
};

function standingThere({ intent, request, held }: Publication): string | null {
  if (request !== null) {
    const at = request.mergeCommit === null ? '' : ` as ${short(request.mergeCommit)}`;
    return `${STATE_WORDS[request.state]}${at}: ${request.url}`;
  }
  if (held !== null) return `not published (${held.why}): ${held.detail}`;
  return intent === null ? null : `begun on ${intent.repository} and not finished: give \`land --request\` again`;
}

/** Where the change is on a forge, in one line; null where nothing is to be said. */
export function publicationWords(publication: Publication): string | null {
  const { withdrawing, withdrawn } = publication;
  if (withdrawn !== null) {
    const since = withdrawn.broughtBack ? '; brought back here since, and not published again' : '';
    return `${WITHDRAW_MODE_WORDS[withdrawn.mode]}: ${withdrawn.evidence}${since}`;
  }
  const words = standingThere(publication);
  return withdrawing === null || words === null ? words : `${words}; taking it back was begun and not finished`;
}
