/** What GitLab's REST API (version 4) answers, as the port has it. */
import type { RequestState } from '../../core/publish-event.ts';
import type { ForgeChecks, ReviewRequest } from '../../ports/forge.ts';
import { accounts, commitOf, fields, numberOf, words } from '../reading.ts';

/** `locked` is what a request is for the moment in which it is being merged: nobody can do anything with it. */
const STATES: Readonly<Record<string, RequestState>> = {
  opened: 'open',
  locked: 'open',
  closed: 'closed',
  merged: 'merged',
};

/** The projects a request leads from and to are the same where it comes from no fork. */
export function readRequest(body: unknown): { readonly request: ReviewRequest; readonly fork: boolean } | null {
  const merge = fields(body);
  const [number, url, state] = [numberOf(merge['iid']), words(merge['web_url']), words(merge['state']) ?? ''];
  const [head, branch, target] = [commitOf(merge['sha']), words(merge['source_branch']), words(merge['target_branch'])];
  const known = Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  if (number === null || url === null || head === null || branch === null || target === null || known === undefined) {
    return null;
  }
  // Merged by fast-forward, it has neither of the two: then the target holds the branch's own commit.
  const onTarget = commitOf(merge['merge_commit_sha']) ?? commitOf(merge['squash_commit_sha']) ?? head;
  const request: ReviewRequest = {
    number,
    url,
    state: known,
    title: words(merge['title']) ?? '',
    body: words(merge['description']) ?? '',
    head,
    branch,
    target,
    author: words(fields(merge['author'])['username']) ?? '',
    labels: Array.isArray(merge['labels']) ? merge['labels'].filter((one) => typeof one === 'string') : [],
    reviewers: [...accounts(merge['assignees'], 'username'), ...accounts(merge['reviewers'], 'username')],
    mergeCommit: known === 'merged' ? onTarget : null,
  };
  return { request, fork: merge['source_project_id'] !== merge['target_project_id'] };
}

type Item = ForgeChecks['items'][number];

const GREEN: ReadonlySet<string> = new Set(['success', 'skipped']);
const RED: ReadonlySet<string> = new Set(['failed', 'canceled']);

/** A job or an outside status; one that may fail stands against nothing. */
export function readStatus(body: unknown): Item | null {
  const status = fields(body);
  const [name, state] = [words(status['name']), words(status['status'])];
  if (name === null || state === null) return null;
  if (GREEN.has(state) || (RED.has(state) && status['allow_failure'] === true)) return { name, state: 'green' };
  return { name, state: RED.has(state) ? 'red' : 'pending' };
}
