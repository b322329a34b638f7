/** The end of a container: of its first process, and with it of everything in its PID namespace. */
import { LoopwrightError } from '../../core/errors.ts';
import { eventually, killHard, send } from '../../process/process-tree.ts';
import type { ProcessTree } from '../../process/process-tree.ts';
import { childrenOf, listProcesses, pidNamespace, readProcess } from '../../process/process-table.ts';
import { readPid } from './skeleton.ts';

/** Longest wait, in ms, for what was killed to go. */
const DEATH_MS = 60_000;

/** Longest wait, in ms, for podman to come to its end by itself. It takes some 500; more where it waits for a lock of others. */
const START_MS = 60_000;

interface First {
  readonly pid: number;
  readonly namespace: number | null;
}

/** The number may have been given to another process meanwhile; that one lives in another namespace. */
function isGone({ pid, namespace }: First): boolean {
  const entry = readProcess(pid);
  if (entry === null || entry.ended) return true;
  const seen = pidNamespace(pid);
  return namespace !== null && seen !== null && seen !== namespace;
}

export interface ContainerTree extends ProcessTree {
  /** Process 1 of the container, as the host numbers it; null until it is known. */
  first(): number | null;
}

/**
 * podman itself is let live: it takes its container away when process 1 ends, and one that is killed while it sets up leaves
 * half a container that nobody knows of. What was not started yet comes to the gate, where nobody answers any more.
 */
export function containerTree(pidFile: string): ContainerTree {
  // Looked at once, while it is certain whose number it is: the file is written before the program may begin.
  let known: First | null = null;
  const find = (): First | null => {
    const pid = known === null ? readPid(pidFile) : null;
    if (pid !== null && readProcess(pid) !== null) known = { pid, namespace: pidNamespace(pid) };
    return known;
  };
  let late: NodeJS.Timeout | undefined;
  return {
    first: () => find()?.pid ?? null,
    kill(leader) {
      const found = find();
      if (found === null) {
        late ??= setTimeout(() => killHard(-leader), START_MS);
        return;
      }
      if (isGone(found)) return;
      // The program first: on a busy machine process 1, which sleeps, takes a while to die and to take everything with it.
      for (const child of childrenOf(found.pid)) killHard(child);
      killHard(found.pid);
    },
    ask(_leader, _status, signal) {
      const found = find();
      if (found === null || isGone(found)) return;
      // The program is the first that process 1 started; later ones are orphans it took in.
      const children = listProcesses().filter(({ parent, ended }) => parent === found.pid && !ended);
      if (children.length > 0) send(Math.min(...children.map(({ pid }) => pid)), signal);
    },
    async ended() {
      clearTimeout(late);
      const found = find();
      if (found === null) return;
      if (!isGone(found)) killHard(found.pid);
      if (await eventually(() => isGone(found), DEATH_MS)) return;
      throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
        message: `process ${found.pid}, the first of the container, was killed and is still there after ${DEATH_MS / 1_000} s`,
        next: 'It is stuck in the kernel, usually on a file system that does not answer. Look at it with `ps`.',
        details: { pid: found.pid },
      });
    },
  };
}
