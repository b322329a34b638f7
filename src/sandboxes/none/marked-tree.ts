/**
 * Finding and killing a process tree without a namespace around it. A process belongs to it when it is in the process
 * group or session of the leader, descends from a process that is, or was started with the mark in its environment.
 * Best effort: a process that leaves all of these (`env -i setsid`, double forked) is not found.
 */
import { LoopwrightError } from '../../core/errors.ts';
import { listProcesses, startedWith } from '../../process/process-table.ts';
import type { ProcessEntry } from '../../process/process-table.ts';
import { eventually, killHard, send } from '../../process/process-tree.ts';
import type { ProcessTree } from '../../process/process-tree.ts';

/** Longest wait, in ms, for killed processes to go. */
const DEATH_MS = 60_000;

/** Pure: the living members among `all`. `isMarked` is asked only for those nothing else gives away. */
export function membersOf(
  all: readonly ProcessEntry[],
  leader: number,
  isMarked: (pid: number) => boolean,
): readonly number[] {
  const members = new Set<number>();
  for (const { pid, group, session } of all) {
    if (pid === leader || group === leader || session === leader || isMarked(pid)) members.add(pid);
  }
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid, ended }) => members.has(pid) && !ended).map(({ pid }) => pid);
}

/** `mark` is the `NAME=value` every process of the run was started with. */
export function markedTree(mark: string): ProcessTree {
  function members(leader: number): readonly number[] {
    return membersOf(listProcesses(), leader, (pid) => pid !== process.pid && startedWith(pid, mark));
  }

  /** Kills what is there now; what it forked meanwhile is found at the next look. */
  function sweep(leader: number): boolean {
    const found = members(leader);
    for (const pid of found) killHard(pid);
    return found.length === 0;
  }

  return {
    kill(leader) {
      sweep(leader);
      killHard(-leader);
    },
    ask: (leader, _status, signal) => send(leader, signal),
    async ended(leader) {
      if (await eventually(() => sweep(leader), DEATH_MS)) return;
      throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
        message: `processes ${members(leader).join(', ')} were killed and are still there after ${DEATH_MS / 1_000} s`,
        next: 'They are stuck in the kernel or start each other faster than they can be killed. Look at them with `ps`.',
      });
    },
  };
}
