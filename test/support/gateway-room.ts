/** A gateway of one run over a store in memory, in front of a scripted model server: what the gateway's tests stand in. */
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { RunEvent } from '../../src/core/event.ts';
import type { Limits } from '../../src/core/limit.ts';
import type { ModelCall } from '../../src/core/model-event.ts';
import { billNanoUsd } from './model-server/billing.ts';
import { startModelServer } from './model-server/index.ts';
import type { ModelServer, ModelServerOptions } from './model-server/index.ts';
import { inOrder } from './model-server/script.ts';
import type { Script } from './model-server/script.ts';
import type { ModelRules, TokenPrices } from '../../src/core/spend.ts';
import { createGateway } from '../../src/gateway/index.ts';
import type { GatewayOptions } from '../../src/gateway/index.ts';
import { createSecret } from '../../src/gateway/keys/secret.ts';
import { compileModelGlobs } from '../../src/policy/model-globs.ts';
import type { DialectId, GatewayRequest, GatewayRun, Provider } from '../../src/ports/gateway.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Lease, RunStore } from '../../src/ports/store.ts';
import { createMemoryStore } from '../../src/store/memory/index.ts';
import { policy } from '../fixtures/world.ts';

/** Planted where the real key is; must be seen by the model server and by nobody else. */
export const REAL_KEY = 'sk-real-canary-0123456789abcdef';
export const MODEL = 'acme/coder';
/** Round numbers, so that a reader can check a sum: 3 and 15 USD per million tokens. */
export const PRICES: TokenPrices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 };
export const SAY: Script = inOrder({ kind: 'say', text: 'Done, and every test is green.' });

export const systemLike: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
      return undefined;
    }),
};

export interface RoomOptions {
  readonly server?: Partial<ModelServerOptions>;
  readonly models?: Partial<ModelRules>;
  readonly limits?: Partial<Limits>;
  readonly dialects?: readonly DialectId[];
  readonly providers?: (url: string) => readonly Provider[];
  readonly store?: RunStore;
  readonly runId?: string;
  readonly clock?: Partial<Clock>;
  readonly request?: Partial<GatewayRequest>;
  readonly silenceMs?: number;
  readonly patience?: GatewayOptions['patience'];
  readonly quotaAttempts?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The connection ended before the answer did. */
  readonly broken: boolean;
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called with the first bytes of the answer. */
  readonly until?: () => void;
}

export interface Room {
  readonly server: ModelServer;
  readonly run: GatewayRun;
  readonly store: RunStore;
  readonly lease: Lease;
  readonly events: RunEvent[];
  readonly references: string[];
  readonly brakes: number[];
  readonly calls: () => readonly ModelCall[];
  readonly refused: () => readonly Extract<RunEvent, { type: 'model.refused' }>[];
  readonly key: string;
  readonly ask: (body: unknown, asking?: Asking) => Promise<Answer>;
  /** What the vendor bills so far. */
  readonly billed: () => number;
  readonly close: () => Promise<void>;
}

export const ALL_DIALECTS: readonly DialectId[] = ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini'];

/** One message in the protocol of Anthropic; what most tests send. */
export function message(text = 'hello', more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: MODEL, max_tokens: 4_096, stream: true, messages: [{ role: 'user', content: text }], ...more };
}

function send(room: { socket: string; key: string }, body: unknown, asking: Asking): Promise<Answer> {
  const { method = 'POST', path = '/v1/messages', key = room.key, headers = {}, signal, until } = asking;
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const carriers = path.startsWith('/v1beta/') ? ['x-goog-api-key'] : ['x-api-key', 'authorization'];
    const keyed = Object.fromEntries(
      key === null ? [] : carriers.map((name) => [name, name === 'authorization' ? `Bearer ${key}` : key]),
    );
    const outgoing = httpRequest(
      {
        socketPath: room.socket,
        method,
        path,
        headers: { 'content-type': 'application/json', ...keyed, ...headers },
        ...(signal === undefined ? {} : { signal }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        const end = (broken: boolean): void =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks), broken });
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        if (until !== undefined) incoming.once('data', until);
        incoming.on('end', () => end(false));
        incoming.on('error', () => end(true));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

export async function openRoom(options: RoomOptions = {}): Promise<Room> {
  const server = await startModelServer({ script: SAY, ...options.server });
  const store = options.store ?? createMemoryStore({ now: () => Date.now() });
  const runId = options.runId ?? 'run1';
  const lease = await store.create(runId, '/repository', 'me', 60_000);
  const plain = policy();
  const limits: Limits = { ...plain.limits, tokens: 'unlimited', costUsd: 5, ...options.limits };
  const events: RunEvent[] = [];
  const references: string[] = [];
  const brakes: number[] = [];
  const dialects = options.dialects ?? ALL_DIALECTS;
  const own: Provider = {
    name: 'acme',
    dialects,
    url: server.url,
    priceProvider: null,
    key: { kind: 'env', name: 'ACME_KEY' },
  };
  const gateway = createGateway({
    store,
    clock: { ...systemLike, ...options.clock },
    providers: async () => options.providers?.(server.url) ?? [own],
    readKey: async () => createSecret(REAL_KEY),
    matches: compileModelGlobs,
    ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
  let attempts = options.quotaAttempts ?? 0;
  const run = await gateway.open({
    lease,
    repository: '/repository',
    className: 'fix',
    models: { ...plain.models, prices: { [MODEL]: PRICES }, ...options.models },
    daily: { class: 'unlimited', repository: 'unlimited', all: 'unlimited' },
    now: () => ({ limits, quotaAttempts: attempts }),
    record: async (added, needed) => {
      for (const event of added) if (event.type === 'quota.reached') attempts = event.attempt;
      events.push(...added);
      references.push(...needed);
    },
    network: 'own',
    replay: null,
    ...options.request,
  });
  const socket = run.access.env['LOOPWRIGHT_GATEWAY_SOCKET'] ?? '';
  const key = run.access.env['LOOPWRIGHT_GATEWAY_KEY'] ?? '';
  return {
    server,
    run,
    store,
    lease,
    events,
    references,
    brakes,
    calls: () => events.flatMap((event) => (event.type === 'model.called' ? [event] : [])),
    refused: () => events.flatMap((event) => (event.type === 'model.refused' ? [event] : [])),
    key,
    ask: (body, asking = {}) => send({ socket, key }, body, asking),
    billed: () => billNanoUsd(server.bill(), PRICES),
    async close() {
      await run.close();
      await server.close();
    },
  };
}

/** Opens a room with a turn under way, and closes both whatever happens. */
export async function inTurn(
  options: RoomOptions,
  body: (
    room: Room & { readonly endTurn: () => ReturnType<ReturnType<GatewayRun['beginTurn']>['end']> },
  ) => Promise<void>,
): Promise<void> {
  const room = await openRoom(options);
  const turn = room.run.beginTurn(1, { brake: () => room.brakes.push(Date.now()), activity: () => undefined });
  try {
    await body({ ...room, endTurn: () => turn.end() });
  } finally {
    await turn.end().catch(() => null);
    await room.close();
  }
}
