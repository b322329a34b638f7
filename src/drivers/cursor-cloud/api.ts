/**
 * Cursor's Cloud Agents API v1, as documented at cursor.com/docs, "Cloud Agents API" (endpoints; public beta, as it stood in
 * 2026): an agent lasts, each prompt is a run of it.
 *
 * The id of an agent may be given by who makes it (`agentId`, `bc-` and a UUID): made from the run's own name it makes
 * creation idempotent, and a second one is answered with 409. Not documented, and so not relied on: what an agent's own
 * `status` means (runs have theirs), and the form of `repoUrl` (compared without scheme, case and `.git`). There is a page of
 * usage by agent whose fields were not found; it is not read.
 */
import { createHash } from 'node:crypto';
import type { CloudSession } from '../../core/cloud-event.ts';
import { expected } from '../cloud-vendor.ts';
import type { Outcome, Sighting, SightingState, VendorContext, VendorSessions } from '../cloud-vendor.ts';
import type { AgentEvent } from '../event-lines.ts';
import { fields, items, words } from '../told.ts';
import type { CursorCloudOptions } from './index.ts';

const STATES: ReadonlyMap<string, SightingState> = new Map([
  ['CREATING', 'working'],
  ['RUNNING', 'working'],
  ['FINISHED', 'done'],
  ['ERROR', 'failed'],
  ['CANCELLED', 'over'],
  ['EXPIRED', 'over'],
]);

/** The same for the same name: 122 bits of its hash, in the form of a UUID (RFC 9562, version 8). */
function agentId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `bc-${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function sessionOf(body: unknown): CloudSession | null {
  // Answers to a creation hold the agent beside its first run.
  const agent = fields(fields(body)['agent'] ?? body);
  const id = words(agent['id']);
  return id === null ? null : { vendor: 'cursor-cloud', id, url: words(agent['url']) };
}

/** `https://GitHub.com/Acme/App.git/` and `github.com/acme/app` are the same. */
function plainAddress(url: string): string {
  return url
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
}

/** The branch in this repository; one in another repository is none. */
function branchOf({ page, remote, pullRef }: VendorContext<CursorCloudOptions>, run: AgentEvent): Sighting['branch'] {
  const own = items(fields(run['git'])['branches']).filter(({ repoUrl }) => {
    const url = words(repoUrl);
    return url !== null && plainAddress(url) === plainAddress(page);
  });
  for (const { branch, prUrl } of own) {
    const name = words(branch);
    const pull = words(prUrl);
    const ref = name === null ? (pull === null ? null : pullRef(pull)) : `refs/heads/${name}`;
    if (ref !== null) return { remote, ref, commit: null };
  }
  return null;
}

function sightingOf(context: VendorContext<CursorCloudOptions>, run: AgentEvent): Sighting | null {
  const [id, status] = [words(run['id']), words(run['status'])];
  if (id === null || status === null) return null;
  return {
    // A status nobody knows yet is no end.
    state: STATES.get(status) ?? 'working',
    detail: status,
    mark: JSON.stringify([id, status, run['updatedAt'] ?? null]),
    words: words(run['result']),
    branch: branchOf(context, run),
    spend: null,
  };
}

export function cursorSessions(context: VendorContext<CursorCloudOptions>): VendorSessions {
  const { calls, options, page } = context;
  const at = (id: string): string => `/v1/agents/${encodeURIComponent(id)}`;

  async function latestRun(id: string, signal: AbortSignal): Promise<Outcome<string>> {
    const reply = await calls.ask({ method: 'GET', path: at(id) }, signal);
    return expected(reply, (body) => words(fields(fields(body)['agent'] ?? body)['latestRunId']));
  }

  return {
    async find(name, signal) {
      const reply = await calls.ask({ method: 'GET', path: at(agentId(name)) }, signal);
      return reply.kind === 'gone' ? { kind: 'ok', value: null } : expected(reply, sessionOf);
    },
    async create({ name, prompt, onto }, signal) {
      const body = {
        agentId: agentId(name),
        name,
        prompt: { text: prompt },
        repos: [{ url: page, startingRef: onto === null ? context.branch : onto.ref.replace(/^refs\/heads\//, '') }],
        autoCreatePR: false,
        ...(options.model === undefined ? {} : { model: { id: options.model } }),
      };
      return expected(await calls.ask({ method: 'POST', path: '/v1/agents', body }, signal), sessionOf);
    },
    async look(id, signal) {
      const run = await latestRun(id, signal);
      if (run.kind !== 'ok') return run;
      const path = `${at(id)}/runs/${encodeURIComponent(run.value)}`;
      const reply = await calls.ask({ method: 'GET', path }, signal);
      return expected(reply, (body) => sightingOf(context, fields(fields(body)['run'] ?? body)));
    },
    async follow(id, prompt, signal) {
      const body = { prompt: { text: prompt } };
      const reply = await calls.ask({ method: 'POST', path: `${at(id)}/runs`, body }, signal);
      return reply.kind === 'ok' ? { kind: 'ok', value: null } : reply;
    },
    async end(id, signal) {
      const run = await latestRun(id, signal);
      const path = run.kind === 'ok' ? `${at(id)}/runs/${encodeURIComponent(run.value)}/cancel` : null;
      const reply = path === null ? run : await calls.ask({ method: 'POST', path }, signal);
      if (path !== null && reply.kind === 'ok')
        return { how: 'terminated', detail: 'Cursor was told to cancel its run, and confirms' };
      if (reply.kind === 'conflict')
        return { how: 'terminated', detail: 'Cursor says that no run of it can be cancelled any more' };
      const why = reply.kind === 'ok' ? 'no run of it was shown' : reply.detail;
      return { how: 'left-running', detail: `Cursor did not confirm that it ended (${why}); end it there` };
    },
  };
}
