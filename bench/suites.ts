/** The suites by name. */
import { join } from 'node:path';
import { compose } from '../src/cli/compose.ts';
import { planRun } from '../src/cli/plan-run.ts';
import { DEFAULT_RESOURCES } from '../src/core/resource.ts';
import { driveLeg } from '../src/engine/leg.ts';
import { startRun } from '../src/engine/start.ts';
import type { Sandbox } from '../src/ports/sandbox.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import { agentStart, agentTurn } from './agents.ts';
import { gateway } from './gateway.ts';
import { commands } from './commands.ts';
import { detectors } from './detectors.ts';
import { judging } from './judging.ts';
import { inTurn, median, row, timed } from './measure.ts';
import type { Row } from './measure.ts';
import { others, testsInside } from './others.ts';
import { overshoot } from './overshoot.ts';
import { exec, RAW_BUBBLEWRAP, spans } from './processes.ts';
import { recording } from './recording.ts';
import { git, makeRepository, scratch } from './repository.ts';
import { reservations } from './reservations.ts';

const silent: Terminal = {
  out: () => undefined,
  err: () => undefined,
  status: () => undefined,
  columns: 100,
  errColours: false,
  outColours: false,
  env: process.env,
  cwd: process.cwd(),
};

async function start(): Promise<readonly Row[]> {
  const { execPath } = process;
  const rounds = 15;
  const medians = await inTurn(rounds, {
    node: () => exec([execPath, '-e', '0']),
    version: () => exec([execPath, 'bin/loopwright.js', '--version']),
    help: () => exec([execPath, 'bin/loopwright.js', '--help']),
  });
  const baseline = ['bare node', medians['node'] ?? Number.NaN] as const;
  return [
    row('start', 'loopwright --version', medians['version'] ?? Number.NaN, {
      baseline,
      target: [80, 'at most 80 ms over bare node'],
      samples: rounds,
    }),
    row('start', 'loopwright --help', medians['help'] ?? Number.NaN, { baseline, samples: rounds }),
  ];
}

/** From the order to end it until nothing is left of a tree of 200 processes that left their sessions. */
async function killTree(sandbox: Sandbox): Promise<number> {
  const limits = { wallTimeMs: 60_000, idleMs: 'unlimited', outputBytes: 1_000_000, keepBytes: 1_000 } as const;
  const script = 'for i in $(seq 100); do (setsid sh -c "sleep 1000 & wait" &) ; done; echo there; sleep 1000';
  const abort = new AbortController();
  const spec = { argv: ['/bin/sh', '-c', script], cwd: '/tmp', env: {}, mounts: [], stdin: null, limits };
  const launched = sandbox.launch(spec, abort.signal);
  await new Promise<void>((resolve) => launched.onOutput(() => resolve()));
  return timed(async () => {
    abort.abort();
    await launched.finished;
  });
}

async function sandbox(): Promise<readonly Row[]> {
  const composition = compose({ ...process.env, LOOPWRIGHT_HOME: scratch() });
  const bench = await composition.bench('bubblewrap');
  const workspace = scratch();
  const rounds = 25;
  const limits = { wallTimeMs: 10_000, idleMs: 'unlimited', outputBytes: 1_000_000, keepBytes: 1_000 } as const;
  const medians = await inTurn(rounds, {
    bare: () => exec(['/usr/bin/true']),
    raw: () => exec([...RAW_BUBBLEWRAP, '--bind', workspace, workspace, '/usr/bin/true'], { env: {} }),
    ours: () =>
      bench.sandbox.launch(
        {
          argv: ['/usr/bin/true'],
          cwd: '/workspace',
          env: {},
          mounts: [{ kind: 'writable', source: workspace, target: '/workspace' }],
          stdin: null,
          limits,
        },
        new AbortController().signal,
      ).finished,
    limited: () =>
      bench.sandbox.launch(
        {
          argv: ['/usr/bin/true'],
          cwd: '/workspace',
          env: {},
          mounts: [{ kind: 'writable', source: workspace, target: '/workspace' }],
          stdin: null,
          limits: { ...limits, resources: DEFAULT_RESOURCES },
        },
        new AbortController().signal,
      ).finished,
  });
  const kills: number[] = [];
  for (let round = 0; round < 5; round += 1) kills.push(await killTree(bench.sandbox));
  await composition.close();
  const of = (name: string): number => medians[name] ?? Number.NaN;
  return [
    row('sandbox', 'raw bubblewrap', of('raw'), { baseline: ['a bare process', of('bare')], samples: rounds }),
    row('sandbox', 'our sandbox', of('ours'), { baseline: ['a bare process', of('bare')], samples: rounds }),
    row('sandbox', 'our sandbox', of('ours'), {
      baseline: ['raw bubblewrap', of('raw')],
      target: [15, 'within 15 ms of raw bubblewrap'],
      samples: rounds,
    }),
    row('sandbox', 'our sandbox, with resources watched', of('limited'), {
      baseline: ['our sandbox', of('ours')],
      samples: rounds,
    }),
    row('sandbox', 'the end of a tree of 200 daemons', median(kills), {
      target: [200, 'all of it within 200 ms'],
      samples: kills.length,
    }),
  ];
}

async function iteration(): Promise<readonly Row[]> {
  const repository = makeRepository(5_000);
  const composition = compose({ ...process.env, LOOPWRIGHT_HOME: scratch() });
  const { plan, bench } = await planRun(silent, composition, {
    directory: repository,
    revision: 'HEAD',
    goal: 'measure the supervisor',
    className: 'fix',
    agent: 'command',
    argv: ['/bin/sh', '-c', 'date +%N >> package0/module0/file0.js'],
    model: null,
    models: false,
    script: null,
    // Red for ever: every iteration goes all the way.
    checks: ['false'],
    sandbox: null,
    limits: { iterations: '12' },
  });
  const patient = {
    ...plan.policy,
    detectors: { ...plan.policy.detectors, repeatedFailureIterations: 'off' as const },
  };
  const options = { listener: (): void => undefined };
  const recorder = await startRun(bench, { ...plan, policy: patient }, options.listener);
  const state = await driveLeg(bench, recorder, options);
  const events = await bench.store.read(state.runId);
  await composition.close();
  const turns = spans(events, 'turn.requested', 'turn.finished');
  const collections = spans(events, 'change.requested', 'change.collected');
  const checks = spans(events, 'check.requested', 'check.finished');
  const ownMs: number[] = [];
  for (let round = 0; round < 12; round += 1)
    ownMs.push(await timed(() => exec(['/bin/sh', '-c', 'date +%N >> /dev/null'])));
  const agent = ['the agent alone', median(ownMs)] as const;
  const turn = median(turns);
  return [
    row('iteration', 'a turn, without checkpoint and checks', turn, {
      baseline: agent,
      target: [50, 'at most 50 ms beyond the agent'],
      samples: turns.length,
    }),
    row('iteration', 'a turn and its checkpoint, 5,000 files', turn + median(collections), {
      baseline: agent,
      target: [150, 'at most 150 ms beyond the agent'],
      samples: collections.length,
    }),
    row('iteration', 'a check that does nothing, fresh checkout included', median(checks), {
      baseline: agent,
      samples: checks.length,
    }),
  ];
}

async function workspace(): Promise<readonly Row[]> {
  const repository = makeRepository(12_000);
  const composition = compose({ ...process.env, LOOPWRIGHT_HOME: scratch() });
  const bench = await composition.bench('bubblewrap');
  const base = await bench.repositories.pin(repository, 'HEAD');
  const classify = (): { protected: boolean; inScope: boolean; zones: string[] } => ({
    protected: false,
    inScope: true,
    zones: [],
  });
  const { signal } = new AbortController();
  let number = 0;
  const create = async (): Promise<void> => {
    const runId = `bench${(number += 1)}`;
    const readers = { classify, readRisks: () => [], readContent: () => Promise.resolve([]) };
    await bench.workspaces.create({ runId, repository, base, dependencies: [], ...readers }, signal);
  };
  const worktree = (): void => {
    git(repository, 'worktree', 'add', '--quiet', '--detach', join(scratch(), `tree${(number += 1)}`));
  };
  const firstMs = await timed(create);
  const rounds = 5;
  const medians = await inTurn(rounds, { worktree, create });
  await composition.close();
  const baseline = ['git worktree add', medians['worktree'] ?? Number.NaN] as const;
  return [
    row('workspace', 'the first one of a base, 12,000 files', firstMs, { baseline, samples: 1 }),
    row('workspace', 'every later one, 12,000 files', medians['create'] ?? Number.NaN, {
      baseline,
      target: [0, 'faster than git worktree add'],
      samples: rounds,
    }),
  ];
}

export const SUITES: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  start,
  sandbox,
  iteration,
  workspace,
  recording,
  reservations,
  gateway,
  overshoot,
  commands,
  detectors,
  judging,
  others,
  'tests-inside': testsInside,
  'agent-turn': agentTurn,
  'agent-start': agentStart,
};
