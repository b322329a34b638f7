/**
 * Devin API v3, as documented at docs.devin.ai, "API Reference, v3, Sessions" (Create session, List sessions, Get session,
 * Send message, List session messages, Terminate session; OpenAPI "Devin API v3" 3.0.0, as it stood in 2026).
 *
 * Not documented, and so not relied on: that `tags` filters the list (what comes back is filtered here again), and which
 * branch a pull request is from (git shows its head under the number). v3 has no idempotency key, v1 had; a session is
 * found again by its tag. Requests are not documented to be limited; a 429 is heeded all the same.
 */
import type { CloudSession } from '../../core/cloud-event.ts';
import { expected } from '../cloud-vendor.ts';
import type { Asked, Outcome, Sighting, SightingState, VendorContext, VendorSessions } from '../cloud-vendor.ts';
import type { AgentEvent } from '../event-lines.ts';
import { fields, items, words } from '../told.ts';
import type { VendorCalls } from '../vendor-calls.ts';
import type { DevinOptions } from './index.ts';

/** Pages of the list that are read when a session is looked for. Newest sessions come first. */
const PAGES = 5;
const PAGE_ITEMS = 100;

/** Why a session is suspended that could not go on by being asked: the vendor's own limits. */
const OUT_OF_BUDGET = new Set([
  'usage_limit_exceeded',
  'out_of_credits',
  'out_of_quota',
  'no_quota_allocation',
  'payment_declined',
  'org_usage_limit_exceeded',
  'total_session_limit_exceeded',
]);

/** Paths want the prefix, answers may lack it. */
function devinId(id: string): string {
  return id.startsWith('devin-') ? id : `devin-${id}`;
}

function sessionOf(body: unknown): CloudSession | null {
  const session = fields(body);
  const id = words(session['session_id']);
  return id === null ? null : { vendor: 'devin', id: devinId(id), url: words(session['url']) };
}

function stateOf(status: string, detail: string): SightingState {
  switch (status) {
    case 'running':
      if (detail === 'finished' || detail === 'waiting_for_user') return 'done';
      return detail === 'waiting_for_approval' ? 'waiting' : 'working';
    case 'suspended':
      if (OUT_OF_BUDGET.has(detail)) return 'quota';
      // A message wakes it.
      return detail === 'error' ? 'failed' : 'done';
    case 'error':
      return 'failed';
    case 'exit':
      return 'over';
    // new, claimed, resuming, and what nobody knows yet.
    default:
      return 'working';
  }
}

function spendOf(value: unknown): Sighting['spend'] {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? { unit: 'ACU', amount: value } : null;
}

/** Reads a list page by page, until something is found in one or the pages are used up. */
async function search<T>(
  calls: VendorCalls,
  path: string,
  inPage: (found: readonly AgentEvent[]) => T | null,
  signal: AbortSignal,
): Promise<Outcome<T | null>> {
  let after = '';
  for (let page = 0; page < PAGES; page += 1) {
    const reply = await calls.ask({ method: 'GET', path: `${path}first=${PAGE_ITEMS}${after}` }, signal);
    if (reply.kind !== 'ok') return reply;
    const { items: found, has_next_page: more, end_cursor: cursor } = fields(reply.body);
    const value = inPage(items(found));
    const next = more === true ? words(cursor) : null;
    if (value !== null || next === null) return { kind: 'ok', value };
    after = `&after=${encodeURIComponent(next)}`;
  }
  return { kind: 'ok', value: null };
}

/** Oldest first, so the last page counts; null where it cannot be had. */
async function lastWords(calls: VendorCalls, session: string, signal: AbortSignal): Promise<string | null> {
  let last: string | null = null;
  await search(
    calls,
    `${session}/messages?`,
    (page) => {
      last = words(page.findLast(({ source }) => source === 'devin')?.['message']) ?? last;
      return null;
    },
    signal,
  );
  return last;
}

/** The newest pull request of this repository; one of another repository is none. */
function branchOf({ pullRef, remote }: VendorContext<DevinOptions>, session: AgentEvent): Sighting['branch'] {
  const pages = items(session['pull_requests']).map((pull) => words(pull['pr_url']));
  const ref = pages.map((page) => (page === null ? null : pullRef(page))).findLast((found) => found !== null) ?? null;
  return ref === null ? null : { remote, ref, commit: null };
}

function sightingOf(context: VendorContext<DevinOptions>, session: AgentEvent): Omit<Sighting, 'words'> | null {
  const status = words(session['status']);
  if (status === null) return null;
  const detail = words(session['status_detail']) ?? '';
  const branch = branchOf(context, session);
  return {
    state: stateOf(status, detail),
    detail: detail === '' ? status : `${status}, ${detail}`,
    mark: JSON.stringify([status, detail, session['updated_at'] ?? null, branch?.ref ?? null]),
    branch,
    spend: spendOf(session['acus_consumed']),
  };
}

/** What a new session is told on top of the task. */
function orders({ prompt, onto }: Asked, branch: string): string {
  const goesOn = onto === null ? '' : `\nGo on with the work at ${onto.ref} of ${onto.remote}: push to its branch.\n`;
  return `${prompt}${goesOn}\nOpen one pull request against ${branch}, and push every later commit to its branch.\n`;
}

export function devinSessions(context: VendorContext<DevinOptions>): VendorSessions {
  const { calls, options, place } = context;
  const root = `/v3/organizations/${encodeURIComponent(options.organization)}/sessions`;
  const at = (id: string): string => `${root}/${encodeURIComponent(id)}`;
  return {
    find: (name, signal) =>
      search(
        calls,
        `${root}?tags=${encodeURIComponent(name)}&`,
        (page) => sessionOf(page.find(({ tags }) => Array.isArray(tags) && tags.includes(name))),
        signal,
      ),
    async create(asked, signal) {
      const body = {
        prompt: orders(asked, context.branch),
        title: asked.name,
        tags: [asked.name],
        repos: [`${place.owner}/${place.name}`],
        max_acu_limit: options['max-acu'],
      };
      return expected(await calls.ask({ method: 'POST', path: root, body }, signal), sessionOf);
    },
    async look(id, signal) {
      const reply = await calls.ask({ method: 'GET', path: at(id) }, signal);
      const seen = expected(reply, (body) => sightingOf(context, fields(body)));
      if (seen.kind !== 'ok') return seen;
      const said = seen.value.state === 'working' ? null : await lastWords(calls, at(id), signal);
      return { kind: 'ok', value: { ...seen.value, words: said } };
    },
    async follow(id, prompt, signal) {
      const reply = await calls.ask({ method: 'POST', path: `${at(id)}/messages`, body: { message: prompt } }, signal);
      return reply.kind === 'ok' ? { kind: 'ok', value: null } : reply;
    },
    async end(id, signal) {
      const reply = await calls.ask({ method: 'DELETE', path: at(id) }, signal);
      if (reply.kind === 'ok' || reply.kind === 'gone') {
        return { how: 'terminated', detail: 'Devin was told to end it, and confirms' };
      }
      return { how: 'left-running', detail: `Devin did not confirm that it ended (${reply.detail}); end it there` };
    },
  };
}
