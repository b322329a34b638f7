/** What a turn of a coding agent costs beside the agent, and what its start costs inside the sandbox. */
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compose } from '../src/cli/compose.ts';
import { planRun } from '../src/cli/plan-run.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import { driveLeg } from '../src/engine/leg.ts';
import { startRun } from '../src/engine/start.ts';
import { createBubblewrapSandbox } from '../src/sandboxes/bubblewrap/index.ts';
import { MODULES, versionOf } from '../test/agents/recipe.ts';
import { RECIPES } from '../test/agents/recipes/index.ts';
import { inTurn, median, row, timed } from './measure.ts';
import type { Row } from './measure.ts';
import { exec, spans } from './processes.ts';
import { makeRepository, scratch } from './repository.ts';

const TURNS = 12;
const STARTS = 5;

/** Reads its prompt, writes a line and says that it is done: what is left is not the agent's. */
function fakeAgent(): string {
  const file = join(scratch(), 'pi');
  const settled = JSON.stringify({ type: 'agent_settled' });
  writeFileSync(file, `#!/bin/sh\ncat > /dev/null\ndate +%N >> made.txt\necho '${settled}'\n`);
  chmodSync(file, 0o755);
  return file;
}

export async function agentTurn(): Promise<readonly Row[]> {
  const program = fakeAgent();
  const directory = scratch();
  const providers = join(directory, 'providers.yaml');
  const vendor = "{ dialect: openai-chat, url: 'http://127.0.0.1:9', key: none }";
  writeFileSync(providers, `version: 1\nproviders: { bench: ${vendor}, anthropic: off, openai: off, google: off }\n`, {
    mode: 0o600,
  });
  const env = {
    ...process.env,
    LOOPWRIGHT_HOME: scratch(),
    LOOPWRIGHT_PROVIDERS: providers,
    PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}`,
  };
  const [out, err, status] = [0, 1, 2].map(() => () => undefined) as [() => void, () => void, () => void];
  const terminal: Terminal = { out, err, status, columns: 100, errColours: false, outColours: false, env, cwd: '/' };
  const composition = compose(env);
  const { plan, bench } = await planRun(terminal, composition, {
    directory: makeRepository(200),
    revision: 'HEAD',
    goal: 'measure the supervisor',
    className: 'fix',
    agent: 'pi',
    argv: [],
    model: 'bench',
    models: false,
    script: null,
    // Red for ever: every turn is followed by another.
    checks: ['false'],
    sandbox: null,
    limits: { iterations: String(TURNS) },
  });
  const { detectors } = plan.policy;
  const policy = {
    ...plan.policy,
    detectors: { ...detectors, repeatedFailureIterations: 'off' as const },
  };
  const options = { listener: (): void => undefined };
  const state = await driveLeg(bench, await startRun(bench, { ...plan, policy }, options.listener), options);
  // The first turn opens gateway and session, and reads the program; the others are what a run is made of.
  const turns = spans(await bench.store.read(state.runId), 'turn.requested', 'turn.finished').slice(1);
  await composition.close();
  const alone: number[] = [];
  for (let round = 0; round < TURNS; round += 1)
    alone.push(await timed(() => exec(['/bin/sh', program], { cwd: directory })));
  const measured = row('agent-turn', 'a turn of an agent that does nothing, gateway open', median(turns), {
    baseline: ['the agent alone', median(alone)],
    target: [100, 'at most 100 ms beyond the agent'],
    samples: turns.length,
  });
  return [measured];
}

/** Of what `npm run test:agents` installed. Where it never ran, nothing is measured, and that is said. */
export async function agentStart(): Promise<readonly Row[]> {
  const node = dirname(process.execPath);
  const path = `${node}:/usr/local/bin:/usr/bin:/bin`;
  const sandbox = createBubblewrapSandbox({ hostEnvironment: { PATH: '/usr/local/bin:/usr/bin:/bin' } });
  const limits = { wallTimeMs: 120_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 1_000 } as const;
  const rows: Row[] = [];
  for (const recipe of RECIPES) {
    const program = recipe.program();
    // One agent of several recipes is measured once.
    if (program === null || rows.some(({ note }) => note === `${recipe.packageName} ${versionOf(recipe) ?? ''}`))
      continue;
    const argv = [...program, '--version'];
    const shown = [node, MODULES].map((source) => ({ kind: 'read-only' as const, source, target: source }));
    const [inside, outside] = [scratch(), scratch()];
    const medians = await inTurn(STARTS, {
      outside: () => exec(argv, { cwd: outside, env: { PATH: path, HOME: outside } }),
      inside: () =>
        sandbox.launch(
          {
            argv,
            cwd: '/workspace',
            env: { PATH: path, HOME: '/workspace' },
            mounts: [...shown, { kind: 'writable', source: inside, target: '/workspace' }],
            stdin: null,
            limits,
          },
          new AbortController().signal,
        ).finished,
    });
    rows.push(
      row(
        'agent-start',
        `${recipe.name.split(' ')[0] ?? ''} --version, in the sandbox`,
        medians['inside'] ?? Number.NaN,
        {
          baseline: ['outside', medians['outside'] ?? Number.NaN],
          samples: STARTS,
          note: `${recipe.packageName} ${versionOf(recipe) ?? ''}`,
        },
      ),
    );
  }
  if (rows.length === 0) console.error('No agent is installed: `npm run test:agents` installs them.');
  return rows;
}
