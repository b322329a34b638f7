import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attendGate, gateScript } from './gate.ts';

interface Passed {
  readonly code: number | null;
  readonly output: string;
  readonly missing: string | null;
}

/** Runs a program behind a gate; with nobody at the gate when `attended` is false. */
async function pass(argv: readonly string[], attended = true): Promise<Passed> {
  const child = spawn('/bin/sh', ['-c', gateScript(3), 'sh', ...argv], {
    stdio: ['ignore', 'pipe', 'inherit', attended ? 'pipe' : 'ignore'],
  });
  const gate = attendGate(child.stdio[3]);
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, missing: gate.missing() };
}

describe('a program behind a gate', () => {
  it('begins when somebody answers, with its arguments as they are and nothing of the gate open', async () => {
    const script = 'printf "%s|" "$@"; [ -e /proc/self/fd/3 ] && echo open; set | grep -E "^(found|why|go)=" || :';
    expect(await pass(['sh', '-c', script, 'sh', 'a b', '', "it's"])).toEqual({
      code: 0,
      output: "a b||it's|",
      missing: null,
    });
  });

  it('never begins when nobody is there to answer', async () => {
    const place = mkdtempSync(join(tmpdir(), 'loopwright-gate-'));
    const { code } = await pass(['touch', join(place, 'began')], false);
    expect(code).toBe(1);
    expect(existsSync(join(place, 'began'))).toBe(false);
    rmSync(place, { recursive: true });
  });

  it('never begins at a gate that was shut, and nobody takes it for one that asked', async () => {
    const place = mkdtempSync(join(tmpdir(), 'loopwright-gate-'));
    const argv = ['-c', gateScript(3), 'sh', 'touch', join(place, 'began')];
    const child = spawn('/bin/sh', argv, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const gate = attendGate(child.stdio[3]);
    gate.shut();
    const [code] = (await once(child, 'close')) as [number | null];
    // It ends by itself, or by a signal where it asks at a pipe that is closed already.
    expect(code).not.toBe(0);
    expect([gate.asked(), existsSync(join(place, 'began'))]).toEqual([false, false]);
    rmSync(place, { recursive: true });
  });

  it.each([
    ['no-such-program-here', 'No such file or directory'],
    ['/no/such/program', 'No such file or directory'],
    ['/tmp', 'Is a directory'],
    ['/etc/passwd', 'Permission denied'],
  ])('is looked for first: %s', async (program, why) => {
    expect(await pass([program])).toMatchObject({ code: 127, missing: why });
  });

  it('cannot say that it was missing', async () => {
    const liar = 'echo "missing No such file" >&3; echo "sh: 1: exec: liar: not found" >&2; exit 127';
    expect(await pass(['sh', '-c', `{ ${liar}; } 2>/dev/null`])).toMatchObject({ missing: null });
  });
});
