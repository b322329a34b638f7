import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OLD_CODE, oldWayOut } from '../../../../test/support/old-way-out.ts';
import { createBubblewrapSandbox } from '../index.ts';

describe('system calls of another architecture', () => {
  const directory = mkdtempSync(join(tmpdir(), 'loopwright-calls-'));
  const program = join(directory, 'old-way-out');
  writeFileSync(program, oldWayOut());
  chmodSync(program, 0o755);
  afterAll(() => rmSync(directory, { recursive: true }));
  const outside = process.arch === 'x64' ? spawnSync(program).status : null;

  it.skipIf(outside !== OLD_CODE)('end the process (skipped where this kernel knows none)', async () => {
    const limits = { wallTimeMs: 30_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 1_000 } as const;
    const mounts = [{ kind: 'read-only', source: directory, target: '/given' }] as const;
    const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
    const spec = { argv: ['/given/old-way-out'], cwd: '/', env: {}, mounts, stdin: null, limits };
    const { end } = await sandbox.launch(spec, new AbortController().signal).finished;
    expect(end).toEqual({ kind: 'signalled', signal: 'SIGSYS' });
  });
});
