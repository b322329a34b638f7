/** GitHub's agent tasks API, as its OpenAPI description of 2026-03-10 shows requests and answers. */
import { createFakeAgent, KEY, serveFake, SLUG } from './fake-agent.ts';
import type { FakeSession, FakeVendor, Script, TurnEnding } from './fake-agent.ts';

const STATES: Readonly<Record<TurnEnding | 'working' | 'ended', string>> = {
  working: 'in_progress',
  never: 'in_progress',
  done: 'completed',
  waiting: 'waiting_for_user',
  quota: 'failed',
  failed: 'failed',
  expired: 'timed_out',
  ended: 'cancelled',
};

const root = `/agents/repos/${SLUG}/tasks`;
const NANO = 1e9;

/** A list shows no sessions, and a name that is derived from the prompt. */
function shown(session: FakeSession, whole: boolean): Readonly<Record<string, unknown>> {
  const { id, offered, pull, state, version, spend } = session;
  const head_ref = offered === 'missing' ? 'copilot/none' : session.branch;
  // A pull request is named by an id that says nothing of its repository.
  const artefacts = [
    ...(offered === null || offered === 'nowhere'
      ? []
      : [{ provider: 'github', type: 'pull', data: { id: 900 + pull } }]),
    ...(offered === null || offered === 'nowhere' || offered === 'other-repository'
      ? []
      : [{ provider: 'github', type: 'branch', data: { head_ref, base_ref: 'main' } }]),
  ];
  const error = state === 'failed' ? { error: { message: 'the agent gave up' } } : {};
  const usage = { type: 'ai_credits', amount: spend * NANO };
  const one = { id: `${id}-s1`, task_id: id, state: STATES[state], prompt: session.prompts[0], usage, ...error };
  return {
    id,
    html_url: `https://github.invalid/${SLUG}/tasks/${id}`,
    name: 'Make it add',
    state: STATES[state],
    artifacts: artefacts,
    created_at: '2026-11-25T00:00:00Z',
    updated_at: `2026-11-25T00:00:${String(version).padStart(2, '0')}Z`,
    ...(whole ? { sessions: [one] } : {}),
  };
}

export function startFakeCopilot(script: Script): Promise<FakeVendor> {
  const agent = createFakeAgent(script);
  return serveFake(script, agent, {
    authorization: `Bearer ${KEY}`,
    routeOf(method, path) {
      if (method === 'POST') return 'create';
      return path === root ? null : 'look';
    },
    handle({ method, path, body, headers }) {
      if (headers['x-github-api-version'] !== '2026-03-10') return { status: 400, body: { message: 'which version?' } };
      if (path === root && method === 'POST') {
        const onto = typeof body['head_ref'] === 'string' ? body['head_ref'] : null;
        return { status: 201, body: shown(agent.make('', String(body['prompt']), onto), false) };
      }
      if (path === root)
        return { status: 200, body: { tasks: agent.sessions.map((session) => shown(session, false)) } };
      const session = agent.sessions.find(({ id }) => path === `${root}/${id}`);
      if (session === undefined || method !== 'GET') return undefined;
      const answer = shown(session, true);
      agent.advance(session);
      return { status: 200, body: answer };
    },
  });
}
