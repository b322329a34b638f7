/** Control groups around launches: the kernel holds what a tree takes together, and ends all of it at one word. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert, LoopwrightError } from '../../core/errors.ts';
import { systemCode } from '../../core/system-code.ts';
import { pidNamespace, startTicks } from '../process-table.ts';
import { eventually } from '../process-tree.ts';
import {
  groupName,
  killsIn,
  memoryFiles,
  ownerOf,
  parseMembership,
  parseMounts,
  placesOf,
  settingsOf,
} from './layout.ts';
import type { CgroupVersion, GroupLimits, GroupOwner, Places } from './layout.ts';

/** A group around one launch. */
export interface Cgroup {
  /** What the process starts from now on is in it too, and cannot leave. A process that is gone is no failure. */
  enter(pid: number): void;
  /** How many processes the kernel killed because all together met the ceiling on memory. */
  memoryKills(): number;
  /** The most memory held at a time so far, bytes; 0 where the kernel does not say. */
  memoryPeakBytes(): number;
  /** Whether the kernel ends all of it at one word; `kill` does nothing where it does not. */
  readonly killsWhole: boolean;
  kill(): void;
  /** Once nothing is left in it. What cannot be removed is left to `removeDeadGroups`. */
  remove(): Promise<void>;
}

export interface Cgroups {
  readonly version: CgroupVersion;
  /** Whether the kernel ends all of a group at one word. */
  readonly killsWhole: boolean;
  /** Throws `LW_SANDBOX_LAUNCH` when what worked before does not any more. */
  make(limits: GroupLimits): Cgroup;
}

/** The kernel still counts a process for a moment after it was waited for. In ms. */
const REMOVAL_MS = 2_000;

/** What a machine says to who may not: no rights, a read-only mount, no such controller, no inner processes, an old kernel. */
const REFUSALS = new Set<unknown>(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EBUSY', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP']);
const GONE = new Set<unknown>(['ENOENT', 'ESRCH', 'ENODEV']);

function attempt<T>(act: () => T, expected: ReadonlySet<unknown>): T | null {
  try {
    return act();
  } catch (error) {
    if (expected.has(systemCode(error))) return null;
    throw error;
  }
}

function self(): GroupOwner {
  const [namespace, ticks] = [pidNamespace(process.pid), startTicks(process.pid)];
  assert(namespace !== null && ticks !== null, 'a process can read its own entry in /proc');
  return { namespace, pid: process.pid, startTicks: ticks };
}

/** Where groups can be made as far as can be told by looking. Empty: nowhere, or this is no Linux. */
function placesHere(): readonly Places[] {
  const [own, mounts] = ['/proc/self/cgroup', '/proc/self/mountinfo'].map((path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  );
  return placesOf(parseMembership(own ?? ''), parseMounts(mounts ?? ''));
}

function wordsIn(path: string): readonly string[] {
  return attempt(() => readFileSync(path, 'utf8').trim().split(/\s+/u), REFUSALS) ?? [];
}

/**
 * Whether groups in a directory of v2 get controllers. Where nothing but that they are switched on is missing, and nothing
 * lives in the group or it is the root of the machine, they are switched on: they then stay on, which limits nobody.
 */
export function hasControllers(place: string): boolean {
  const needed = ['memory', 'pids'];
  const on = wordsIn(join(place, 'cgroup.subtree_control'));
  if (needed.every((name) => on.includes(name))) return true;
  const offered = wordsIn(join(place, 'cgroup.controllers'));
  if (!needed.every((name) => offered.includes(name))) return false;
  const isRoot = !existsSync(join(place, 'cgroup.type'));
  if (!isRoot && wordsIn(join(place, 'cgroup.procs')).some((word) => word !== '')) return false;
  const act = (): true => {
    writeFileSync(join(place, 'cgroup.subtree_control'), '+memory +pids');
    return true;
  };
  return attempt(act, REFUSALS) ?? false;
}

function directoriesOf({ memory, pids, kill }: Places, name: string): readonly string[] {
  return [...new Set([memory, pids, ...(kill === null ? [] : [kill])])].map((place) => join(place, name));
}

function removeAll(directories: readonly string[]): boolean {
  const left = directories.filter((directory) => {
    if (!existsSync(directory)) return false;
    attempt(() => rmdirSync(directory), new Set(['EBUSY', 'ENOTEMPTY', 'ENOENT', 'EACCES', 'EPERM']));
    return existsSync(directory);
  });
  return left.length === 0;
}

function writeSettings(places: Places, name: string, limits: GroupLimits): void {
  for (const { controller, file, value, ifPresent } of settingsOf(places.version, limits)) {
    const path = join(places[controller], name, file);
    if (ifPresent !== true || existsSync(path)) writeFileSync(path, value);
  }
}

function groupAt(places: Places, name: string, { memoryBytes }: GroupLimits): Cgroup {
  const directories = directoriesOf(places, name);
  const files = memoryFiles(places.version);
  const killFile = places.kill === null ? null : join(places.kill, name, 'cgroup.kill');
  const killsWhole = killFile !== null && existsSync(killFile);
  const read = (file: string): string =>
    attempt(() => readFileSync(join(places.memory, name, file), 'utf8'), GONE) ?? '';
  return {
    enter(pid) {
      for (const directory of directories)
        attempt(() => writeFileSync(join(directory, 'cgroup.procs'), String(pid)), new Set(['ESRCH']));
    },
    memoryKills() {
      if (memoryBytes === 'unlimited') return 0;
      return killsIn(places.version, { events: read(files.events), peak: read(files.peak), ceiling: memoryBytes });
    },
    memoryPeakBytes: () => Number(read(files.peak).trim()),
    killsWhole,
    kill() {
      if (killFile !== null && killsWhole) attempt(() => writeFileSync(killFile, '1'), GONE);
    },
    async remove() {
      await eventually(() => removeAll(directories), REMOVAL_MS);
    },
  };
}

function makeAt(places: Places, limits: GroupLimits): Cgroup {
  const name = groupName(self(), randomUUID().replaceAll('-', '').slice(0, 12));
  const directories = directoriesOf(places, name);
  try {
    for (const directory of directories) mkdirSync(directory);
    writeSettings(places, name, limits);
  } catch (error) {
    removeAll(directories);
    throw error;
  }
  return groupAt(places, name, limits);
}

/** Any; nothing that is tried here comes near it. */
const TRIAL_LIMITS: GroupLimits = { memoryBytes: 2 ** 30, tasks: 1_000 };

/** A process of our own is put into a group of our own: only that shows that a launch can be. */
async function tryAt(places: Places): Promise<Pick<Cgroup, 'killsWhole'> | null> {
  if (places.version === 'v2' && !hasControllers(places.memory)) return null;
  const group = attempt(() => makeAt(places, TRIAL_LIMITS), REFUSALS);
  if (group === null) return null;
  const child = spawn('/bin/sh', ['-c', 'read -r _'], { stdio: ['pipe', 'ignore', 'ignore'], env: {} });
  try {
    const ended = once(child, 'close');
    const { pid } = child;
    const entered = attempt(() => {
      if (pid !== undefined) group.enter(pid);
      return pid !== undefined;
    }, REFUSALS);
    child.stdin.end();
    await ended;
    return entered === true ? group : null;
  } finally {
    await group.remove();
  }
}

function failedLater(error: unknown): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: `no control group could be made for a launch, and one could before: ${error instanceof Error ? error.message : String(error)}`,
    next: 'Run `loopwright doctor` to see what works here.',
    cause: error,
  });
}

/** By trying, best first. null: nowhere here may this user make groups that hold memory and processes. */
export async function openCgroups(): Promise<Cgroups | null> {
  for (const places of placesHere()) {
    const tried = await tryAt(places);
    if (tried === null) continue;
    removeDeadGroups({ dryRun: false });
    return {
      version: places.version,
      killsWhole: tried.killsWhole,
      make(limits) {
        try {
          return makeAt(places, limits);
        } catch (error) {
          throw failedLater(error);
        }
      },
    };
  }
  return null;
}

function isAlive({ pid, startTicks: started }: GroupOwner): boolean {
  return startTicks(pid) === started;
}

function canWrite(directory: string): boolean {
  return attempt(() => (accessSync(directory, constants.W_OK), true), REFUSALS) ?? false;
}

/**
 * Removes the groups of supervisors that are gone, killed before they could do it themselves; their processes died with
 * them. Removes nothing of another PID namespace, whose process numbers mean something else, and nothing a process is in:
 * the kernel refuses that. Returns how many groups were removed, or would be where `dryRun` is set.
 */
export function removeDeadGroups(how: { readonly dryRun: boolean }, places: readonly Places[] = placesHere()): number {
  const all = places.flatMap(({ memory, pids, kill }) => [memory, pids, ...(kill === null ? [] : [kill])]);
  const writable = [...new Set(all)].filter(canWrite);
  if (writable.length === 0) return 0;
  const { namespace } = self();
  const removed = new Set<string>();
  for (const place of writable) {
    for (const name of readdirSync(place)) {
      const owner = ownerOf(name);
      if (owner === null || owner.namespace !== namespace || isAlive(owner)) continue;
      if (how.dryRun || removeAll([join(place, name)])) removed.add(name);
    }
  }
  return removed.size;
}
