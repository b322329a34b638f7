import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LaunchSpec } from '../../ports/sandbox.ts';
import { createContainerSandbox } from './index.ts';
import { interpretEnd } from './outcome.ts';
import type { LauncherWords } from '../launcher-end.ts';
import { doesNotConfine, knownProblem, notInstalled } from './unavailable.ts';

const ASKED: LauncherWords = { program: 'npm', words: '', asked: true, missing: null };

describe('the end of a container', () => {
  it('is that of the program once it asked to begin, whatever it said or exited with', () => {
    const words = 'Error: runc: runc create failed';
    for (const code of [0, 1, 125, 126, 127, 255])
      expect(interpretEnd({ kind: 'exited', code }, { ...ASKED, words })).toEqual({ kind: 'exited', code });
    expect(interpretEnd({ kind: 'exited', code: 137 }, ASKED)).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
    expect(interpretEnd({ kind: 'exited', code: 129 }, ASKED)).toEqual({ kind: 'exited', code: 129 });
  });

  it('is not-found where the gate says so, and what ended it otherwise stays', () => {
    expect(interpretEnd({ kind: 'exited', code: 127 }, { ...ASKED, missing: 'Is a directory' })).toEqual({
      kind: 'not-found',
      detail: 'npm: Is a directory',
    });
    expect(interpretEnd({ kind: 'idle' }, { ...ASKED, asked: false })).toEqual({ kind: 'idle' });
  });

  it('is a failure in the words of podman where the program never asked', () => {
    const given = { ...ASKED, asked: false, words: 'Error: statfs /no: no such file or directory\n' };
    expect(() => interpretEnd({ kind: 'exited', code: 125 }, given)).toThrow(
      expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH', message: expect.stringContaining('statfs /no') }),
    );
    expect(() => interpretEnd({ kind: 'signalled', signal: 'SIGKILL' }, { ...given, words: '' })).toThrow(/SIGKILL/u);
  });
});

/** A machine with such a podman and nothing else. */
function machineWith(script: string): Readonly<Record<string, string>> {
  const directory = mkdtempSync(join(tmpdir(), 'loopwright-fake-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'podman');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return { PATH: `${directory}:/usr/bin:/bin` };
}

const SPEC: LaunchSpec = {
  argv: ['true'],
  cwd: '/',
  env: {},
  mounts: [],
  stdin: null,
  limits: { wallTimeMs: 60_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 1_000 },
};

describe('a machine that has no containers to give', () => {
  it.each([
    ['Error: cannot find UID/GID for user x: no subuid ranges found for user "x" in /etc/subuid', /usermod/u],
    ['exec: "newuidmap": executable file not found in $PATH', /uidmap/u],
    ['Error: default OCI runtime "crun" not found: invalid argument', /apt-get install runc/u],
    ['Error: crun: unknown version specified: OCI runtime error', /apt-get install runc/u],
    ['Error: mkdir /var/lib/containers/storage: read-only file system', /graphRoot/u],
    ['Error: open /run/user/9/containers/x.lock: permission denied', /graphRoot/u],
  ])('is told what to do about: %s', async (words, next) => {
    expect(knownProblem(words)?.next).toMatch(next);
    const sandbox = createContainerSandbox({ hostEnvironment: machineWith(`echo '${words}' >&2; exit 125`) });
    await expect(sandbox.probe()).rejects.toMatchObject({
      code: 'LW_SANDBOX_UNAVAILABLE',
      message: expect.stringContaining(words),
      next: expect.stringMatching(next),
    });
  });

  it('is told the words of podman where nothing is known of them, and nothing runs', async () => {
    const sandbox = createContainerSandbox({ hostEnvironment: machineWith('echo strange >&2; exit 1') });
    await expect(sandbox.probe()).rejects.toMatchObject({ message: expect.stringContaining('strange') });
    await expect(sandbox.launch(SPEC, new AbortController().signal).finished).rejects.toMatchObject({
      code: 'LW_SANDBOX_UNAVAILABLE',
    });
    expect(knownProblem('strange')).toBeNull();
  });

  it('is told when podman says what it is and then starts nothing', async () => {
    const info = '{"host":{"cgroupVersion":"v2","ociRuntime":{"name":"crun"}},"version":{"Version":"9.9"}}';
    const script = `case " $* " in *' info '*) echo '${info}' ;; *' rm '*) ;; *) echo 'Error: crun: cannot set up cgroup' >&2; exit 126 ;; esac`;
    const sandbox = createContainerSandbox({ hostEnvironment: machineWith(script) });
    await expect(sandbox.launch(SPEC, new AbortController().signal).finished).rejects.toMatchObject({
      code: 'LW_SANDBOX_LAUNCH',
      message: expect.stringContaining('cannot set up cgroup'),
    });
    await expect(sandbox.probe()).rejects.toMatchObject({ code: 'LW_SANDBOX_UNAVAILABLE' });
  });

  it('is told how to get podman, and that docker will not do', () => {
    expect(notInstalled(false)).toMatchObject({
      code: 'LW_SANDBOX_UNAVAILABLE',
      next: expect.stringMatching(/`sudo apt-get install podman.*docker is not supported.*bubblewrap is the default/u),
    });
  });

  it('is told what does not hold where a container confines nothing', () => {
    expect(doesNotConfine(['the terminal can be reached'])).toMatchObject({ code: 'LW_SANDBOX_UNAVAILABLE' });
  });
});
