/**
 * The model gateway: the one way from an agent to its models, outside the sandbox, in the supervisor's own process. Every
 * call is held in the ledger before it is made, settled once after it, and recorded; bytes pass unchanged.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LoopwrightError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gateway, GatewayRequest, GatewayRun, KeySource, Provider, Secret } from '../ports/gateway.ts';
import type { RunStore } from '../ports/store.ts';
import { agentVariables } from './access.ts';
import { createAdmission } from './admission.ts';
import type { OpenProvider } from './call.ts';
import { loadDialect } from './dialects/registry.ts';
import { handle } from './handle.ts';
import type { HandlerContext } from './handle.ts';
import { createInputBound } from './input-bound.ts';
import { listen } from './listen.ts';
import type { RequestPatience } from './listen.ts';
import { createPriceBook } from './prices/book.ts';
import { createRecording } from './recording/recording.ts';
import { createRedaction } from './recording/redact.ts';
import { createReplay } from './replay.ts';
import { createRoom } from './room.ts';
import { runScope, scopesOf } from './scopes.ts';
import { createStepWatch } from './steps/step-watch.ts';
import { createTurns } from './turns.ts';
import type { Turns } from './turns.ts';
import { createUpstream } from './upstream.ts';

export interface GatewayOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  /** As the host says; read anew for each run. */
  readonly providers: () => Promise<readonly Provider[]>;
  /** Rejects with `LW_KEY_UNAVAILABLE`. */
  readonly readKey: (source: KeySource) => Promise<Secret | null>;
  /** Whether a name is covered by one of the policy's globs. */
  readonly matches: (globs: readonly string[]) => (name: string) => boolean;
  /** Longest silence of a vendor, milliseconds; shorter only in tests. */
  readonly silenceMs?: number;
  /** With clients; shorter only in tests. */
  readonly patience?: RequestPatience;
}

/** The loopback port inside a sandbox; its network is the run's own, so it collides with nothing. */
const INSIDE_PORT = 4_141;

/** A hold is settled when its call ends; one whose supervisor died counts as spent after this, milliseconds. */
const HOLD_MS = 3_600_000;

interface Opened {
  readonly providers: readonly OpenProvider[];
  /** Why a provider is not there, by name: its key could not be read. */
  readonly missing: readonly LoopwrightError[];
}

async function openProvider(options: GatewayOptions, provider: Provider, replayed: boolean): Promise<OpenProvider> {
  const key = provider.key.kind === 'none' || replayed ? null : await options.readKey(provider.key);
  return { provider, dialects: await Promise.all(provider.dialects.map(loadDialect)), key };
}

/** A key that cannot be read takes its provider away and no other. */
async function openProviders(options: GatewayOptions, replayed: boolean): Promise<Opened> {
  const providers: OpenProvider[] = [];
  const missing: LoopwrightError[] = [];
  for (const provider of await options.providers()) {
    try {
      providers.push(await openProvider(options, provider, replayed));
    } catch (error) {
      if (!(error instanceof LoopwrightError)) throw error;
      missing.push(error);
    }
  }
  return { providers, missing };
}

function requireOne({ providers, missing }: Opened): void {
  if (providers.length > 0) return;
  throw new LoopwrightError('LW_GATEWAY_UNAVAILABLE', {
    message: `no provider of models can be used: ${missing.map(({ message }) => message).join('; ') || 'none is configured'}`,
    next: 'Set the key of one in the environment (ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY), or say in providers.yaml where it is.',
  });
}

function answerer(context: HandlerContext, turns: Turns): (request: IncomingMessage, client: ServerResponse) => void {
  return (request, client) => {
    turns.follow(
      handle(context, request, client).catch((error: unknown) => {
        // Nothing is passed that could not be written down: the agent gets no answer, and the turn its end.
        turns.fail(error);
        client.destroy();
      }),
    );
  };
}

async function createContext(options: GatewayOptions, request: GatewayRequest, turns: Turns): Promise<HandlerContext> {
  const { store, clock } = options;
  const { lease, models, replay } = request;
  const opened = await openProviders(options, replay !== null);
  requireOne(opened);
  const key = `lw-run-${randomBytes(24).toString('base64url')}`;
  const secrets = opened.providers.flatMap((open) => (open.key === null ? [] : [open.key.reveal()]));
  const owner = { runId: lease.runId, repository: request.repository, className: request.className };
  const room = createRoom(clock);
  let calls = 0;
  return {
    request,
    clock,
    ledger: store.ledger,
    admit: createAdmission({
      ledger: store.ledger,
      lease,
      // What is only replayed is paid by nobody, so it counts against no day.
      scopes: () => {
        const { limits } = request.now();
        if (replay !== null) return [runScope(lease.runId, limits)];
        return scopesOf(owner, { limits, daily: request.daily, at: clock.now() });
      },
      roomChanged: (signal) => room.changed(signal),
      holdMs: HOLD_MS,
    }),
    prices: await createPriceBook(models),
    bound: createInputBound(),
    recording: createRecording(store),
    upstream: createUpstream(options.silenceMs),
    replay: replay === null ? null : createReplay(replay.calls, store),
    steps: createStepWatch(request.steps ?? {}),
    redact: createRedaction([...secrets, key]),
    allowsModel: options.matches(models.allow),
    nextCallId: () => `${lease.runId}.${lease.epoch}.${(calls += 1)}`,
    settled: () => room.announce(),
    providers: opened.providers,
    key,
    turn: () => turns.current(),
  };
}

export function createGateway(options: GatewayOptions): Gateway {
  return {
    async open(request): Promise<GatewayRun> {
      const turns = createTurns(options.clock);
      const context = await createContext(options, request, turns);
      const listening = await listen(answerer(context, turns), request.network, options.patience);
      const { socket, port } = listening;
      const origin = `http://127.0.0.1:${port ?? INSIDE_PORT}`;
      const providers = context.providers.map(({ provider }) => provider);
      let closing: Promise<void> | null = null;
      const closeAll = async (): Promise<void> => {
        await turns.endAll();
        context.upstream.close();
        await listening.close();
      };
      return {
        access: {
          env: agentVariables(providers, { origin, socket, key: context.key }),
          forwards: port === null ? [{ port: INSIDE_PORT, socket }] : [],
        },
        beginTurn: (iteration, listener) => turns.begin(iteration, listener),
        close() {
          closing ??= closeAll();
          return closing;
        },
      };
    },
  };
}
