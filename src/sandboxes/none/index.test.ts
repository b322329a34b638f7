import { describe, expect, it } from 'vitest';
import type { Mount } from '../../ports/sandbox.ts';
import { textOf, withBench } from '../../public/conformance/sandbox-bench.ts';
import { createNoSandbox } from './index.ts';
import { membersOf } from './marked-tree.ts';
import { hostPath } from '../places.ts';

const MOUNTS: readonly Mount[] = [
  { kind: 'writable', source: '/src/ws', target: '/workspace' },
  { kind: 'read-only', source: '/src/deps', target: '/workspace/node_modules' },
  { kind: 'link', to: '/x', target: '/workspace/link' },
];

describe('without a sandbox', () => {
  it.each([
    ['/workspace', '/src/ws'],
    ['/workspace/a/b', '/src/ws/a/b'],
    ['/workspace/node_modules/x', '/src/deps/x'],
    ['/workspace/link/x', '/src/ws/link/x'],
    ['/workspaces', '/workspaces'],
    ['/elsewhere', '/elsewhere'],
  ])('%s really is %s', (inside, real) => {
    expect(hostPath(MOUNTS, inside)).toBe(real);
  });

  it('passes nothing of the environment on but what is needed to find programs and places', async () => {
    const hostEnvironment = { PATH: process.env['PATH'], HOME: '/home/x', API_KEY: 'canary' };
    await withBench(createNoSandbox({ hostEnvironment }), async ({ sh }) => {
      const { stdout } = await sh('env');
      expect(textOf(stdout)).toContain('HOME=/home/x');
      expect(textOf(stdout)).not.toContain('canary');
    });
  });

  it('says that it confines nothing, and what that means', async () => {
    const report = await createNoSandbox({ hostEnvironment: {} }).probe();
    expect(report).toMatchObject({ id: 'none', confines: false, enforced: {} });
    expect(report.gaps.join('\n')).toMatch(/network/u);
  });
});

describe('the members of a process tree', () => {
  const zombies = new Set([11]);
  const all = [
    [10, 1, 10, 10],
    [11, 10, 10, 10],
    [12, 1, 12, 10],
    [13, 12, 13, 13],
    [14, 13, 14, 14],
    [15, 1, 15, 15],
    [16, 15, 16, 16],
    [20, 1, 20, 20],
    [21, 20, 20, 20],
  ].map(([pid = 0, parent = 0, group = 0, session = 0]) => ({
    pid,
    parent,
    group,
    session,
    ended: zombies.has(pid),
    runnable: false,
    cpuTicks: 0,
  }));

  it('are found by group, session, descent and mark, and a zombie is none', () => {
    expect(membersOf(all, 10, (pid) => pid === 15)).toEqual([10, 12, 13, 14, 15, 16]);
  });
});
