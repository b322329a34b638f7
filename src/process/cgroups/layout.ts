/**
 * Where the control groups of this process are, and what a ceiling is written as. Pure: from the text of
 * `/proc/self/cgroup` and `/proc/self/mountinfo` (`cgroups(7)`, `proc_pid_mountinfo(5)`).
 */
import type { Ceiling } from '../../core/limit.ts';

/** `v2`: one tree for everything. `v1`: a tree for each controller. Some machines have both, with the controllers in v1. */
export type CgroupVersion = 'v1' | 'v2';

export interface Membership {
  /** Empty for v2. */
  readonly controllers: readonly string[];
  /** From the root of the tree, as this process may see it. */
  readonly path: string;
}

export interface CgroupMount {
  readonly version: CgroupVersion;
  /** What the mount shows as its root. */
  readonly root: string;
  readonly at: string;
  /** Of v1: the controllers are among them. */
  readonly options: readonly string[];
}

/** Directories in which a group for one launch can be made. */
export interface Places {
  readonly version: CgroupVersion;
  readonly memory: string;
  readonly pids: string;
  /** Where the kernel ends all of a group at one word (`cgroup.kill`, Linux 5.14); null where there is no v2 tree. */
  readonly kill: string | null;
}

/** A line that is none of the format says nothing. */
export function parseMembership(text: string): readonly Membership[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(?<hierarchy>\d+):(?<controllers>[^:]*):(?<path>\/.*)$/u.exec(line)?.groups;
    if (found === undefined) return [];
    const { hierarchy, controllers = '', path = '/' } = found;
    return [{ controllers: hierarchy === '0' ? [] : controllers.split(','), path }];
  });
}

/** The kernel writes space, tab, newline and backslash of a path in octal. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}

export function parseMounts(text: string): readonly CgroupMount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', at = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const version = type === 'cgroup2' ? 'v2' : 'v1';
    return [{ version, root: unescape(root), at: unescape(at), options: options.split(',') }];
  });
}

/** The directory of a group of a tree, or null where the mount does not show it. */
function directoryOf({ root, at }: CgroupMount, path: string): string | null {
  // A path that leaves the root of this process's cgroup namespace begins with `/..`.
  if (path.split('/').includes('..')) return null;
  const below = root === '/' ? path : path === root ? '' : path.startsWith(`${root}/`) ? path.slice(root.length) : null;
  return below === null ? null : `${at}${below}`.replace(/\/+$/u, '');
}

function ownDirectory(
  members: readonly Membership[],
  mounts: readonly CgroupMount[],
  controller: string | null,
): { readonly own: string; readonly top: string } | null {
  const member = members.find(({ controllers }) =>
    controller === null ? controllers.length === 0 : controllers.includes(controller),
  );
  const mount = mounts.find(({ version, options }) =>
    controller === null ? version === 'v2' : version === 'v1' && options.includes(controller),
  );
  if (member === undefined || mount === undefined) return null;
  const own = directoryOf(mount, member.path);
  return own === null ? null : { own, top: mount.at };
}

/** A directory and those above it, up to the top. */
function upwards(own: string, top: string): readonly string[] {
  const found = [own];
  for (let at = own; at !== top && at.startsWith(`${top}/`); found.push(at)) at = at.slice(0, at.lastIndexOf('/'));
  return found;
}

/**
 * Best first. A group of v2 whose processes are our own can have no groups with controllers in it (the rule of no inner
 * processes), so the nearest above it that has them is asked as well; everything that holds there holds below.
 */
export function placesOf(members: readonly Membership[], mounts: readonly CgroupMount[]): readonly Places[] {
  const unified = ownDirectory(members, mounts, null);
  const [memory, pids] = ['memory', 'pids'].map((controller) => ownDirectory(members, mounts, controller));
  const second = unified === null ? [] : upwards(unified.own, unified.top);
  const first = memory && pids ? [{ version: 'v1' as const, memory: memory.own, pids: pids.own }] : [];
  return [
    ...second.map((place): Places => ({ version: 'v2', memory: place, pids: place, kill: place })),
    ...(unified === null ? [] : first.map((place): Places => ({ ...place, kill: unified.own }))),
    ...first.map((place): Places => ({ ...place, kill: null })),
  ];
}

export interface GroupLimits {
  readonly memoryBytes: Ceiling;
  /** Processes and threads: the kernel counts both. */
  readonly tasks: Ceiling;
}

export interface Setting {
  readonly controller: 'memory' | 'pids';
  readonly file: string;
  readonly value: string;
  /** Left out where the kernel has no such file: it was built without, or is older. */
  readonly ifPresent?: true;
}

/**
 * What is written into a group, in this order. Memory that was swapped out is memory: without the second line the kernel
 * would swap a launch out instead of holding it.
 */
export function settingsOf(version: CgroupVersion, { memoryBytes, tasks }: GroupLimits): readonly Setting[] {
  const pids: readonly Setting[] =
    tasks === 'unlimited' ? [] : [{ controller: 'pids', file: 'pids.max', value: String(Math.ceil(tasks)) }];
  if (memoryBytes === 'unlimited') return pids;
  const value = String(Math.ceil(memoryBytes));
  const [limit, swap] =
    version === 'v2' ? ['memory.max', 'memory.swap.max'] : ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
  return [
    { controller: 'memory', file: limit, value },
    { controller: 'memory', file: swap, value: version === 'v2' ? '0' : value, ifPresent: true },
    ...pids,
  ];
}

export interface MemoryFiles {
  /** Where the kernel counts whom it killed. */
  readonly events: string;
  readonly peak: string;
}

export function memoryFiles(version: CgroupVersion): MemoryFiles {
  return version === 'v2'
    ? { events: 'memory.events', peak: 'memory.peak' }
    : { events: 'memory.oom_control', peak: 'memory.max_usage_in_bytes' };
}

/** The kernel asks for memory in pieces; a huge page (2 MiB on x86 and most of arm64) is the largest that can be refused. */
const LARGEST_PIECE_BYTES = 2 * 2 ** 20;

/** What the files of a group on memory said. */
export interface MemoryWords {
  readonly events: string;
  readonly peak: string;
  /** What was written into the group, bytes. */
  readonly ceiling: number;
}

/**
 * How many processes the kernel killed because the group met its own ceiling. Those it killed for want of memory on the whole
 * machine are counted there too, so a group that never met its ceiling has none. v2 counts the meetings (`oom`); the count
 * of v1 (`memory.failcnt`) was seen to stay 0 on Linux 6.18, so there the peak tells.
 */
export function killsIn(version: CgroupVersion, { events, peak, ceiling }: MemoryWords): number {
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'mu').exec(events)?.[1] ?? 0);
  const met = version === 'v2' ? count('oom') > 0 : Number(peak.trim()) >= ceiling - LARGEST_PIECE_BYTES;
  return met ? count('oom_kill') : 0;
}

/** Whose group it is, told by its name. */
export interface GroupOwner {
  /** Number of the PID namespace in which `pid` means something. */
  readonly namespace: number;
  readonly pid: number;
  /** When it was started, in ticks since the machine was: no two processes with the same number have the same. */
  readonly startTicks: number;
}

export function groupName({ namespace, pid, startTicks }: GroupOwner, suffix: string): string {
  return `loopwright-${namespace}-${pid}-${startTicks}-${suffix}`;
}

/** null: no group of ours. */
export function ownerOf(name: string): GroupOwner | null {
  const digits = /^loopwright-(\d+)-(\d+)-(\d+)-[0-9a-f]+$/u.exec(name);
  if (digits === null) return null;
  const [namespace = 0, pid = 0, startTicks = 0] = digits.slice(1).map(Number);
  return { namespace, pid, startTicks };
}
