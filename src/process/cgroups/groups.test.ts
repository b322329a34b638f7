import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countOnHost, sleepToken, untilHolds } from '../../public/conformance/sandbox-bench.ts';
import { pidNamespace, startTicks } from '../process-table.ts';
import { hasControllers, openCgroups, removeDeadGroups } from './groups.ts';
import { groupName, ownerOf, parseMembership, parseMounts, placesOf } from './layout.ts';

const MIB = 2 ** 20;
const here = await openCgroups();
const missing = here === null ? ' (no control group can be made here)' : '';

/** A program that begins once it is in the group, and what it said. Killed at the end of the test, whatever it left too. */
async function inGroup(
  limits: Parameters<NonNullable<typeof here>['make']>[0],
  script: string,
): Promise<{ said: string; kills: number; left: () => Promise<readonly string[]> }> {
  const group = here?.make(limits);
  if (group === undefined) throw new Error('no control group can be made here');
  const child = spawn('/bin/sh', ['-c', `read -r _; ${script}`], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const closed = once(child, 'exit');
  const pid = child.pid ?? 0;
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  group.enter(pid);
  child.stdin.end('\n');
  await closed;
  const kills = group.memoryKills();
  return {
    said,
    kills,
    async left() {
      group.kill();
      if (!group.killsWhole) process.kill(-pid, 'SIGKILL');
      await group.remove();
      return groupsOf(process.pid);
    },
  };
}

function placesHere(): ReturnType<typeof placesOf> {
  const [members, mounts] = ['cgroup', 'mountinfo'].map((name) => readFileSync(`/proc/self/${name}`, 'utf8'));
  return placesOf(parseMembership(members ?? ''), parseMounts(mounts ?? ''));
}

/** Groups of one supervisor, wherever one can be. */
function groupsOf(supervisor: number): readonly string[] {
  const places = new Set(placesHere().flatMap(({ memory, pids, kill }) => [memory, pids, kill ?? memory]));
  const names = [...places].filter((place) => existsSync(place)).flatMap((place) => readdirSync(place));
  return names.filter((name) => ownerOf(name)?.pid === supervisor);
}

describe('a control group', () => {
  it.skipIf(here === null)(`holds the memory of many processes together${missing}`, async () => {
    // Each takes 20 MB and waits for the next, which takes as much again: nobody passes the ceiling alone.
    const hogs = `HOG='$n = shift; $x = chr(97) x 20_000_000; system($^X, "-e", $ENV{HOG}, $n - 1) if $n' && export HOG && perl -e "$HOG" 5`;
    const { kills, left } = await inGroup({ memoryBytes: 70 * MIB, tasks: 'unlimited' }, hogs);
    expect(kills).toBeGreaterThan(0);
    expect(await left()).toEqual([]);
  });

  it.skipIf(here === null)(`holds the number of processes, whoever starts them${missing}`, async () => {
    const script = 'for i in $(seq 30); do sleep 60 & echo one; done';
    const { said, kills, left } = await inGroup({ memoryBytes: 'unlimited', tasks: 10 }, script);
    const started = said.split('\n').length - 1;
    // The shell takes one of the ten, and what it starts to count another.
    expect(started).toBeLessThan(11);
    expect(started).toBeGreaterThan(5);
    expect(kills).toBe(0);
    expect(await left()).toEqual([]);
  });

  it.skipIf(here === null)(
    `of a supervisor that was killed goes at the next look, and not before it${missing}`,
    async () => {
      const token = sleepToken();
      const fixture = fileURLToPath(new URL('../../../test/process/fixtures/launch.ts', import.meta.url));
      const supervisor = spawn(process.execPath, [fixture, 'launch', 'sleep', token], { stdio: 'ignore' });
      const pid = supervisor.pid ?? 0;
      expect(await untilHolds(() => countOnHost(token) > 0 && groupsOf(pid).length > 0)).toBe(true);
      removeDeadGroups({ dryRun: false });
      expect(groupsOf(pid)).not.toEqual([]);
      supervisor.kill('SIGKILL');
      const isGone = (): boolean => {
        removeDeadGroups({ dryRun: false });
        return groupsOf(pid).length === 0;
      };
      expect(await untilHolds(isGone)).toBe(true);
    },
  );
});

describe('groups that were left behind', () => {
  it('go when their supervisor is gone, nothing is in them, and they are of this PID namespace', () => {
    const root = mkdtempSync(join(tmpdir(), 'loopwright-cgroup-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const [namespace, started] = [pidNamespace(process.pid) ?? 0, startTicks(process.pid) ?? 0];
    const own = { namespace, pid: process.pid };
    const named = {
      dead: groupName({ ...own, startTicks: started + 1 }, 'a'),
      inUse: groupName({ ...own, startTicks: started + 1 }, 'b'),
      living: groupName({ ...own, startTicks: started }, 'c'),
      elsewhere: groupName({ ...own, namespace: namespace + 1, startTicks: started + 1 }, 'd'),
      foreign: 'user.slice',
    };
    for (const name of Object.values(named)) mkdirSync(join(root, name));
    writeFileSync(join(root, named.inUse, 'process'), '');
    const places = [{ version: 'v2' as const, memory: root, pids: root, kill: root }];
    expect(removeDeadGroups({ dryRun: true }, places)).toBe(2);
    expect(readdirSync(root)).toHaveLength(5);
    expect(removeDeadGroups({ dryRun: false }, places)).toBe(1);
    const { dead: _dead, ...kept } = named;
    expect(readdirSync(root).toSorted()).toEqual(Object.values(kept).toSorted());
  });
});

describe('a directory of v2', () => {
  interface Tree {
    readonly [file: string]: string;
  }

  function tree(files: Tree): string {
    const root = mkdtempSync(join(tmpdir(), 'loopwright-cgroup-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    return root;
  }

  const BOTH = 'cpuset cpu io memory pids\n';
  it.each<[string, Tree, boolean, string]>([
    ['with controllers switched on', { 'cgroup.subtree_control': 'cpu memory pids\n' }, true, 'cpu memory pids\n'],
    [
      'that is a delegated group nothing lives in: they are switched on',
      { 'cgroup.type': 'domain\n', 'cgroup.controllers': BOTH, 'cgroup.subtree_control': '\n', 'cgroup.procs': '' },
      true,
      '+memory +pids',
    ],
    [
      'that is the root of the machine: they are switched on',
      { 'cgroup.controllers': BOTH, 'cgroup.subtree_control': '\n', 'cgroup.procs': '1\n' },
      true,
      '+memory +pids',
    ],
    [
      'that processes live in: the kernel would refuse it',
      { 'cgroup.type': 'domain\n', 'cgroup.controllers': BOTH, 'cgroup.subtree_control': '', 'cgroup.procs': '7\n' },
      false,
      '',
    ],
    [
      'whose controllers are elsewhere, in v1',
      { 'cgroup.controllers': '', 'cgroup.subtree_control': '\n', 'cgroup.procs': '1\n' },
      false,
      '\n',
    ],
    [
      'with one of the two alone',
      { 'cgroup.controllers': 'memory', 'cgroup.subtree_control': 'memory', 'cgroup.procs': '' },
      false,
      'memory',
    ],
  ])('%s', (_, files, usable, after) => {
    const root = tree(files);
    expect(hasControllers(root)).toBe(usable);
    expect(readFileSync(join(root, 'cgroup.subtree_control'), 'utf8')).toBe(after);
  });

  it('that is not there has none', () => {
    expect(hasControllers('/no/such/group')).toBe(false);
  });
});
