import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import { countOnHost, sleepToken, textOf, untilHolds, withBench } from '../../public/conformance/sandbox-bench.ts';
import { createBubblewrapSandbox } from './index.ts';
import { findProgram } from '../programs.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const FIXTURE = join(REPOSITORY, 'test/process/fixtures/launch.ts');

function spec(argv: readonly string[], mounts: readonly Mount[] = []): LaunchSpec {
  const limits = { wallTimeMs: 30_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 100_000 } as const;
  return { argv, cwd: '/', env: {}, mounts, stdin: null, limits };
}

const never = new AbortController().signal;

/** A home directory with a toolchain and credentials beside it. */
function plantHome(root: string): number | null {
  const script = `cd "$1" && mkdir -p .cargo/bin .rustup .ssh && printf '#!/bin/sh\\necho made by hand\\n' > .cargo/bin/tool &&
    chmod +x .cargo/bin/tool && touch .rustup/settings.toml .cargo/credentials.toml .ssh/id_ed25519`;
  return spawnSync('sh', ['-c', script, 'sh', root]).status;
}

describe('toolchains of the host', () => {
  const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });

  it.each([
    ['node', '--version'],
    ['python3', '--version'],
    ['python3', '-c', 'import json, ssl, sqlite3, venv'],
    ['git', '--version'],
    ['gcc', '--version'],
    ['go', 'version'],
    ['cargo', '--version'],
    ['rustc', '--version'],
    ['java', '-version'],
    ['mvn', '--version'],
    ['perl', '-e', '1'],
  ])('%s %s works inside when it works outside', async (...argv) => {
    const [program = '', ...rest] = argv;
    const outside = findProgram(program, process.env);
    const works = outside !== null && spawnSync(outside, rest).status === 0;
    const { end } = await sandbox.launch(spec(argv), never).finished;
    expect(end.kind === 'exited' && end.code === 0).toBe(works);
  });

  it('shows of a home directory what PATH leads to, and nothing beside it', async () => {
    await withBench(sandbox, async ({ root }) => {
      expect(plantHome(root)).toBe(0);
      const home = createBubblewrapSandbox({
        hostEnvironment: { PATH: `${root}/.cargo/bin:/usr/bin:/bin`, HOME: root },
      });
      const { stdout } = await home.launch(
        spec(['sh', '-c', 'tool; cd "$0"; find . -type f | sort; echo "$RUSTUP_HOME"', root]),
        never,
      ).finished;
      const shown = ['made by hand', './.cargo/bin/tool', './.rustup/settings.toml', `${root}/.rustup`, ''];
      expect(textOf(stdout).split('\n')).toEqual(shown);
    });
  });
});

describe('bubblewrap', () => {
  it('is not mistaken for the program: a missing bubblewrap is named with the command that installs it', async () => {
    const sandbox = createBubblewrapSandbox({ bwrap: '/no/such/bwrap', hostEnvironment: {} });
    await expect(sandbox.probe()).rejects.toMatchObject({ code: 'LW_SANDBOX_UNAVAILABLE' });
    await expect(sandbox.launch(spec(['true']), never).finished).rejects.toMatchObject({ code: 'LW_SANDBOX_LAUNCH' });
  });

  it('rejects with its own words when it cannot set the sandbox up', async () => {
    const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
    const mount = { kind: 'writable', source: '/no/such/source', target: '/workspace' } as const;
    await expect(sandbox.launch(spec(['true'], [mount]), never).finished).rejects.toMatchObject({
      code: 'LW_SANDBOX_LAUNCH',
      message: expect.stringContaining('/no/such/source'),
    });
  });

  it('keeps the options of a launch out of the arguments every user of the host can read', async () => {
    const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
    const token = sleepToken();
    const abort = new AbortController();
    const { finished } = sandbox.launch(
      { ...spec(['sleep', token]), env: { GIVEN: 'value-of-the-variable' } },
      abort.signal,
    );
    expect(await untilHolds(() => countOnHost(token) >= 2)).toBe(true);
    expect(countOnHost('value-of-the-variable')).toBe(0);
    abort.abort();
    await finished;
  });

  it('dies with its supervisor, and everything in it too', async () => {
    const token = sleepToken();
    const script = 'setsid sh -c "sleep $0 & sleep $0 & wait" "$0" & sleep "$0"';
    const supervisor = spawn(process.execPath, [FIXTURE, 'launch', 'sh', '-c', script, token], { stdio: 'ignore' });
    // Three that sleep, three shells that know the number, bubblewrap twice; less would also prove the point.
    expect(await untilHolds(() => countOnHost(token) >= 6)).toBe(true);
    supervisor.kill('SIGKILL');
    expect(await untilHolds(() => countOnHost(token) === 0)).toBe(true);
  });

  it('hands no descriptor on that whoever started the supervisor left open', () => {
    const leaked = openSync('/', 'r');
    try {
      const stdio = [
        'ignore' as const,
        'pipe' as const,
        'inherit' as const,
        ...Array<'ignore'>(37).fill('ignore'),
        leaked,
      ];
      const argv = [FIXTURE, 'compare', 'sh', '-c', 'ls -d /proc/self/fd/40/usr; readlink /proc/self/fd/40'];
      const { stdout } = spawnSync(process.execPath, argv, { stdio, encoding: 'utf8' });
      const { inside, outside } = JSON.parse(stdout) as { inside: string; outside: string };
      // The canary: without care, a child gets it.
      expect(outside).toBe('/proc/self/fd/40/usr\n/\n');
      expect(inside).toBe('/dev/null\n');
    } finally {
      closeSync(leaked);
    }
  });

  it('says why where user namespaces are denied', async () => {
    // Inside our own sandbox they are.
    const node = { kind: 'read-only', source: dirname(process.execPath), target: '/node' } as const;
    const repository = { kind: 'read-only', source: REPOSITORY, target: '/repository' } as const;
    const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
    const argv = ['/node/node', '/repository/test/process/fixtures/launch.ts', 'probe'];
    const { stdout, stderr } = await sandbox.launch(spec(argv, [node, repository]), never).finished;
    expect(existsSync(FIXTURE)).toBe(true);
    const said = JSON.parse(textOf(stdout) || JSON.stringify({ stderr: textOf(stderr) })) as Record<string, string>;
    expect(said).toMatchObject({ code: 'LW_SANDBOX_UNAVAILABLE' });
    expect(said['message']).toContain('bwrap:');
    expect(said['next']).toContain('a filter on system calls refuses namespaces');
  });
});
