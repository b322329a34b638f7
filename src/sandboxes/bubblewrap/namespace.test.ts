import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { pidNamespace } from '../../process/process-table.ts';
import { namespaceTree } from './namespace.ts';

/** A process that stands for the first one of a namespace. */
async function withProcess(body: (pid: number) => Promise<void>): Promise<void> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  try {
    await body(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

describe('the end of a namespace', () => {
  it('has not come while its first process is there', async () => {
    await withProcess(async (pid) => {
      const status = JSON.stringify({ 'child-pid': pid, 'pid-namespace': pidNamespace(pid) });
      const ended = namespaceTree.ended(0, status).then(() => 'ended');
      expect(await Promise.race([ended, sleep(50, 'pending')])).toBe('pending');
      process.kill(pid, 'SIGKILL');
      expect(await ended).toBe('ended');
    });
  });

  it('has come when its number belongs to a process of another namespace', async () => {
    await withProcess(async (pid) => {
      await namespaceTree.ended(0, JSON.stringify({ 'child-pid': pid, 'pid-namespace': 1 }));
    });
  });

  it('has come when there never was one', async () => {
    await namespaceTree.ended(0, '');
  });
});
