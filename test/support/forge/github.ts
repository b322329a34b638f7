/** GitHub's REST API, as far as an adapter asks. */
import type { Dialect, FakeCall, FakeReply } from './dialect.ts';
import { fileAt, NOT_FOUND, textOf } from './dialect.ts';
import type { FakeRepository, FakeRequest } from './state.ts';

function shown(repository: FakeRepository, request: FakeRequest): unknown {
  const { number, title, body, state, author, labels, reviewers, head, branch, target, mergeCommit } = request;
  return {
    number,
    html_url: `https://github.invalid/${repository.slug}/pull/${number}`,
    state: state === 'open' ? 'open' : 'closed',
    title,
    body: body === '' ? null : body,
    user: { login: author },
    labels: labels.map((name) => ({ name })),
    assignees: [],
    requested_reviewers: reviewers.map((login) => ({ login })),
    requested_teams: [],
    head: { sha: head, ref: branch, repo: { full_name: request.fork ?? repository.slug } },
    base: { ref: target },
    merged_at: state === 'merged' ? '2026-01-01T00:00:00Z' : null,
    // While it is open, that of a trial merge.
    merge_commit_sha: mergeCommit ?? 'f'.repeat(40),
  };
}

const STATES = { green: 'success', red: 'failure', pending: 'pending' } as const;
const READ = { success: 'green', failure: 'red', pending: 'pending' } as const;

function pulls(repository: FakeRepository, call: FakeCall): FakeReply {
  const { query, body, method } = call;
  if (method === 'POST') {
    const [branch, target] = [textOf(body['head']), textOf(body['base'])];
    if (repository.tip(branch) === null || repository.tip(target) === null) {
      return { status: 422, body: { message: 'Validation Failed', errors: [{ message: 'head or base is invalid' }] } };
    }
    const made = repository.add({
      branch,
      target,
      title: textOf(body['title']),
      body: textOf(body['body']),
      author: 'robot',
    });
    return { status: 201, body: shown(repository, made) };
  }
  const head = query.get('head')?.split(':')[1];
  const state = query.get('state') ?? 'open';
  const found = repository.requests.filter(
    (request) =>
      (head === undefined || request.branch === head) &&
      (state === 'all' || (state === 'open') === (request.state === 'open')),
  );
  return { status: 200, body: found.toReversed().map((request) => shown(repository, request)), list: true };
}

function pull(repository: FakeRepository, { method, body }: FakeCall, request: FakeRequest): FakeReply {
  if (method === 'PATCH') {
    if (request.state === 'open' && body['state'] === 'closed') request.state = 'closed';
    request.title = textOf(body['title']) || request.title;
    request.body = textOf(body['body']) || request.body;
  }
  return { status: 200, body: shown(repository, request) };
}

function merge(repository: FakeRepository, { body }: FakeCall, request: FakeRequest): FakeReply {
  if (request.state !== 'open') return { status: 405, body: { message: 'Pull Request is not mergeable' } };
  if (body['sha'] !== request.head) return { status: 409, body: { message: 'Head branch was modified' } };
  if (!repository.merge(request)) return { status: 405, body: { message: 'Merge conflict' } };
  return { status: 200, body: { sha: request.mergeCommit, merged: true } };
}

function statuses(repository: FakeRepository, { method, body }: FakeCall, commit: string): FakeReply {
  if (method === 'POST') {
    const state = READ[textOf(body['state']) as keyof typeof READ];
    repository.statuses.push({ commit, name: textOf(body['context']), state, words: textOf(body['description']) });
    return { status: 201, body: {} };
  }
  const found = repository.statuses.filter((one) => one.commit === commit).toReversed();
  return { status: 200, body: found.map(({ name, state }) => ({ context: name, state: STATES[state] })), list: true };
}

function numbered(repository: FakeRepository, call: FakeCall, rest: string): FakeReply {
  const request = repository.requests.find(({ number }) => String(number) === rest.split('/')[0]);
  if (request === undefined) return NOT_FOUND;
  return rest.endsWith('/merge') ? merge(repository, call, request) : pull(repository, call, request);
}

function branch(repository: FakeRepository, name: string): FakeReply {
  const commit = repository.tip(name);
  if (commit === null) return NOT_FOUND;
  return { status: 200, body: { name, protected: repository.protected.has(name), commit: { sha: commit } } };
}

function ofCommit(
  repository: FakeRepository,
  call: FakeCall,
  [commit = '', what]: readonly string[],
): FakeReply | null {
  if (what === 'statuses') return statuses(repository, call, commit);
  return what === 'check-runs' ? { status: 200, body: { total_count: 0, check_runs: [] } } : null;
}

function file(repository: FakeRepository, { query }: FakeCall, path: string): FakeReply {
  const text = fileAt(repository, query.get('ref') ?? 'HEAD', path);
  return text === null ? NOT_FOUND : { status: 200, body: text };
}

export const github: Dialect = (repository, call) => {
  const prefix = `/rest/repos/${repository.slug}`;
  if (!call.path.startsWith(prefix)) return null;
  const path = call.path.slice(prefix.length);
  if (path === '') return { status: 200, body: { default_branch: repository.defaultBranch } };
  if (path === '/pulls') return pulls(repository, call);
  const [, what = '', rest = ''] = /^\/(\w+)\/(.*)$/.exec(path) ?? [];
  if (what === 'pulls') return numbered(repository, call, rest);
  if (what === 'branches') return branch(repository, rest);
  if (what === 'statuses') return statuses(repository, call, rest);
  if (what === 'commits') return ofCommit(repository, call, rest.split('/'));
  return what === 'contents' ? file(repository, call, rest) : null;
};
