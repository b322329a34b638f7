/** How many processes a sandbox has, and how much memory they hold together. */
import { existsSync, readFileSync } from 'node:fs';
import { hasSystemCode } from '../core/system-code.ts';
import { listProcesses } from '../process/process-table.ts';
import type { ProcessEntry } from '../process/process-table.ts';

export interface TreeCensus {
  readonly processes: number;
  /** Memory of their own, in use or swapped out. What they share with each other or read from files is not counted. */
  readonly memoryBytes: number;
  /** Processor time so far, ms. Falls when one ends that nobody waited for. */
  readonly cpuMs: number;
  /** One of them runs, or waits for a processor only. */
  readonly runnable: boolean;
}

/** Pure: those that descend from `first`, itself included. */
export function descendants(all: readonly ProcessEntry[], first: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent, ended } of all) {
    if (ended) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found = [first];
  for (let at = 0; at < found.length; at += 1) found.push(...(children.get(found[at] ?? -1) ?? []));
  return found;
}

function memoryOf(pid: number): number {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return 0;
  try {
    const status = readFileSync(path, 'latin1');
    const kib = [...status.matchAll(/^(?:RssAnon|VmSwap):\s*(\d+) kB$/gmu)].map(([, digits]) => Number(digits));
    return kib.reduce((sum, value) => sum + value, 0) * 1_024;
  } catch (error) {
    // It ended between the two looks.
    if (hasSystemCode(error, 'ESRCH', 'ENOENT')) return 0;
    throw error;
  }
}

/** `first`: process 1 of the sandbox, as the host numbers it. Nothing inside can leave the tree below it. */
export function takeTreeCensus(first: number): TreeCensus {
  const all = listProcesses();
  const pids = descendants(all, first);
  const members = new Set(pids);
  const ticks = all.reduce((sum, { pid, cpuTicks }) => sum + (members.has(pid) ? cpuTicks : 0), 0);
  return {
    processes: pids.length,
    memoryBytes: pids.reduce((sum, pid) => sum + memoryOf(pid), 0),
    cpuMs: ticks * 10,
    runnable: all.some(({ pid, runnable }) => runnable && members.has(pid)),
  };
}
