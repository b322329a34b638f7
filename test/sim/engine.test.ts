/**
 * A seeded simulator over core and engine: the process dies between any two events, or in the middle of an effect, and
 * another one takes over. Replay one seed with `SIM_SEED=7 npx vitest run test/sim`.
 */
import { describe, expect, it } from 'vitest';
import { LoopwrightError } from '../../src/core/errors.ts';
import type { RecordedEvent } from '../../src/core/event.ts';
import { foldRun } from '../../src/core/evolve.ts';
import { waitingQuestions } from '../../src/core/fold-permission.ts';
import type { PermissionAnswer } from '../../src/core/permission.ts';
import { statusOf, waitsForAnswers } from '../../src/core/state.ts';
import type { RunState } from '../../src/core/state.ts';
import type { EngineDependencies } from '../../src/engine/dependencies.ts';
import { answerQuestion } from '../../src/engine/answers.ts';
import { decideApproval } from '../../src/engine/approvals.ts';
import { driveLeg, resumeRun } from '../../src/engine/leg.ts';
import { createRecorder } from '../../src/engine/recorder.ts';
import { startRun } from '../../src/engine/start.ts';
import type { AgentHost, TurnResult } from '../../src/ports/driver.ts';
import type { Sandbox, SupervisedProcess } from '../../src/ports/sandbox.ts';
import type { RunStore } from '../../src/ports/store.ts';
import type { Checkout, Workspace } from '../../src/ports/workspace.ts';
import { createMemoryStore } from '../../src/store/memory/index.ts';
import { BASE, change, file, policy } from '../fixtures/world.ts';

/** mulberry32: small, seedable, good enough to choose faults. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What the simulated process died of: nothing in the engine may catch it as an outcome. */
class Death extends Error {}

interface Simulation {
  readonly deps: EngineDependencies;
  readonly store: RunStore;
  /** The next process dies at its n-th chance. */
  dieAt(chance: number): void;
  chances(): number;
  /** Lets time go by. Milliseconds. */
  pass(ms: number): void;
  /** What the agents were told. */
  readonly answers: readonly PermissionAnswer['decision'][];
}

const FINISHED = {
  end: { kind: 'exited', code: 0 },
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  stdoutBytes: 0,
  stderrBytes: 0,
  wallTimeMs: 1,
} as const;

function simulation(roll: () => number): Simulation {
  let now = 1_000_000;
  let chance = 0;
  let deathAt = Number.POSITIVE_INFINITY;
  const maybeDie = (): void => {
    chance += 1;
    if (chance >= deathAt) throw new Death(`at chance ${chance}`);
  };
  const clock = {
    now: () => (now += 1),
    monotonicMs: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted === true) resolve();
        else signal?.addEventListener('abort', () => resolve(), { once: true });
        void ms;
      }),
  };
  const memory = createMemoryStore({ now: () => now });
  const store: RunStore = {
    ...memory,
    async append(lease, appends) {
      maybeDie();
      const recorded = await memory.append(lease, appends);
      maybeDie();
      return recorded;
    },
  };
  const sandbox: Sandbox = {
    id: 'simulated',
    network: 'own',
    probe: () => Promise.resolve({ id: 'simulated', confines: true, version: null, enforced: {}, gaps: [] }),
    offersOverlay: () => Promise.resolve(false),
    launch(): SupervisedProcess {
      maybeDie();
      return {
        onOutput: () => undefined,
        sawLife: () => undefined,
        write: () => undefined,
        endInput: () => undefined,
        finished: Promise.resolve(FINISHED),
      };
    },
  };
  const checkout: Checkout = { mounts: [], workspacePath: '/workspace', dispose: () => Promise.resolve() };
  const zones = roll() < 0.3 ? ['infrastructure'] : [];
  const workspace: Workspace = {
    kind: 'clone',
    dependencies: [],
    tracked: [],
    guarded: { hidden: [], emptied: [], locked: [], loose: 0 },
    checkout,
    home: { mounts: [], path: '/home/agent', seed: () => Promise.resolve() },
    fresh: async () => checkout,
    blend: async () => checkout,
    adopt: () => Promise.reject(new Error('no agent here works elsewhere')),
    async collect(iteration) {
      maybeDie();
      const tree = `tree-${Math.floor(roll() * 3)}`;
      return { change: change(iteration, { tree, files: [file('a.js', { zones })] }), ref: `refs/${iteration}` };
    },
    async rehearse() {
      maybeDie();
      return { worked: true, tree: BASE.tree, evidence: 'equal' };
    },
  };
  const turn = async (host: AgentHost): Promise<TurnResult> => {
    maybeDie();
    if (roll() < 0.4) {
      const line = `step ${Math.floor(roll() * 2)}`;
      const { decision } = await host.permit({ tool: 'Bash', use: { kind: 'command', line }, input: line });
      answers.push(decision);
      maybeDie();
    }
    return {
      end: { kind: 'ended', exitCode: 0 },
      claims: [],
      wallTimeMs: 1,
      outputBytes: 1,
      output: new TextEncoder().encode('x'),
    };
  };
  const answers: PermissionAnswer['decision'][] = [];
  let run = 0;
  let checks = 0;
  const deps: EngineDependencies = {
    store,
    clock,
    gateway: () => Promise.reject(new Error('no simulated agent calls models')),
    secrets: {
      agree: async () => undefined,
      open: () => Promise.reject(new Error('no simulated policy names secrets')),
    },
    egress: () => Promise.reject(new Error('no simulated policy names hosts')),
    ids: { next: () => `run${(run += 1)}` },
    sandbox,
    workspaces: { create: async () => workspace, open: async () => workspace },
    results: {
      diff: () => Promise.resolve(new Uint8Array()),
      diffHash: () => Promise.resolve(''),
      history: () => Promise.resolve([]),
      compose: (_repository, { checkpoint }) => Promise.resolve(checkpoint),
      land: () => Promise.resolve({ previous: null }),
      holds: () => Promise.resolve(false),
      builtOn: () => Promise.resolve(false),
      undo: (all) => Promise.resolve(all.map(() => ({ mode: 'drop', evidence: '', commit: null }))),
      redo: (all) => Promise.resolve(all.map(() => ({ mode: 'kept', evidence: '' }))),
      discard: () => Promise.resolve(),
      forget: () => Promise.resolve(),
      orphans: () => Promise.resolve([]),
    },
    driver: () =>
      Promise.resolve({
        id: 'scripted',
        summary: '',
        capabilities: {
          resumable: false,
          reportsUsage: false,
          gatewayAware: false,
          asksPermission: false,
          modelFree: true,
          learnsFromFailures: true,
        },
        options: (raw) => raw,
        usesModels: () => false,
        open: (_, host) => Promise.resolve({ turn: () => turn(host), close: () => Promise.resolve() }),
      }),
    checkFormat: () =>
      Promise.resolve({
        id: 'tap',
        interpret() {
          checks += 1;
          const red = checks === 1 || roll() < 0.5;
          return {
            conclusion: red ? 'failure' : 'success',
            counted: 2,
            failed: red ? 1 : 0,
            skipped: 0,
            tests: [{ id: 'a', status: red ? 'failed' : 'passed' }],
            summary: red ? '1 of 2 failed' : '2 passed',
          };
        },
      }),
    failures: (interpretation) => ({
      notes: [],
      failing: interpretation.conclusion === 'failure' ? [`a${Math.floor(roll() * 3)}`] : [],
    }),
    base: () => ({
      readFile: () => Promise.resolve(null),
      readAll: () => Promise.resolve(new Map()),
      listFiles: () => Promise.resolve([]),
    }),
    migrations: () => Promise.resolve({ run: () => Promise.resolve([]) }),
    ruleAnswers: () =>
      Promise.resolve(() => ({
        decision: roll() < 0.5 ? 'hold' : roll() < 0.5 ? 'allow' : 'deny',
        rule: null,
        reason: 'so it fell',
      })),
    classifier: () => Promise.resolve(() => ({ protected: false, inScope: true, zones: [] })),
    riskReader: () => Promise.resolve(() => []),
    contentReader: () => Promise.resolve(() => Promise.resolve([])),
    guard: () => Promise.resolve({ hides: () => false, mayChange: () => true, mayChangeBelow: () => true }),
    approverKeys: { problem: () => Promise.resolve('nobody signs here') },
    freezes: () => Promise.resolve([]),
    process: { pid: 1, host: 'sim' },
    version: '0',
  };
  return {
    deps,
    store,
    dieAt(at) {
      chance = 0;
      deathAt = at;
    },
    chances: () => chance,
    pass: (ms) => void (now += ms),
    answers,
  };
}

const plan = {
  task: { goal: 'g', repository: '/r', class: 'fix' },
  policy: policy(),
  policyHash: 'h',
  base: BASE,
  sandbox: { id: 'simulated', confines: true, version: null, enforced: {}, gaps: [] },
  operator: 'ann',
};

const quiet = { listener: () => undefined };

/** Drives to the end through `deaths` crashes. Each new process takes over by force, as after an expired lease. */
async function survive(sim: Simulation, roll: () => number, deaths: number): Promise<RunState> {
  let state: RunState | null = null;
  const recorder = await startRun(sim.deps, plan, quiet.listener);
  const { runId } = recorder.lease;
  let first = true;
  for (let life = 0; life <= deaths * 3 + 6; life += 1) {
    sim.dieAt(life < deaths ? 1 + Math.floor(roll() * 12) : Number.POSITIVE_INFINITY);
    try {
      state = first ? await driveLeg(sim.deps, recorder, quiet) : await resumeRun(sim.deps, runId, quiet);
      if (statusOf(state) === 'stopped') return state;
      if (waitsForAnswers(state)) {
        const [question] = waitingQuestions(state);
        const decided = { question: question?.digest ?? null, by: 'bob', reason: 'r' } as const;
        const decision = roll() < 0.5 ? 'allowed' : 'denied';
        state = await answerQuestion(sim.deps, runId, { ...decided, decision }, quiet.listener);
        first = false;
        continue;
      }
      const approve = roll() < 0.5;
      const decision = { by: 'bob', reason: 'r', diffHash: null, endRun: false, sign: null } as const;
      state = await decideApproval(
        sim.deps,
        runId,
        { ...decision, decision: approve ? 'approved' : 'rejected' },
        quiet,
      );
      if (statusOf(state) === 'stopped') return state;
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
    first = false;
    // The dead process could not release its lease.
    sim.dieAt(Number.POSITIVE_INFINITY);
  }
  throw new Error(`run neither stopped after ${deaths} deaths: ${state?.phase}`);
}

function turnsTaken(events: readonly RecordedEvent[]): number[] {
  return events.filter((event) => event.type === 'turn.requested').map((event) => event.iteration);
}

const seeds =
  process.env['SIM_SEED'] === undefined
    ? Array.from({ length: 150 }, (_, seed) => seed)
    : [Number(process.env['SIM_SEED'])];

describe('a run whose supervisor keeps dying', () => {
  it('ends all the same, takes no turn twice, and its log folds', async () => {
    let died = 0;
    const told = new Set<string>();
    for (const seed of seeds) {
      const roll = random(seed);
      const sim = simulation(roll);
      const deaths = Math.floor(roll() * 6);
      const state = await survive(sim, roll, deaths);
      died += deaths;
      const events = await sim.store.read(state.runId);
      expect(foldRun(events), `seed ${seed}`).toEqual(state);
      expect((await sim.store.verify(state.runId)).brokenAt, `seed ${seed}`).toBeNull();
      const turns = turnsTaken(events);
      expect(new Set(turns).size, `seed ${seed}: turns ${turns.join(',')}`).toBe(turns.length);
      // A turn that was held counts against nothing, and each of the two questions is held once at most.
      expect(turns.length, `seed ${seed}`).toBeLessThanOrEqual(5 + 2);
      for (const answer of sim.answers) told.add(answer);
      expect(events.filter((event) => event.type === 'run.stopped').length, `seed ${seed}`).toBe(1);
    }
    expect(died).toBeGreaterThan(seeds.length);
    expect([...told].toSorted()).toEqual(['allow', 'deny', 'hold']);
  });

  it('keeps a question that a person has to decide, over its death and for hours', async () => {
    // Every choice falls on the first side: the agent asks each turn, is held, and the checks stay red.
    const sim = simulation(() => 0);
    const recorder = await startRun(sim.deps, plan, quiet.listener);
    const { runId } = recorder.lease;
    let alive = true;
    const store: RunStore = {
      ...sim.store,
      async append(lease, appends) {
        const recorded = await sim.store.append(lease, appends);
        alive &&= appends[0]?.event.type !== 'permission.answered';
        if (!alive) throw new Death('after the answer');
        return recorded;
      },
    };
    const dying = { ...sim.deps, store };
    const dead = createRecorder({
      store,
      clock: sim.deps.clock,
      lease: recorder.lease,
      history: await sim.store.read(runId),
      listener: quiet.listener,
    });
    await expect(driveLeg(dying, dead, quiet)).rejects.toThrow(Death);

    sim.pass(6 * 3_600_000);
    const waiting = await resumeRun(sim.deps, runId, quiet);
    expect(waiting).toMatchObject({ phase: 'ready', iterations: [{ turn: { end: { kind: 'lost' } } }] });
    expect([statusOf(waiting), waitsForAnswers(waiting)]).toEqual(['waiting', true]);
    sim.pass(6 * 3_600_000);
    const answer = { question: null, decision: 'allowed', by: 'bob', reason: 'late, but yes' } as const;
    await answerQuestion(sim.deps, runId, answer, quiet.listener);
    const after = await resumeRun(sim.deps, runId, quiet);
    expect(after.permissions.answered).toMatchObject({ hold: 1, deny: 0 });
    expect(after.permissions.answered.allow).toBeGreaterThan(0);
    expect(after.permissions.held).toMatchObject([{ decision: { by: 'bob', reason: 'late, but yes' } }]);
  });

  it('is fenced: a process that was taken over appends nothing more', async () => {
    const sim = simulation(random(1));
    const stale = await startRun(sim.deps, plan, quiet.listener);
    await sim.store.claim(stale.lease.runId, 'other', 1_000, true);
    const before = (await sim.store.read(stale.lease.runId)).length;
    await expect(stale.append({ type: 'stop.requested', by: 'x' })).rejects.toMatchObject({ code: 'LW_STORE_FENCED' });
    expect((await sim.store.read(stale.lease.runId)).length).toBe(before);
  });

  it('turns an operational failure into a stop that names it', async () => {
    const sim = simulation(random(2));
    const broken = new LoopwrightError('LW_GIT_FAILED', { message: 'git fetch failed', next: 'Look at the disk.' });
    const deps = { ...sim.deps, workspaces: { ...sim.deps.workspaces, create: () => Promise.reject(broken) } };
    const state = await driveLeg(deps, await startRun(deps, plan, quiet.listener), quiet);
    expect(state.stop).toMatchObject({ reason: 'environment-failed' });
    expect(state.stop?.detail).toContain('LW_GIT_FAILED');
  });

  it('stops cleanly on a signal from another process', async () => {
    const sim = simulation(random(3));
    const recorder = await startRun(sim.deps, plan, quiet.listener);
    await recorder.append({ type: 'stop.requested', by: 'ann' });
    const state = await driveLeg(sim.deps, recorder, quiet);
    expect(state.stop).toMatchObject({ reason: 'interrupted', detail: 'stopped by ann' });
  });
});
