/** The start of our sandbox beside those of others, and what a real test run costs inside. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compose } from '../src/cli/compose.ts';
import { DEFAULT_RESOURCES } from '../src/core/resource.ts';
import type { Mount, Sandbox } from '../src/ports/sandbox.ts';
import { MODULES } from '../test/agents/recipe.ts';
import { inTurn, row } from './measure.ts';
import type { Row } from './measure.ts';
import { exec, RAW_BUBBLEWRAP } from './processes.ts';
import { scratch } from './repository.ts';

/** Installed for the measurement alone, into a directory that is thrown away; needs socat and ripgrep on the machine. */
const RUNTIME_LIBRARY = '@anthropic-ai/sandbox-runtime';
const RUNTIME_VERSION = '0.0.83';

const STARTS = 9;
const TEST_RUNS = 3;

type Candidates = Readonly<Record<string, () => unknown>>;

/** Must end well: a sandbox that refuses to start is fast. */
async function succeeds(argv: readonly string[], how: Parameters<typeof exec>[1] = {}): Promise<void> {
  const code = await exec(argv, how);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: there is nothing to compare with`);
}

async function inSandbox(
  sandbox: Sandbox,
  argv: readonly string[],
  place: { readonly cwd: string; readonly mounts: readonly Mount[] },
): Promise<void> {
  const limits = { wallTimeMs: 600_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 4_000 } as const;
  const spec = { argv, env: {}, stdin: null, limits: { ...limits, resources: DEFAULT_RESOURCES }, ...place };
  const { end, stdout } = await sandbox.launch(spec, new AbortController().signal).finished;
  if (end.kind === 'exited' && end.code === 0) return;
  throw new Error(`${argv.join(' ')} inside: ${JSON.stringify(end)}\n${Buffer.from(stdout).toString('utf8')}`);
}

/**
 * The library in a process of its own, because it is one for each process. Prints milliseconds of its beginning, and of each
 * command after that.
 */
const LIBRARY = `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
const { SandboxManager } = await import(process.argv[2]);
const run = async () => {
  const wrapped = await SandboxManager.wrapWithSandbox('/usr/bin/true');
  const [code] = await once(spawn(wrapped, { shell: true, stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error('it ended with ' + code);
};
await SandboxManager.initialize({
  network: { allowedDomains: [], deniedDomains: [] },
  filesystem: { denyRead: [], allowWrite: ['.'], denyWrite: [] },
});
await run();
await SandboxManager.reset();
process.exit();
`;

function installLibrary(): Candidates {
  const place = scratch();
  const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error', '--prefix', place];
  const { status } = spawnSync('npm', [...npm, `${RUNTIME_LIBRARY}@${RUNTIME_VERSION}`], { stdio: 'inherit' });
  const helpers = ['socat', 'rg'].filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (status !== 0 || helpers.length > 0) {
    console.error(`${RUNTIME_LIBRARY} is left out: ${status === 0 ? `no ${helpers.join(', ')}` : 'not installed'}.`);
    return {};
  }
  const folder = join(place, 'node_modules', ...RUNTIME_LIBRARY.split('/'));
  const script = join(place, 'start.mjs');
  writeFileSync(script, LIBRARY);
  const cwd = scratch();
  return {
    'its command': () => succeeds([process.execPath, join(folder, 'dist', 'cli.js'), '/usr/bin/true'], { cwd }),
    'its library': () => succeeds([process.execPath, script, join(folder, 'dist', 'index.js')], { cwd }),
  };
}

function codex(): Candidates {
  const program = join(MODULES, '.bin', 'codex');
  if (existsSync(program)) return { codex: () => succeeds([program, 'sandbox', '--', '/usr/bin/true']) };
  console.error("Codex's sandbox is left out: `node test/agents/install.ts` installs it.");
  return {};
}

export async function others(): Promise<readonly Row[]> {
  const composition = compose({ ...process.env, LOOPWRIGHT_HOME: scratch() });
  const { sandbox } = await composition.bench('bubblewrap');
  const source = scratch();
  const place = { cwd: '/workspace', mounts: [{ kind: 'writable', source, target: '/workspace' } as const] };
  const medians = await inTurn(STARTS, {
    raw: () => succeeds([...RAW_BUBBLEWRAP, '--bind', source, source, '/usr/bin/true'], { env: {} }),
    ours: () => inSandbox(sandbox, ['/usr/bin/true'], place),
    node: () => succeeds([process.execPath, '-e', '0']),
    ...installLibrary(),
    ...codex(),
  });
  await composition.close();
  const { ours = Number.NaN, raw: bare = Number.NaN, node = Number.NaN } = medians;
  const beside = (name: string, words: string, target: number | null): readonly Row[] => {
    const ms = medians[name];
    if (ms === undefined) return [];
    const less = target === null ? {} : { target: [ms / target - ms, `${target} times faster`] as const };
    const note = `${(ms / ours).toFixed(1)} times ours; ${((ms - node) / ours).toFixed(1)} without the start of Node`;
    return [row('others', 'our sandbox, all of it', ours, { baseline: [words, ms], samples: STARTS, note, ...less })];
  };
  return [
    row('others', 'our sandbox, all of it', ours, { baseline: ['raw bubblewrap', bare], samples: STARTS }),
    ...beside('its command', `the command of ${RUNTIME_LIBRARY}`, 10),
    ...beside('its library', `a first command by ${RUNTIME_LIBRARY}`, 10),
    ...beside('codex', "Codex's sandbox", null),
  ];
}

/** Of this repository: the tests of the detectors, by vitest, as `npm test` runs them, with nothing warm but the disk. */
export async function testsInside(): Promise<readonly Row[]> {
  const composition = compose({ ...process.env, LOOPWRIGHT_HOME: scratch() });
  const { sandbox } = await composition.bench('bubblewrap');
  const cwd = process.cwd();
  const argv = [
    process.execPath,
    join(cwd, 'node_modules/vitest/vitest.mjs'),
    'run',
    'src/core/detectors',
    '--reporter=dot',
  ];
  const mounts = [{ kind: 'writable', source: cwd, target: cwd } as const];
  const medians = await inTurn(TEST_RUNS, {
    outside: () => succeeds(argv, { cwd }),
    inside: () => inSandbox(sandbox, argv, { cwd, mounts }),
  });
  await composition.close();
  const { outside = Number.NaN, inside = Number.NaN } = medians;
  return [
    row('tests-inside', 'a cold test run of this project, inside', inside, {
      baseline: ['the same outside', outside],
      target: [outside * 0.03, 'at most 3 % slower'],
      samples: TEST_RUNS,
    }),
  ];
}
