/**
 * GitHub's agent tasks API, as documented at docs.github.com, "REST API endpoints for agent tasks" (public preview), and in
 * GitHub's OpenAPI description of version 2026-03-10: start a task, list tasks of a repository, get a task.
 *
 * A task is started with the branch of the one before (`head_ref` with `base_ref`: "commits to head_ref instead of creating a
 * new branch"), which is how a later iteration goes on. Assigning an issue starts the same agent; the tasks API is used
 * because only it says what state the work is in.
 *
 * Not documented, and so not relied on: an idempotency key (a task is found again by the name in its prompt), a way to end a
 * task, what the agent said last, and the number of a pull request (the branch is fetched by its name).
 */
import type { ClaimedSpend, CloudSession } from '../../core/cloud-event.ts';
import { expected } from '../cloud-vendor.ts';
import type { Outcome, Sighting, SightingState, VendorContext, VendorSessions } from '../cloud-vendor.ts';
import type { AgentEvent } from '../event-lines.ts';
import { fields, items, words } from '../told.ts';
import type { CopilotCloudOptions } from './index.ts';

const VERSION = { accept: 'application/vnd.github+json', 'x-github-api-version': '2026-03-10' } as const;

/** All that are documented. Nothing is said of `idle`; nobody here would wake it, so its turn is over. */
const STATES: ReadonlyMap<string, SightingState> = new Map([
  ['queued', 'working'],
  ['in_progress', 'working'],
  ['completed', 'done'],
  ['idle', 'done'],
  ['waiting_for_user', 'waiting'],
  ['failed', 'failed'],
  ['timed_out', 'failed'],
  ['cancelled', 'over'],
]);

/** Tasks of the repository since the run began that are looked at when one is searched for. */
const LOOKED_AT = 50;
/** Clocks differ: so much before the run began, ms. */
const SKEW_MS = 10 * 60_000;
/** Amounts in `ai_credits` are nano units. */
const NANO = 1e9;

function sessionOf(body: unknown): CloudSession | null {
  const task = fields(body);
  const id = words(task['id']);
  return id === null ? null : { vendor: 'copilot-cloud', id, url: words(task['html_url']) };
}

/** In one unit: GitHub changed it once, and sums of different units mean nothing. */
function spendOf(sessions: readonly AgentEvent[]): ClaimedSpend | null {
  const usages = sessions.map(({ usage }) => fields(usage));
  const unit = words(usages.at(-1)?.['type']);
  if (unit === null) return null;
  const amount = usages
    .filter(({ type }) => type === unit)
    .reduce((sum, one) => sum + (typeof one['amount'] === 'number' && one['amount'] >= 0 ? one['amount'] : 0), 0);
  return unit === 'ai_credits'
    ? { unit: 'AI credits', amount: amount / NANO }
    : { unit: unit.replaceAll('_', ' '), amount };
}

function branchOf(remote: string, task: AgentEvent, sessions: readonly AgentEvent[]): Sighting['branch'] {
  const artefact = items(task['artifacts']).findLast(({ type }) => type === 'branch');
  const name = words(fields(artefact?.['data'])['head_ref']) ?? words(sessions.at(-1)?.['head_ref']);
  return name === null ? null : { remote, ref: `refs/heads/${name.replace(/^refs\/heads\//, '')}`, commit: null };
}

function sightingOf(remote: string, task: AgentEvent): Sighting | null {
  const state = words(task['state']);
  if (state === null) return null;
  const sessions = items(task['sessions']);
  const problem = words(fields(sessions.at(-1)?.['error'])['message']);
  return {
    // A state nobody knows yet is no end.
    state: STATES.get(state) ?? 'working',
    detail: problem === null ? state : `${state}: ${problem}`,
    mark: JSON.stringify([state, task['updated_at'] ?? null, sessions.length]),
    words: null,
    branch: branchOf(remote, task, sessions),
    spend: spendOf(sessions),
  };
}

export function copilotSessions(context: VendorContext<CopilotCloudOptions>): VendorSessions {
  const { calls, options, place, remote } = context;
  const root = `/agents/repos/${place.owner}/${place.name}/tasks`;
  const read = (path: string) => ({ method: 'GET', path, headers: VERSION }) as const;
  const at = (id: string): string => `${root}/${encodeURIComponent(id)}`;

  /** A list names its tasks, and only a task shows its prompt. */
  async function isNamed(task: AgentEvent, name: string, signal: AbortSignal): Promise<Outcome<boolean>> {
    if (words(task['name'])?.includes(`[${name}]`) === true) return { kind: 'ok', value: true };
    const reply = await calls.ask(read(at(words(task['id']) ?? '')), signal);
    if (reply.kind === 'gone') return { kind: 'ok', value: false };
    return expected(reply, (body) =>
      items(fields(body)['sessions']).some(({ prompt }) => words(prompt)?.includes(`[${name}]`) === true),
    );
  }

  return {
    async find(name, signal) {
      const since = encodeURIComponent(new Date(context.startedAt - SKEW_MS).toISOString());
      const list = `${root}?per_page=${LOOKED_AT}&sort=created_at&direction=desc&since=${since}`;
      const reply = await calls.ask(read(list), signal);
      if (reply.kind !== 'ok') return reply;
      for (const task of items(fields(reply.body)['tasks'])) {
        const named = await isNamed(task, name, signal);
        if (named.kind !== 'ok') return named;
        if (named.value) return { kind: 'ok', value: sessionOf(task) };
      }
      return { kind: 'ok', value: null };
    },
    async create({ prompt, onto }, signal) {
      const head = onto?.ref.startsWith('refs/heads/') === true ? onto.ref.slice('refs/heads/'.length) : null;
      const body = {
        prompt,
        base_ref: context.branch,
        create_pull_request: true,
        ...(head === null ? {} : { head_ref: head }),
        ...(options.model === undefined ? {} : { model: options.model }),
      };
      return expected(await calls.ask({ method: 'POST', path: root, body, headers: VERSION }, signal), sessionOf);
    },
    async look(id, signal) {
      return expected(await calls.ask(read(at(id)), signal), (body) => sightingOf(remote, fields(body)));
    },
    end: () =>
      Promise.resolve({
        how: 'left-running',
        detail: 'GitHub documents no way to end a task by API; stop it on its page',
      }),
  };
}
