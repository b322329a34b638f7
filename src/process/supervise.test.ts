import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcess } from './process-table.ts';
import { eventually, killHard, send } from './process-tree.ts';
import type { ProcessTree } from './process-tree.ts';
import { createPipeStash } from './descriptors.ts';
import { supervise } from './supervise.ts';
import type { SuperviseRequest } from './supervise.ts';

const groupTree: ProcessTree = {
  kill: (leader) => killHard(-leader),
  ask: (leader, _status, signal) => send(leader, signal),
  ended: async () => undefined,
};

function request(argv: readonly [string, ...string[]], more: Partial<SuperviseRequest> = {}): SuperviseRequest {
  return {
    argv,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
    stdin: null,
    limits: { wallTimeMs: 20_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 10_000 },
    pipes: createPipeStash(),
    tree: groupTree,
    handed: [],
    readsStatus: false,
    asksToBegin: false,
    onOutput: () => undefined,
    ...more,
  };
}

const never = new AbortController().signal;

describe('a supervised process', () => {
  it('reads what it is handed and is heard on its status descriptor', async () => {
    const handed = ['one', 'two'].map((text) => new TextEncoder().encode(text));
    const script = 'cat <&3; cat <&4; echo "well" >&5';
    const { stdout, status, end } = await supervise(
      request(['sh', '-c', script], { handed, readsStatus: true }),
      never,
    );
    expect([end, Buffer.from(stdout).toString(), status]).toEqual([{ kind: 'exited', code: 0 }, 'onetwo', 'well\n']);
  });

  it('may ignore what it is handed', async () => {
    const handed = [new Uint8Array(5_000_000)];
    const { end } = await supervise(request(['true'], { handed }), never);
    expect(end).toEqual({ kind: 'exited', code: 0 });
  });

  it('has no controlling terminal and leads its own session', async () => {
    const { stdout } = await supervise(request(['sh', '-c', 'cat /proc/$$/stat']), never);
    const [pid, , , , group, session, terminal] = Buffer.from(stdout).toString().split(' ');
    expect([group, session, terminal]).toEqual([pid, pid, '0']);
  });

  it.each(['ENOENT', 'EACCES'])('that cannot be started rejects with %s', async (code) => {
    const program = code === 'ENOENT' ? '/no/such/program' : '/etc';
    await expect(supervise(request([program]), never)).rejects.toMatchObject({ code });
  });

  it('is ended when its listener throws, and the error is not lost', async () => {
    const onOutput = (): void => {
      throw new Error('the listener broke');
    };
    await expect(supervise(request(['sh', '-c', 'echo x; sleep 1000'], { onOutput }), never)).rejects.toThrow(
      'the listener broke',
    );
  });

  it('does not make anyone wait for a stream that a lost process keeps open', async () => {
    const script = 'setsid sleep 1000 & echo $!';
    const { end, stdout } = await supervise(request(['sh', '-c', script]), never);
    const lost = Number(Buffer.from(stdout).toString());
    expect(readProcess(lost)).not.toBeNull();
    killHard(lost);
    expect(end).toEqual({ kind: 'exited', code: 0 });
  });

  it('counts a flood against its limit even when its leader is already gone', async () => {
    const tree: ProcessTree = {
      ...groupTree,
      ended: async (leader) => {
        await eventually(() => readProcess(leader) === null, 1_000);
      },
    };
    const limits = { wallTimeMs: 20_000, idleMs: 'unlimited', outputBytes: 1_000, keepBytes: 100 } as const;
    const { end } = await supervise(request(['head', '-c', '2000', '/dev/zero'], { tree, limits }), never);
    expect(end).toEqual({ kind: 'output-limit' });
  });

  it('leaves no file behind', async () => {
    const place = mkdtempSync(join(tmpdir(), 'loopwright-test-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = place;
    try {
      await supervise(request(['cat'], { stdin: new Uint8Array(10) }), never);
      await expect(supervise(request(['/no/such/program'], { stdin: new Uint8Array(10) }), never)).rejects.toThrow(
        'ENOENT',
      );
      expect(readdirSync(place)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(place, { recursive: true });
    }
  });

  it('is not mistaken for missing when the directory for its streams is', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/no/such/directory';
    try {
      await expect(supervise(request(['true']), never)).rejects.toMatchObject({ code: 'LW_SANDBOX_LAUNCH' });
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
