/** GitLab: merge requests and commit statuses by its REST API. Some ten routes, so plain HTTP (docs/decisions/0024). */
import type { Forge, ForgeChecks, NewRequest, ReportedVerdict, ReviewRequest } from '../../ports/forge.ts';
import { ask, askAll, askFor, eachOf, readAnswer } from '../ask.ts';
import { newestByName, STATUS_CHARACTERS, together } from '../checks-state.ts';
import { readText } from '../file-text.ts';
import type { ForgeHost } from '../host.ts';
import { fields, words } from '../reading.ts';
import { isGuarded, wanted } from '../shared-answers.ts';
import { readRequest, readStatus } from './read.ts';

/** Forks may have a branch of the same name: only requests from the repository itself are ours. */
async function list(host: ForgeHost, project: string, query: string): Promise<ReviewRequest[]> {
  const path = `${project}/merge_requests?${query}&order_by=created_at&sort=desc`;
  const all = await askAll(host, path, (body) => eachOf(body, readRequest));
  return all.filter(({ fork }) => !fork).map(({ request }) => request);
}

async function create(host: ForgeHost, project: string, request: NewRequest): Promise<ReviewRequest | null> {
  const { branch, target, title, body } = request;
  const asking = {
    method: 'POST',
    path: `${project}/merge_requests`,
    body: { source_branch: branch, target_branch: target, title, description: body },
    // "Another open merge request already exists for this source branch".
    answers: [409],
    once: true,
  } as const;
  const answered = await ask(host, asking);
  return answered.status === 409 ? null : readAnswer(host, asking, answered, readRequest).request;
}

async function statuses(host: ForgeHost, project: string, commit: string): Promise<ForgeChecks['items']> {
  const path = `${project}/repository/commits/${commit}/statuses?order_by=id&sort=desc`;
  return newestByName(await askAll(host, path, (body) => eachOf(body, readStatus)));
}

/** GitLab refuses a status that is there already as a transition to itself, so it is looked for first. */
async function report(
  host: ForgeHost,
  project: string,
  commit: string,
  { name, state, words: text }: ReportedVerdict,
): Promise<void> {
  const said = await statuses(host, project, commit);
  if (said.some((one) => one.name === name && one.state === state)) return;
  const body = { state: state === 'green' ? 'success' : 'failed', name, description: text.slice(0, STATUS_CHARACTERS) };
  await ask(host, { method: 'POST', path: `${project}/statuses/${commit}`, body });
}

export function createGitlabForge(host: ForgeHost): Forge {
  const project = `/projects/${encodeURIComponent(host.repository)}`;
  const change = async (number: number, body: Readonly<Record<string, unknown>>): Promise<void> => {
    await ask(host, { method: 'PUT', path: `${project}/merge_requests/${number}`, body });
  };
  const look = async (number: number): Promise<ReviewRequest> =>
    (await askFor(host, { method: 'GET', path: `${project}/merge_requests/${number}` }, readRequest)).request;
  return {
    name: 'gitlab',
    repository: host.repository,
    remote: host.remote,
    defaultBranch: () =>
      askFor(host, { method: 'GET', path: project }, (body) => words(fields(body)['default_branch'])),
    isProtected: (branch) => isGuarded(host, `${project}/repository/branches/${encodeURIComponent(branch)}`),
    async find(branch) {
      const all = await list(host, project, `state=all&source_branch=${encodeURIComponent(branch)}`);
      // A filter that a server does not know is a filter that does not filter.
      return all.filter((request) => request.branch === branch);
    },
    look,
    create: (request) => create(host, project, request),
    describe: (number, { title, body }) => change(number, { title, description: body }),
    async close(number) {
      // GitLab refuses to close what is closed.
      if ((await look(number)).state === 'open') await change(number, { state_event: 'close' });
    },
    async merge(number, head) {
      await ask(host, { method: 'PUT', path: `${project}/merge_requests/${number}/merge`, body: { sha: head } });
    },
    checks: async (commit) => together(await statuses(host, project, commit)),
    report: (commit, verdict) => report(host, project, commit, verdict),
    open: async (filter) => wanted(await list(host, project, 'state=opened'), filter),
    readFile: (path, ref) =>
      readText(host, `${project}/repository/files/${encodeURIComponent(path)}/raw?ref=${encodeURIComponent(ref)}`),
  };
}
