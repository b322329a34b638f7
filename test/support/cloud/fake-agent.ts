/** What is the same in every fake vendor: sessions, an agent that does what a test says, and faults of the API. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ForgeServer } from './forge.ts';

export const SLUG = 'acme/app';
export const KEY = 'planted-vendor-key-Kx93';

export type TurnEnding = 'done' | 'failed' | 'waiting' | 'quota' | 'expired' | 'never';

/**
 * Where the work is said to be. `own`: on its branch. `nowhere`: nothing is offered. `other-repository`: in one that the run
 * is not about. `missing`: on a branch that is not there. `orphan`: without the base in its history. `rewritten`: on a branch
 * that lacks what it offered before.
 */
export type Offering = 'own' | 'nowhere' | 'other-repository' | 'missing' | 'orphan' | 'rewritten';

/** What the agent does with its n-th prompt; the last one again for every later prompt. */
export interface FakeTurn {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly offers?: Offering;
  readonly ends?: TurnEnding;
  readonly says?: string;
  /** It is at work until this says yes. */
  readonly ready?: () => boolean;
}

/** `after`: the vendor did what it was asked and nobody hears of it. */
export type Fault = '429' | '429-for-an-hour' | '500-before' | '500-after' | 'drop-after';

export interface Faults {
  /** One for each request that makes a session, in order; then none. */
  readonly create?: readonly Fault[];
  readonly follow?: readonly Fault[];
  readonly look?: readonly Fault[];
  readonly end?: readonly Fault[];
  /** Answers everything so. */
  readonly refuse?: 401 | 402 | 403;
}

export interface FakeSession {
  readonly id: string;
  readonly name: string;
  readonly branch: string;
  readonly pull: number;
  readonly prompts: string[];
  state: TurnEnding | 'working' | 'ended';
  says: string | null;
  offered: Offering | null;
  /** Grows with everything that happens. */
  version: number;
  spend: number;
}

export interface Script {
  readonly forge: ForgeServer;
  readonly turns: readonly FakeTurn[];
  readonly faults?: Faults;
}

export interface FakeVendor {
  readonly url: string;
  /** Over all sessions, in order. */
  readonly prompts: () => readonly string[];
  readonly sessions: () => readonly FakeSession[];
  /** Ids of sessions that were ended from outside. */
  readonly ended: () => readonly string[];
  readonly bodies: () => readonly unknown[];
  close(): Promise<void>;
}

export interface FakeAgent {
  readonly sessions: FakeSession[];
  readonly ended: string[];
  make(name: string, prompt: string, onto: string | null): FakeSession;
  ask(session: FakeSession, prompt: string): void;
  /** One look: the work gets on. */
  advance(session: FakeSession): void;
  end(session: FakeSession): void;
}

export function createFakeAgent({ forge, turns }: Script): FakeAgent {
  const sessions: FakeSession[] = [];
  const ended: string[] = [];
  const total = (): number => sessions.reduce((sum, { prompts }) => sum + prompts.length, 0);
  const turnOf = new Map<FakeSession, FakeTurn>();

  function has(ref: string): string | null {
    try {
      return forge.git(SLUG, 'rev-parse', '--verify', '--quiet', ref);
    } catch {
      return null;
    }
  }

  function work(session: FakeSession, { files, offers = 'own' }: FakeTurn): void {
    if (files === undefined) return;
    const refs = [`refs/heads/${session.branch}`, `refs/pull/${session.pull}/head`];
    const base = forge.git(SLUG, 'rev-parse', 'refs/heads/main');
    const parent = offers === 'orphan' ? null : offers === 'rewritten' ? base : (has(refs[0] ?? '') ?? base);
    forge.commit(SLUG, { files, parent, refs: offers === 'missing' ? [] : refs });
  }

  return {
    sessions,
    ended,
    make(name, prompt, onto) {
      const number = sessions.length + 1;
      const session: FakeSession = {
        id: `session${number}`,
        name,
        branch: onto ?? `agent/work-${number}`,
        pull: sessions.find(({ branch }) => branch === onto)?.pull ?? number,
        prompts: [],
        state: 'working',
        says: null,
        offered: null,
        version: 0,
        spend: 0,
      };
      sessions.push(session);
      this.ask(session, prompt);
      return session;
    },
    ask(session, prompt) {
      const turn = turns[Math.min(total(), turns.length - 1)] ?? {};
      session.prompts.push(prompt);
      session.state = 'working';
      session.version += 1;
      turnOf.set(session, turn);
    },
    advance(session) {
      const turn = turnOf.get(session);
      if (turn === undefined || session.state !== 'working' || turn.ends === 'never') return;
      if (turn.ready?.() === false) return;
      turnOf.delete(session);
      work(session, turn);
      session.state = turn.ends ?? 'done';
      session.says = turn.says ?? 'I did what I could.';
      session.offered = turn.files === undefined ? session.offered : (turn.offers ?? 'own');
      session.version += 1;
      session.spend += 1.25;
    },
    end(session) {
      session.state = 'ended';
      session.version += 1;
      ended.push(session.id);
    },
  };
}

export type Route = 'create' | 'follow' | 'look' | 'end';

export interface FakeApi {
  /** Which faults a request may meet; null: none. */
  routeOf(method: string, path: string): Route | null;
  /** `act` does it; the answer is thrown away where a fault says so. undefined: no such page. */
  handle(request: FakeRequest): FakeAnswer | undefined;
  /** As the vendor wants its key. */
  readonly authorization: string;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

/** Serves a fake API on loopback. */
export async function serveFake(script: Script, agent: FakeAgent, api: FakeApi): Promise<FakeVendor> {
  const faults = script.faults ?? {};
  const met: Record<Route, number> = { create: 0, follow: 0, look: 0, end: 0 };
  const bodies: unknown[] = [];

  function answer(request: FakeRequest, response: ServerResponse): void {
    if (request.headers.authorization !== api.authorization) return send(response, 401, { message: 'bad credentials' });
    if (faults.refuse !== undefined) return send(response, faults.refuse, { message: 'refused, says the test' });
    const route = api.routeOf(request.method, request.path);
    const fault = route === null ? undefined : faults[route]?.[met[route]++];
    if (fault === '429') return send(response, 429, { message: 'slow down' }, { 'retry-after': '0' });
    if (fault === '429-for-an-hour') return send(response, 429, { message: 'slow down' }, { 'retry-after': '3600' });
    if (fault === '500-before') return send(response, 500, { message: 'a bad day' });
    const result = api.handle(request) ?? { status: 404, body: { message: 'not found' } };
    if (fault === '500-after') return send(response, 500, { message: 'a bad day' });
    if (fault === 'drop-after') return void response.destroy();
    return send(response, result.status, result.body);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://loopback');
      const text = Buffer.concat(chunks).toString('utf8');
      const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      if (text !== '') bodies.push(body);
      const { method = 'GET', headers } = request;
      answer({ method, path: url.pathname, query: url.searchParams, body, headers }, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    prompts: () => agent.sessions.flatMap(({ prompts }) => prompts),
    sessions: () => agent.sessions,
    ended: () => agent.ended,
    bodies: () => bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
