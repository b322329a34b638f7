/** What GitHub's REST API answers (version 2022-11-28), as the port has it. */
import type { ForgeChecks, ReviewRequest } from '../../ports/forge.ts';
import { accounts, commitOf, fields, items, numberOf, words } from '../reading.ts';

/**
 * A pull request, from a list or alone; null where it is none. While it is open `merge_commit_sha` is that of a trial merge,
 * so it counts only once the request is merged.
 */
export function readRequest(body: unknown): { readonly request: ReviewRequest; readonly from: string | null } | null {
  const pull = fields(body);
  const [number, url, open] = [numberOf(pull['number']), words(pull['html_url']), words(pull['state'])];
  const [head, base] = [fields(pull['head']), fields(pull['base'])];
  const [commit, branch, target] = [commitOf(head['sha']), words(head['ref']), words(base['ref'])];
  if (number === null || url === null || commit === null || branch === null || target === null) return null;
  if (open !== 'open' && open !== 'closed') return null;
  const merged = words(pull['merged_at']) !== null;
  const request: ReviewRequest = {
    number,
    url,
    state: merged ? 'merged' : open,
    title: words(pull['title']) ?? '',
    body: words(pull['body']) ?? '',
    head: commit,
    branch,
    target,
    author: words(fields(pull['user'])['login']) ?? '',
    labels: items(pull['labels']).flatMap((label) => words(label['name']) ?? []),
    reviewers: [
      ...accounts(pull['assignees'], 'login'),
      ...accounts(pull['requested_reviewers'], 'login'),
      ...accounts(pull['requested_teams'], 'slug'),
    ],
    mergeCommit: merged ? commitOf(pull['merge_commit_sha']) : null,
  };
  // null where the fork is gone.
  return { request, from: words(fields(head['repo'])['full_name']) };
}

type Item = ForgeChecks['items'][number];

/** One status; null where it is none. */
export function readStatus(body: unknown): Item | null {
  const status = fields(body);
  const [name, state] = [words(status['context']), words(status['state'])];
  if (name === null || state === null) return null;
  return { name, state: state === 'success' ? 'green' : state === 'pending' ? 'pending' : 'red' };
}

/** What a check run may end with and still be no objection (GitHub Docs, "About status checks"). */
const PASSES: ReadonlySet<string> = new Set(['success', 'neutral', 'skipped']);

export function readCheckRun(body: unknown): Item | null {
  const run = fields(body);
  const [name, status] = [words(run['name']), words(run['status'])];
  if (name === null || status === null) return null;
  if (status !== 'completed') return { name, state: 'pending' };
  return { name, state: PASSES.has(words(run['conclusion']) ?? '') ? 'green' : 'red' };
}
