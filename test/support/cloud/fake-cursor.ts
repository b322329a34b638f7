/** Cursor's Cloud Agents API v1, as its documentation shows requests and answers (cursor.com/docs, "Cloud Agents API"). */
import { createFakeAgent, KEY, serveFake, SLUG } from './fake-agent.ts';
import type { FakeAnswer, FakeRequest, FakeSession, FakeVendor, Script, TurnEnding } from './fake-agent.ts';

const STATES: Readonly<Record<TurnEnding | 'working' | 'ended', string>> = {
  working: 'RUNNING',
  never: 'RUNNING',
  done: 'FINISHED',
  // The API knows no such states: these agents end with an error.
  waiting: 'ERROR',
  quota: 'ERROR',
  failed: 'ERROR',
  expired: 'EXPIRED',
  ended: 'CANCELLED',
};

export function startFakeCursor(script: Script): Promise<FakeVendor> {
  const agent = createFakeAgent(script);
  /** Ids are the caller's to choose. */
  const ids = new Map<string, FakeSession>();

  const runId = (session: FakeSession, number: number): string => `run-${session.id}-${number}`;

  function branches({ offered, branch }: FakeSession): readonly unknown[] {
    if (offered === null || offered === 'nowhere') return [];
    const slug = offered === 'other-repository' ? 'evil/app' : SLUG;
    return [{ repoUrl: `${script.forge.url}/${slug}`, branch: offered === 'missing' ? 'cursor/none' : branch }];
  }

  function shownAgent(id: string, session: FakeSession): Readonly<Record<string, unknown>> {
    const url = `https://cursor.invalid/agents/${id}`;
    return { id, name: session.name, status: 'ACTIVE', url, latestRunId: runId(session, session.prompts.length) };
  }

  function shownRun(id: string, session: FakeSession): Readonly<Record<string, unknown>> {
    const run = { id: runId(session, session.prompts.length), agentId: id, status: STATES[session.state] };
    if (session.state === 'working') return run;
    return { ...run, result: session.says ?? '', git: { branches: branches(session) } };
  }

  function create(body: FakeRequest['body']): FakeAnswer {
    const id = String(body['agentId']);
    if (ids.has(id)) return { status: 409, body: { error: { code: 'agent_id_conflict', message: 'it exists' } } };
    const { text } = body['prompt'] as { readonly text: string };
    const [repo] = body['repos'] as readonly { readonly startingRef: string }[];
    const onto = repo === undefined || repo.startingRef === 'main' ? null : repo.startingRef;
    const session = agent.make(String(body['name']), text, onto);
    ids.set(id, session);
    return { status: 201, body: { agent: shownAgent(id, session), run: shownRun(id, session) } };
  }

  function followUp(id: string, session: FakeSession, body: FakeRequest['body']): FakeAnswer {
    if (session.state === 'working') return { status: 409, body: { error: { code: 'agent_busy', message: 'busy' } } };
    agent.ask(session, (body['prompt'] as { readonly text: string }).text);
    return { status: 201, body: { run: shownRun(id, session) } };
  }

  function cancel(id: string, session: FakeSession): FakeAnswer {
    if (session.state !== 'working') return { status: 409, body: { error: { code: 'run_not_cancellable' } } };
    agent.end(session);
    return { status: 200, body: { id } };
  }

  return serveFake(script, agent, {
    authorization: `Bearer ${KEY}`,
    routeOf(method, path) {
      if (method === 'GET') return path.includes('/runs/') ? 'look' : null;
      if (path === '/v1/agents') return 'create';
      return path.endsWith('/cancel') ? 'end' : 'follow';
    },
    handle({ method, path, body }) {
      if (path === '/v1/agents' && method === 'POST') return create(body);
      const [, id = '', rest = ''] = /^\/v1\/agents\/([^/]+)(\/.*)?$/.exec(path) ?? [];
      const session = ids.get(id);
      if (session === undefined) return undefined;
      if (method === 'GET' && rest === '') return { status: 200, body: shownAgent(id, session) };
      if (method === 'POST') return rest === '/runs' ? followUp(id, session, body) : cancel(id, session);
      const answer = shownRun(id, session);
      agent.advance(session);
      return { status: 200, body: answer };
    },
  });
}
