/** Fetching keys: from a variable, a file, a command; and that no way of printing gives one away. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLoopwrightError, type LoopwrightError } from '../../core/errors.ts';
import type { KeySource } from '../../ports/gateway.ts';
import { readKey, type KeyOptions } from './index.ts';
import { createSecret } from './secret.ts';

const KEY = 'planted-key-Zq81';
const PATH = process.env['PATH'] ?? '/usr/bin:/bin';

let room = '';
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'loopwright-keys-'));
});
afterEach(() => rmSync(room, { recursive: true, force: true }));

type Env = Readonly<Record<string, string | undefined>>;

async function reveal(source: KeySource, env: Env = { PATH }): Promise<string | null> {
  return (await readKey(source, env))?.reveal() ?? null;
}

async function refusal(source: KeySource, env: Env = { PATH }, options: KeyOptions = {}): Promise<LoopwrightError> {
  const error: unknown = await readKey(source, env, options).catch((caught: unknown) => caught);
  if (isLoopwrightError(error, 'LW_KEY_UNAVAILABLE')) return error;
  throw new Error('not refused');
}

function file(content: string | Uint8Array, mode = 0o600): KeySource & { kind: 'file' } {
  const path = join(room, 'key');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return { kind: 'file', path };
}

const sh = (script: string): KeySource => ({ kind: 'command', argv: ['sh', '-c', script] });
const variable: KeySource = { kind: 'env', name: 'A_KEY' };

/** The letter of a process's state, or `gone`. */
function state(pid: string): string {
  try {
    return / ([A-Z]) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? 'unread';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 'gone';
    throw error;
  }
}

/** Everything an error shows to anybody. */
function everything(value: unknown): string {
  const shown = inspect(value, { depth: 20, showHidden: true, getters: true });
  const stack = value instanceof Error ? `${value.stack} ${String(value.cause)}` : '';
  return [shown, JSON.stringify(value), String(value), format('%s %o %O %j', value, value, value, value), stack].join(
    '\n',
  );
}

describe('a secret', () => {
  const secret = createSecret(KEY);

  it('gives its value only to who asks', () => {
    expect(secret.reveal()).toBe(KEY);
    expect(JSON.stringify({ deep: [secret] })).toBe('{"deep":["[secret]"]}');
    expect(`key ${secret as unknown as string}`).toBe('key [secret]');
    expect(inspect({ secret })).toBe('{ secret: [secret] }');
  });

  it('is not in anything that prints it, walks over it or holds it as a cause', () => {
    expect(everything(secret)).not.toContain(KEY);
    expect(everything({ ...secret })).not.toContain(KEY);
    expect(everything(new Map([[secret, [secret]]]))).not.toContain(KEY);
    expect(everything(new Error('x', { cause: secret }))).not.toContain(KEY);
    expect(
      everything(Reflect.ownKeys(secret).map((key) => Object.getOwnPropertyDescriptor(secret, key))),
    ).not.toContain(KEY);
    expect(inspect(secret, { customInspect: false, showHidden: true })).not.toContain(KEY);
    expect(() => structuredClone(secret)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(KEY) }),
    );
  });

  it('canary: the same look finds a value that is not hidden', () => {
    expect(everything({ reveal: () => KEY, value: KEY })).toContain(KEY);
    expect(everything(new Error('x', { cause: KEY }))).toContain(KEY);
  });
});

describe('a key from a variable', () => {
  it('is what it holds', async () => {
    expect(await reveal(variable, { A_KEY: KEY })).toBe(KEY);
    expect(await reveal(variable, { A_KEY: `${KEY}\n` })).toBe(KEY);
  });

  it.each([
    ['not set', undefined, 'it is not set'],
    ['empty', '', 'it is empty'],
    ['of two lines', `${KEY}\n${KEY}`, 'it has more than one line'],
    ['with a header in it', `${KEY}\r\nx-evil: 1`, 'it has more than one line'],
    ['with a space', `Bearer ${KEY}`, 'it has a space, a control character, or one that is not ASCII'],
    ['with an escape', `${KEY}\u001b[2J`, 'it has a space, a control character, or one that is not ASCII'],
    ['with a letter no header may hold', `${KEY}é`, 'it has a space, a control character, or one that is not ASCII'],
    ['of 20 kB', KEY.repeat(1_250), 'it is longer than 16384 bytes'],
  ])('is refused when %s', async (_, value, problem) => {
    const error = await refusal(variable, { A_KEY: value });
    expect(error.message).toBe(`the key cannot be had from the variable A_KEY: ${problem}`);
    expect(everything(error)).not.toContain(KEY);
  });

  it('is one that may stand in a header, or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        const key = await reveal(variable, { A_KEY: value }).catch(() => 'refused');
        expect(key).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});

describe('a key from a file', () => {
  it('is its one line', async () => {
    expect(await reveal(file(KEY))).toBe(KEY);
    expect(await reveal(file(`${KEY}\r\n`, 0o400))).toBe(KEY);
    const { path } = file(KEY);
    symlinkSync(path, join(room, 'link'));
    expect(await reveal({ kind: 'file', path: join(room, 'link') })).toBe(KEY);
  });

  it.each([
    [0o644, 'read'],
    [0o640, 'read'],
    [0o620, 'written'],
    [0o602, 'written'],
  ])('of mode %o is refused', async (mode, verb) => {
    const source = file(KEY, mode);
    const error = await refusal(source);
    expect(error.message).toBe(
      `the key cannot be had from the file ${source.path}: it can be ${verb} by other users (mode ${mode.toString(8)})`,
    );
    expect(error.next).toBe(`Run: chmod 600 ${source.path}`);
    expect(everything(error)).not.toContain(KEY);
  });

  it('is refused when there is none, when it is no file, too long or no text', async () => {
    expect((await refusal({ kind: 'file', path: join(room, 'gone') })).message).toContain('it cannot be read (ENOENT)');
    expect((await refusal({ kind: 'file', path: room })).message).toContain('it is not a plain file');
    expect((await refusal({ kind: 'file', path: '/dev/zero' })).message).toContain('it is not a plain file');
    const bad = [file(KEY.repeat(5_000)), file(''), file(`${KEY}\n${KEY}\n`), file(Buffer.from([0x61, 0, 0xff]))];
    for (const source of bad) expect(everything(await refusal(source))).not.toContain(KEY);
  });
});

describe('a key from a command', () => {
  it('canary: this look sees a process that is there', () => expect(state(String(process.pid))).toMatch(/^[RS]$/));

  it('is what it prints', async () => {
    expect(await reveal(sh(`echo ${KEY}`))).toBe(KEY);
    expect(await reveal({ kind: 'command', argv: ['printf', '%s', KEY] })).toBe(KEY);
    expect(await reveal(sh('printf %s "$TOKEN"'), { PATH, TOKEN: KEY })).toBe(KEY);
  });

  it('is not run by a shell, nor where we were started', async () => {
    expect(await reveal({ kind: 'command', argv: ['echo', '$HOME;`id`'] })).toBe('$HOME;`id`');
    expect(await reveal(sh('pwd'))).toBe('/');
  });

  it.each([
    ['fails', `echo ${KEY}; echo ${KEY} >&2; exit 3`, 'it ended with code 3'],
    ['is killed', `echo ${KEY}; kill -TERM $$`, 'it was ended by SIGTERM'],
    ['prints too much', `while :; do echo ${KEY}; done`, 'it printed more than 16384 bytes'],
    ['prints nothing', 'true', 'it is empty'],
    ['prints two lines', `echo ${KEY}; echo ${KEY}`, 'it has more than one line'],
    ['asks a person', 'read answer && echo key', 'it ended with code 1'],
  ])('is refused when it %s', async (_, script, problem) => {
    const error = await refusal(sh(script));
    expect(error.message).toBe(`the key cannot be had from the command sh: ${problem}`);
    expect(everything(error)).not.toContain(KEY);
  });

  it('is refused when there is no such program', async () => {
    const error = await refusal({ kind: 'command', argv: ['/no/such/program', KEY] });
    expect(error.message).toContain('it cannot be started (ENOENT)');
    expect(everything(error)).not.toContain(KEY);
  });

  it('is refused after its deadline, and nothing of it is left', async () => {
    const pids = join(room, 'pids');
    const script = `echo ${KEY}; sleep 600 & echo $$ $! > ${pids}; wait`;
    const error = await refusal(sh(script), { PATH }, { deadlineMs: 500 });
    expect(error.message).toContain('was not done within 0.5 s');
    expect(everything(error)).not.toContain(KEY);
    const [leader = '', started = ''] = readFileSync(pids, 'utf8').trim().split(' ');
    expect(state(leader)).toBe('gone');
    // Killed with it; whoever adopted it collects it when it comes to that.
    await expect.poll(() => state(started)).toMatch(/^(?:gone|Z)$/);
  });
});

describe('a provider without a key', () => {
  it('gives none', async () => expect(await readKey({ kind: 'none' }, {})).toBeNull());
});
