/** GitHub: pull requests, commit statuses and check runs by its REST API. Some ten routes, so plain HTTP (docs/decisions/0024). */
import type { Forge, ForgeChecks, NewRequest, ReportedVerdict, ReviewRequest } from '../../ports/forge.ts';
import { ask, askAll, askFor, eachOf, readAnswer } from '../ask.ts';
import { newestByName, STATUS_CHARACTERS, together } from '../checks-state.ts';
import { readText } from '../file-text.ts';
import type { ForgeHost } from '../host.ts';
import { encodePath, fields, words } from '../reading.ts';
import { refusalOf } from '../refusals.ts';
import { isGuarded, wanted } from '../shared-answers.ts';
import { readCheckRun, readRequest, readStatus } from './read.ts';

/** Forks may have a branch of the same name: only requests from the repository itself are ours. */
async function list(host: ForgeHost, query: string): Promise<ReviewRequest[]> {
  const path = `/repos/${host.repository}/pulls?${query}&sort=created&direction=desc`;
  const here = host.repository.toLowerCase();
  const all = await askAll(host, path, (body) => eachOf(body, readRequest));
  return all.filter(({ from }) => from?.toLowerCase() === here).map(({ request }) => request);
}

async function find(host: ForgeHost, branch: string): Promise<readonly ReviewRequest[]> {
  const [owner = ''] = host.repository.split('/');
  const head = encodeURIComponent(`${owner}:${branch}`);
  // A filter that a server does not know is a filter that does not filter.
  return (await list(host, `state=all&head=${head}`)).filter((request) => request.branch === branch);
}

async function create(host: ForgeHost, { branch, target, title, body }: NewRequest): Promise<ReviewRequest | null> {
  const asking = {
    method: 'POST',
    path: `/repos/${host.repository}/pulls`,
    body: { head: branch, base: target, title, body, maintainer_can_modify: false },
    answers: [422],
    once: true,
  } as const;
  const answered = await ask(host, asking);
  if (answered.status !== 422) return readAnswer(host, asking, answered, readRequest).request;
  if (/already exists/i.test(answered.text ?? '')) return null;
  throw refusalOf(host, asking, answered);
}

async function checks(host: ForgeHost, commit: string): Promise<ForgeChecks> {
  const at = `/repos/${host.repository}/commits/${commit}`;
  const statuses = await askAll(host, `${at}/statuses`, (body) => eachOf(body, readStatus));
  const runs = await askAll(host, `${at}/check-runs?filter=latest`, (body) =>
    eachOf(fields(body)['check_runs'], readCheckRun),
  );
  return together([...newestByName(statuses), ...runs]);
}

async function report(host: ForgeHost, commit: string, { name, state, words: text }: ReportedVerdict): Promise<void> {
  const path = `/repos/${host.repository}/commits/${commit}/statuses`;
  const said = newestByName(await askAll(host, path, (body) => eachOf(body, readStatus)));
  if (said.some((one) => one.name === name && one.state === state)) return;
  const description = text.slice(0, STATUS_CHARACTERS);
  const body = { state: state === 'green' ? 'success' : 'failure', context: name, description };
  await ask(host, { method: 'POST', path: `/repos/${host.repository}/statuses/${commit}`, body });
}

export function createGithubForge(host: ForgeHost): Forge {
  const repository = `/repos/${host.repository}`;
  const change = async (number: number, body: Readonly<Record<string, unknown>>): Promise<void> => {
    await ask(host, { method: 'PATCH', path: `${repository}/pulls/${number}`, body });
  };
  return {
    name: 'github',
    repository: host.repository,
    remote: host.remote,
    defaultBranch: () =>
      askFor(host, { method: 'GET', path: repository }, (body) => words(fields(body)['default_branch'])),
    isProtected: (branch) => isGuarded(host, `${repository}/branches/${encodePath(branch)}`),
    find: (branch) => find(host, branch),
    look: async (number) =>
      (await askFor(host, { method: 'GET', path: `${repository}/pulls/${number}` }, readRequest)).request,
    create: (request) => create(host, request),
    describe: (number, { title, body }) => change(number, { title, body }),
    close: (number) => change(number, { state: 'closed' }),
    async merge(number, head) {
      await ask(host, { method: 'PUT', path: `${repository}/pulls/${number}/merge`, body: { sha: head } });
    },
    checks: (commit) => checks(host, commit),
    report: (commit, verdict) => report(host, commit, verdict),
    open: async (filter) => wanted(await list(host, 'state=open'), filter),
    readFile: (path, ref) =>
      readText(
        host,
        `${repository}/contents/${encodePath(path)}?ref=${encodeURIComponent(ref)}`,
        'application/vnd.github.raw+json',
      ),
  };
}
