/** Kills programs at seeded instants: the supervisor alone, or it with everything it started, as a dying machine does. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasSystemCode } from '../../src/core/system-code.ts';
import { until } from '../process/program.ts';
import type { Program } from '../process/program.ts';

/** mulberry32: small, seedable, good enough to choose instants. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ESRCH')) return 0;
    throw error;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasSystemCode(error, 'ESRCH')) throw error;
  }
}

/** The process and everything below it, all of it standing still: what a machine that dies takes with it at once. */
function frozenTree(root: number): readonly number[] {
  const tree = [root];
  for (const above of tree) {
    send(above, 'SIGSTOP');
    const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
    tree.push(...pids.filter((pid) => parentOf(pid) === above).map(Number));
  }
  return tree;
}

export interface Leftovers {
  /** Processes that were still there a second after their supervisor had died. */
  readonly late: number;
  /** Of these, the ones that would have stayed for good. */
  readonly stuck: number;
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}

/**
 * Waits for what the dead left running. bubblewrap asks the kernel to die with its parent only some milliseconds after
 * it started: a supervisor that dies within these leaves a sandbox that runs on, or one that waits for good for a word of
 * its parent before anything runs in it. Both are counted, and only the second is ended here; anything else that stays
 * rejects.
 */
export async function leftovers(list: () => readonly string[]): Promise<Leftovers> {
  const pids = (): readonly string[] => list().map((process) => process.slice(0, process.indexOf(':')));
  const empty = (withinMs: number): Promise<boolean> =>
    until(() => list().length === 0, 'nothing runs', withinMs).then(
      () => true,
      () => false,
    );
  if (await empty(1_000)) return { late: 0, stuck: 0 };
  const late = list().length;
  if (await empty(10_000)) return { late, stuck: 0 };
  const left = pids();
  if (left.some((pid) => nameOf(pid) !== 'bwrap')) throw new Error(`still running: ${list().join('; ')}`);
  for (const pid of left) send(Number(pid), 'SIGKILL');
  await until(() => list().length === 0, 'the stuck sandboxes are gone');
  return { late, stuck: left.length };
}

export interface Blow {
  readonly afterMs: number;
  readonly whole: boolean;
}

/** Resolves to whether it died of this; it may have been faster. */
export async function strike(program: Program, { afterMs, whole }: Blow): Promise<boolean> {
  await Promise.race([sleep(afterMs), program.ended]);
  for (const pid of whole ? frozenTree(program.pid) : [program.pid]) send(pid, 'SIGKILL');
  return (await program.ended).code === 137;
}

/** Runs the work of every item, a few at a time. */
export async function few<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  async function lane(): Promise<void> {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  }
  await Promise.all(Array.from({ length: atOnce }, lane));
}
