/** Whether a tree of processes that says nothing is at work. */
import type { TreeCensus } from './tree-census.ts';

/**
 * A tree that took at least this share of a core since the last look is at work, however silent: a build says nothing for
 * long, and an agent that waits for an answer takes next to nothing.
 */
const AT_WORK = 0.1;
/**
 * On a machine with too much to do, a tree at work may get less than that. It is then ready to run whenever it is looked at,
 * which one that waits and only wakes now and then is not this many times in a row.
 */
const READY_LOOKS = 3;

/** Whether the tree was at work since it was last asked; all times in ms of one clock. */
export function workSince(began: number): (census: Pick<TreeCensus, 'cpuMs' | 'runnable'>, now: number) => boolean {
  let [last, at, ready] = [0, began, 0];
  return ({ cpuMs, runnable }, now): boolean => {
    const busy = cpuMs - last >= AT_WORK * (now - at);
    [last, at, ready] = [cpuMs, now, runnable ? ready + 1 : 0];
    return busy || ready >= READY_LOOKS;
  };
}
