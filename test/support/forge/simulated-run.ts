/** An accepted run in memory, ready to be published on a simulated forge. */
import type { ResolvedPolicy } from '../../../src/core/policy.ts';
import type { RecordedEvent, RunEvent } from '../../../src/core/event.ts';
import { foldRun } from '../../../src/core/evolve.ts';
import { isLoopwrightError, LoopwrightError } from '../../../src/core/errors.ts';
import type { Freeze } from '../../../src/core/freeze.ts';
import type { RunState } from '../../../src/core/state.ts';
import { landRun } from '../../../src/engine/decisions.ts';
import type { ReviewRequest } from '../../../src/ports/forge.ts';
import type { PublishDependencies } from '../../../src/engine/publication.ts';
import { publishRun } from '../../../src/engine/publish.ts';
import type { Published } from '../../../src/engine/publish.ts';
import { redoRuns, undoRuns } from '../../../src/engine/undo.ts';
import { withdrawals } from '../../../src/engine/withdraw.ts';
import { createMemoryStore } from '../../../src/store/memory/index.ts';
import { BASE, HAPPY, openLog, play, policy, started } from '../../fixtures/world.ts';
import type { World } from '../../fixtures/world.ts';
import { simulateForge } from './simulated.ts';
import type { SimulatedForge } from './simulated.ts';

/** What a simulated process dies of: nothing in the engine may catch it as an outcome. */
export class Death extends Error {}

export interface Publishable {
  readonly sim: SimulatedForge;
  readonly runId: string;
  /** What cannot be done here rejects with these words. */
  readonly freezes: Freeze[];
  /** The lines that were shown before anything was sent. */
  readonly shown: string[];
  publish(options?: { readonly again?: boolean; readonly despitePolicy?: boolean }): Promise<Published>;
  /** On a local branch, which cannot be written here. */
  land(): Promise<RunState>;
  /** Time, ms. */
  pass(ms: number): void;
  /** As `loopwright undo` does. */
  undo(signal?: AbortSignal): Promise<RunState>;
  redo(): Promise<RunState>;
  /** Whether the branches here refuse what is planned, and what happens when the intent of an undo is written. */
  readonly here: { refusesUndo: boolean; onIntent: () => void };
  events(): Promise<readonly RecordedEvent[]>;
  state(): Promise<RunState>;
  append(...events: readonly RunEvent[]): Promise<void>;
  /** The process dies at its n-th chance from now: before an effect, after one, before or after a write to the log. */
  dieAt(chance: number): void;
  /** How many chances there were since. */
  chances(): number;
}

const unavailable = (): Promise<never> => Promise.reject(new Error('not in this simulation'));

export interface RunWish {
  readonly policy?: Partial<ResolvedPolicy>;
  readonly world?: Partial<World>;
  readonly started?: Partial<Extract<RunEvent, { type: 'run.started' }>>;
}

export async function publishable(wish: RunWish = {}): Promise<Publishable> {
  let now = 1_000_000;
  const publish = { forge: 'github', repository: null, target: null, openRequests: 5 } as const;
  const log = openLog(started({ policy: policy({ publish, ...wish.policy }), ...wish.started }));
  const ended = play(log, { ...HAPPY, ...wish.world });
  const { runId } = ended;
  const memory = createMemoryStore({ now: () => now });
  const lease = await memory.create(runId, '/repo', 'setup', 1_000);
  await memory.append(
    lease,
    log.events.map(({ seq: _seq, epoch: _epoch, v: _v, runId: _run, at, activeMs, ...event }) => ({
      event: event as RunEvent,
      at,
      activeMs,
    })),
  );
  await memory.release(lease);

  const sim = simulateForge(BASE.commit);
  let chance = 0;
  let deathAt = Number.POSITIVE_INFINITY;
  const maybeDie = (): void => {
    chance += 1;
    if (chance >= deathAt) throw new Death(`at chance ${chance}`);
  };
  sim.onEffect = maybeDie;
  const freezes: Freeze[] = [];
  const shown: string[] = [];
  const here: Publishable['here'] = { refusesUndo: false, onIntent: () => undefined };
  const diffHash = ended.iterations.at(-1)?.change?.diffHash ?? '';
  const deps: PublishDependencies = {
    store: {
      ...memory,
      async append(held, appends) {
        maybeDie();
        if (appends.some(({ event }) => event.type === 'undo.requested')) here.onIntent();
        const recorded = await memory.append(held, appends);
        maybeDie();
        return recorded;
      },
    },
    clock: {
      now: () => (now += 1),
      monotonicMs: () => now,
      // The heartbeat sleeps until it is told to end; waits between two tries are over at once.
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (ms >= 1_000 || signal?.aborted === true) setImmediate(resolve);
          else signal?.addEventListener('abort', () => resolve(), { once: true });
        }),
    },
    forge: () => Promise.resolve(sim.forge),
    remotes: sim.remotes,
    describe: () => Promise.resolve('What was measured.'),
    results: {
      diff: () => Promise.resolve(new Uint8Array()),
      diffHash: () => Promise.resolve(diffHash),
      land: unavailable,
      holds: () => Promise.resolve(false),
      history: () => Promise.resolve([]),
      compose: (_repository, { checkpoint }) => Promise.resolve(sim.compose(checkpoint)),
      async undo(requests, ready) {
        if (here.refusesUndo)
          throw new LoopwrightError('LW_BRANCH_EXISTS', { message: 'checked out', next: 'Nothing.' });
        await ready?.();
        return requests.map(() => ({ mode: 'drop', evidence: 'dropped', commit: null }));
      },
      async redo(requests, ready) {
        await ready?.();
        return requests.map(() => ({ mode: 'kept', evidence: 'kept' }));
      },
      builtOn: (_repository, newer, older) => Promise.resolve(sim.has(newer, older)),
      discard: () => Promise.resolve(),
      forget: () => Promise.resolve(),
      orphans: () => Promise.resolve([]),
    },
    approverKeys: { problem: () => Promise.resolve(null) },
    freezes: () => Promise.resolve(freezes),
    ids: { next: () => 'other' },
    gateway: unavailable,
    egress: unavailable,
    secrets: { agree: unavailable, open: unavailable },
    sandbox: {
      id: 'simulated',
      network: 'own',
      probe: unavailable,
      offersOverlay: () => Promise.resolve(false),
      launch: () => {
        throw new Error('nothing runs here');
      },
    },
    workspaces: { create: unavailable, open: unavailable },
    base: () => ({ readFile: () => Promise.resolve(null), listFiles: unavailable, readAll: unavailable }),
    driver: unavailable,
    checkFormat: unavailable,
    failures: () => ({ notes: [], failing: [] }),
    classifier: unavailable,
    ruleAnswers: unavailable,
    riskReader: unavailable,
    contentReader: unavailable,
    migrations: unavailable,
    guard: unavailable,
    process: { pid: 1, host: 'here' },
    version: '0',
  };
  const holding = { listener: (): undefined => undefined, signal: new AbortController().signal };
  const state = async (): Promise<RunState> => foldRun(await memory.read(runId));
  return {
    sim,
    runId,
    freezes,
    shown,
    here,
    publish: ({ again = false, despitePolicy = false } = {}) =>
      publishRun(deps, runId, {
        ...holding,
        again,
        despitePolicy,
        onStated: (lines) => shown.push(...lines.map(({ text }) => text)),
      }),
    land: () => landRun(deps, runId, null, () => undefined),
    pass: (ms) => void (now += ms),
    async undo(signal = holding.signal) {
      const [state] = await undoRuns(deps, [runId], {
        ...holding,
        signal,
        dependants: 'keep',
        elsewhere: withdrawals(deps),
      });
      if (state === undefined) throw new Error('nothing was undone');
      return state;
    },
    async redo() {
      const [state] = await redoRuns(deps, [runId], holding.listener);
      if (state === undefined) throw new Error('nothing was brought back');
      return state;
    },
    events: () => memory.read(runId),
    state,
    async append(...events) {
      const held = await memory.claim(runId, 'somebody', 1_000);
      const { activeMs } = await state();
      await memory.append(
        held,
        events.map((event) => ({ event, at: (now += 1), activeMs })),
      );
      await memory.release(held);
    },
    dieAt(wanted) {
      chance = 0;
      deathAt = wanted;
    },
    chances: () => chance,
  };
}

/** The branch of the run that `publishable` makes. */
export const BRANCH = 'loopwright/run1';
export const LANDS: RunWish = { policy: { class: { ...policy().class, autonomy: 'land' } } };

/** The code it rejects with; `none` where it does not. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (isLoopwrightError(error) ? error.code : String(error)),
  );
}

export function openRequests({ sim }: Publishable): readonly ReviewRequest[] {
  return sim.requests.filter(({ state }) => state === 'open');
}
