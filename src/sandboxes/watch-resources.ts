/** Watches what a launch takes of the machine and what it deletes, and says when a ceiling is passed. */
import { join } from 'node:path';
import { assert } from '../core/errors.ts';
import { SHARE_FROM } from '../core/resource.ts';
import type { ResourceLimits, ResourceName } from '../core/resource.ts';
import type { LaunchSpec, Mount } from '../ports/sandbox.ts';
import type { Cgroup } from '../process/cgroups/groups.ts';
import { listProcesses } from '../process/process-table.ts';
import { eventually } from '../process/process-tree.ts';
import type { Running, Watching } from '../process/supervise.ts';
import { workSince } from './at-work.ts';
import { countDeleted, takeDiskCensus, trackedTree } from './disk-census.ts';
import type { DiskCensus, TrackedDirectory } from './disk-census.ts';
import { takeTreeCensus } from './tree-census.ts';

/** Shortest time between two looks, in ms. */
const PAUSE_MS = 250;
/** A look that took long is followed by a pause this many times as long: watching may cost a twentieth of a core. */
const RESTRAINT = 20;

export interface Watched {
  readonly spec: LaunchSpec;
  readonly resources: ResourceLimits;
  readonly running: Running;
  /** Process 1 of the sandbox, as the host numbers it; null until it is known. */
  readonly first: () => number | null;
  /** What holds the tree between two looks; null where nothing does. */
  readonly cgroup: Cgroup | null;
}

/** Process 1 is left out: it is bubblewrap's, and starts nothing more. At the gate, its only child is the shell there. */
function enter(cgroup: Cgroup, first: number): void {
  for (const { pid, parent } of listProcesses()) if (parent === first) cgroup.enter(pid);
}

/** Directories of the host that the launch can write to. */
function writableOf(mounts: readonly Mount[]): readonly string[] {
  return mounts.flatMap((mount) => {
    if (mount.kind === 'overlay') return [mount.upper];
    return mount.kind === 'writable' ? [mount.source] : [];
  });
}

function touchedOf(mounts: readonly Mount[], root: string): string | null {
  const mount = mounts.find(({ target }) => target === root);
  if (mount?.kind === 'overlay') return mount.upper;
  return mount?.kind === 'writable' ? mount.source : null;
}

/** Calls `act` again and again, each time after a pause. */
function repeat(act: () => Promise<void> | void, failed: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  async function once(): Promise<void> {
    const began = performance.now();
    try {
      await act();
    } catch (error) {
      failed(error);
    }
    if (!stopped) arm(Math.max(PAUSE_MS, RESTRAINT * (performance.now() - began)));
  }
  function arm(pauseMs: number): void {
    timer = setTimeout(() => void once(), pauseMs);
  }
  arm(PAUSE_MS);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}

/** Longest wait, in ms, for the number of process 1 once the gate was reached. It was written before. */
const STATUS_MS = 10_000;

interface Before {
  /** Process 1 of the sandbox, as the host numbers it. */
  readonly first: number;
  readonly disk: DiskCensus;
  /** What earlier turns deleted is part of the change they left. */
  readonly deleted: number;
}

interface Deletions {
  readonly tracked: TrackedDirectory;
  /** Where the inside has the tree. */
  readonly root: string;
  /** On the host. */
  readonly touched: string;
}

function deletionsOf({ tracked, mounts }: LaunchSpec): Deletions | null {
  const touched = tracked === undefined ? null : touchedOf(mounts, tracked.root);
  if (tracked === undefined || touched === null) return null;
  return { tracked: trackedTree(tracked.files), root: tracked.root, touched };
}

/** The root of process 1 is what the inside sees, overlays put together. */
function countNow({ tracked, root, touched }: Deletions, first: number): Promise<number> {
  return countDeleted(tracked, join(`/proc/${first}/root`, root), touched);
}

export function watchResources({ spec, resources, running, first: ask, cgroup }: Watched): Watching {
  const stops: (() => void)[] = [];
  const places = writableOf(spec.mounts);
  const deletions = deletionsOf(spec);
  const atWork = workSince(performance.now());
  let over = false;

  function stop(): void {
    over = true;
    for (const each of stops) each();
  }

  function compare(resource: ResourceName, value: number): void {
    const ceiling = resources[resource];
    if (over || ceiling === 'unlimited' || value <= ceiling) return;
    stop();
    running.end({ kind: 'resource', resource, value: Math.round(value), ceiling });
  }

  function failed(error: unknown): void {
    if (over) return;
    stop();
    running.fail(error);
  }

  /** The kernel was faster than the looks. What it counts is a little more than they do: what lies in /tmp is memory too. */
  function lookAtKills(): void {
    const ceiling = resources.memoryBytes;
    if (over || ceiling === 'unlimited' || cgroup === null || cgroup.memoryKills() === 0) return;
    const value = Math.max(cgroup.memoryPeakBytes(), ceiling);
    stop();
    running.end({ kind: 'resource', resource: 'memoryBytes', value, ceiling });
  }

  function lookAtTree({ first }: Before): void {
    const census = takeTreeCensus(first);
    if (atWork(census, performance.now())) running.sawLife();
    compare('processes', census.processes);
    compare('memoryBytes', census.memoryBytes);
    lookAtKills();
  }

  async function lookAtDisk({ disk }: Before): Promise<void> {
    const most = resources.writtenFiles === 'unlimited' ? Infinity : disk.files + resources.writtenFiles + 1;
    const now = await takeDiskCensus(places, most);
    compare('writtenBytes', now.bytes - disk.bytes);
    compare('writtenFiles', now.files - disk.files);
  }

  async function lookForDeleted(given: Deletions, before: Before): Promise<void> {
    const deleted = (await countNow(given, before.first)) - before.deleted;
    compare('deletedFiles', deleted);
    if (deleted >= SHARE_FROM) compare('deletedPercent', (100 * deleted) / given.tracked.count);
  }

  return {
    async begin() {
      await eventually(() => ask() !== null, STATUS_MS);
      const first = ask();
      assert(first !== null, 'whatever makes the sandbox says which process is the first before it starts the program');
      if (cgroup !== null) enter(cgroup, first);
      const [disk, deleted] = await Promise.all([
        takeDiskCensus(places, Infinity),
        deletions === null ? 0 : countNow(deletions, first),
      ]);
      const before: Before = { first, disk, deleted };
      if (over) return;
      stops.push(
        repeat(() => lookAtTree(before), failed),
        repeat(() => lookAtDisk(before), failed),
      );
      if (deletions !== null) stops.push(repeat(() => lookForDeleted(deletions, before), failed));
    },
    stop() {
      lookAtKills();
      stop();
    },
  };
}
