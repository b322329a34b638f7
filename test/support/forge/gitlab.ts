/** GitLab's REST API, as far as an adapter asks. */
import type { Dialect, FakeCall, FakeReply } from './dialect.ts';
import { fileAt, NOT_FOUND, textOf } from './dialect.ts';
import type { FakeRepository, FakeRequest } from './state.ts';

const STATES = { open: 'opened', closed: 'closed', merged: 'merged' } as const;

function shown(repository: FakeRepository, request: FakeRequest): unknown {
  const { number, title, body, state, author, labels, reviewers, head, branch, target, mergeCommit } = request;
  return {
    id: 1_000 + number,
    iid: number,
    web_url: `https://gitlab.invalid/${repository.slug}/-/merge_requests/${number}`,
    state: STATES[state],
    title,
    description: body === '' ? null : body,
    author: { username: author },
    labels,
    assignees: [],
    reviewers: reviewers.map((username) => ({ username })),
    sha: head,
    source_branch: branch,
    target_branch: target,
    source_project_id: request.fork === null ? 7 : 8,
    target_project_id: 7,
    merge_commit_sha: mergeCommit === head ? null : mergeCommit,
    squash_commit_sha: null,
  };
}

const WRITTEN = { green: 'success', red: 'failed', pending: 'running' } as const;
const READ = { success: 'green', failed: 'red', running: 'pending' } as const;

function requests(repository: FakeRepository, { query, body, method }: FakeCall): FakeReply {
  if (method === 'POST') {
    const [branch, target] = [textOf(body['source_branch']), textOf(body['target_branch'])];
    if (repository.tip(branch) === null || repository.tip(target) === null) {
      return { status: 400, body: { message: { source_branch: ['does not exist'] } } };
    }
    const made = repository.add({
      branch,
      target,
      title: textOf(body['title']),
      body: textOf(body['description']),
      author: 'robot',
    });
    return { status: 201, body: shown(repository, made) };
  }
  const branch = query.get('source_branch');
  const state = query.get('state') ?? 'all';
  const found = repository.requests.filter(
    (request) => (branch === null || request.branch === branch) && (state === 'all' || state === STATES[request.state]),
  );
  return { status: 200, body: found.toReversed().map((request) => shown(repository, request)), list: true };
}

function one(repository: FakeRepository, { method, body }: FakeCall, request: FakeRequest): FakeReply {
  if (method === 'PUT') {
    if (body['state_event'] === 'close') {
      if (request.state !== 'open') return { status: 422, body: { message: 'Cannot transition' } };
      request.state = 'closed';
    }
    request.title = textOf(body['title']) || request.title;
    request.body = textOf(body['description']) || request.body;
  }
  return { status: 200, body: shown(repository, request) };
}

function merge(repository: FakeRepository, { body }: FakeCall, request: FakeRequest): FakeReply {
  if (request.state !== 'open') return { status: 405, body: { message: '405 Method Not Allowed' } };
  if (body['sha'] !== request.head)
    return { status: 409, body: { message: 'SHA does not match HEAD of source branch' } };
  if (!repository.merge(request)) return { status: 422, body: { message: 'Branch cannot be merged' } };
  return { status: 200, body: shown(repository, request) };
}

function statuses(repository: FakeRepository, { method, body }: FakeCall, commit: string): FakeReply {
  const said = repository.statuses.filter((status) => status.commit === commit);
  if (method !== 'POST') {
    const body = said.toReversed().map(({ name, state }) => ({ name, status: WRITTEN[state], allow_failure: false }));
    return { status: 200, body, list: true };
  }
  const [name, state] = [textOf(body['name']), READ[textOf(body['state']) as keyof typeof READ]];
  const last = said.findLast((status) => status.name === name);
  if (last?.state === state) return { status: 400, body: { message: 'Cannot transition status' } };
  repository.statuses.push({ commit, name, state, words: textOf(body['description']) });
  return { status: 201, body: {} };
}

function numbered(
  repository: FakeRepository,
  call: FakeCall,
  [number, action]: readonly (string | undefined)[],
): FakeReply {
  const request = repository.requests.find((one) => String(one.number) === number);
  if (request === undefined) return NOT_FOUND;
  return action === undefined ? one(repository, call, request) : merge(repository, call, request);
}

function branch(repository: FakeRepository, name: string): FakeReply {
  const commit = repository.tip(name);
  if (commit === null) return NOT_FOUND;
  return { status: 200, body: { name, protected: repository.protected.has(name), commit: { id: commit } } };
}

function file(repository: FakeRepository, { query }: FakeCall, path: string): FakeReply {
  const text = fileAt(repository, query.get('ref') ?? 'HEAD', path);
  return text === null ? NOT_FOUND : { status: 200, body: text };
}

export const gitlab: Dialect = (repository, call) => {
  const prefix = `/api/v4/projects/${repository.slug}`;
  if (!call.path.startsWith(prefix)) return null;
  const path = call.path.slice(prefix.length);
  if (path === '') return { status: 200, body: { id: 7, default_branch: repository.defaultBranch } };
  if (path === '/merge_requests') return requests(repository, call);
  const [, number, action] = /^\/merge_requests\/(\d+)(\/merge)?$/.exec(path) ?? [];
  if (number !== undefined) return numbered(repository, call, [number, action]);
  const named = /^\/repository\/branches\/(.+)$/.exec(path)?.[1];
  if (named !== undefined) return branch(repository, named);
  const commit = /^(?:\/repository\/commits\/(\w+)\/statuses|\/statuses\/(\w+))$/.exec(path);
  if (commit !== null) return statuses(repository, call, commit[1] ?? commit[2] ?? '');
  const wanted = /^\/repository\/files\/(.+)\/raw$/.exec(path)?.[1];
  return wanted === undefined ? null : file(repository, call, wanted);
};
