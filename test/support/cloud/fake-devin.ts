/** Devin's v3 API for organisations, as its documentation shows requests and answers (docs.devin.ai, API Reference, v3). */
import { createFakeAgent, KEY, serveFake, SLUG } from './fake-agent.ts';
import type { FakeSession, FakeVendor, Script, TurnEnding } from './fake-agent.ts';

export const ORGANIZATION = 'org-acme';

const STATES: Readonly<Record<TurnEnding | 'working' | 'ended', readonly [status: string, detail: string | null]>> = {
  working: ['running', 'working'],
  never: ['running', 'working'],
  done: ['running', 'finished'],
  waiting: ['running', 'waiting_for_approval'],
  failed: ['error', null],
  quota: ['suspended', 'usage_limit_exceeded'],
  expired: ['exit', null],
  ended: ['exit', null],
};

export function startFakeDevin(script: Script): Promise<FakeVendor> {
  const agent = createFakeAgent(script);
  const root = `/v3/organizations/${ORGANIZATION}/sessions`;

  function pulls({ offered, pull }: FakeSession): readonly unknown[] {
    if (offered === null || offered === 'nowhere') return [];
    const slug = offered === 'other-repository' ? 'evil/app' : SLUG;
    const number = offered === 'missing' ? 4_711 : pull;
    return [{ pr_url: `${script.forge.url}/${slug}/pull/${number}`, pr_state: 'open' }];
  }

  function shown(session: FakeSession): Readonly<Record<string, unknown>> {
    const [status, status_detail] = STATES[session.state];
    return {
      session_id: session.id,
      url: `https://app.devin.invalid/sessions/${session.id}`,
      status,
      status_detail,
      tags: [session.name],
      org_id: ORGANIZATION,
      created_at: 1_764_000_000,
      updated_at: 1_764_000_000 + session.version,
      acus_consumed: session.spend,
      pull_requests: pulls(session),
    };
  }

  /** Paths carry the prefix. */
  const named = (id: string | undefined): FakeSession | undefined =>
    agent.sessions.find((session) => `devin-${session.id}` === id);

  return serveFake(script, agent, {
    authorization: `Bearer ${KEY}`,
    routeOf(method, path) {
      if (method === 'POST') return path === root ? 'create' : 'follow';
      if (method === 'DELETE') return 'end';
      return path === root || path.endsWith('/messages') ? null : 'look';
    },
    handle({ method, path, query, body }) {
      if (path === root && method === 'POST') {
        const [name] = body['tags'] as readonly string[];
        return { status: 200, body: shown(agent.make(name ?? '', String(body['prompt']), null)) };
      }
      if (path === root) {
        const items = agent.sessions.filter(({ name }) => name === query.get('tags')).map(shown);
        return { status: 200, body: { items, end_cursor: null, has_next_page: false } };
      }
      const [, id, rest] = /\/sessions\/([^/]+)(\/messages)?$/.exec(path) ?? [];
      const session = named(id);
      if (session === undefined) return undefined;
      if (rest !== undefined && method === 'POST') {
        if (session.state === 'ended') return { status: 409, body: { detail: 'the session has ended' } };
        agent.ask(session, String(body['message']));
        return { status: 200, body: shown(session) };
      }
      if (rest !== undefined) {
        const said =
          session.says === null ? [] : [{ source: 'devin', message: session.says, event_id: 'e2', created_at: 2 }];
        const items = [{ source: 'user', message: session.prompts[0], event_id: 'e1', created_at: 1 }, ...said];
        return { status: 200, body: { items, end_cursor: null, has_next_page: false } };
      }
      if (method === 'DELETE') {
        agent.end(session);
        return { status: 200, body: shown(session) };
      }
      // Shown as it was: what a look sets going is seen by the next one.
      const answer = shown(session);
      agent.advance(session);
      return { status: 200, body: answer };
    },
  });
}
