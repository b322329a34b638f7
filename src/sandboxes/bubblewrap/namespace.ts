/** Reading bubblewrap's status, and the end of the PID namespace it made. */
import { LoopwrightError } from '../../core/errors.ts';
import type { Cgroup } from '../../process/cgroups/groups.ts';
import { eventually, killHard, send } from '../../process/process-tree.ts';
import type { ProcessTree } from '../../process/process-tree.ts';
import { listProcesses, pidNamespace, readProcess } from '../../process/process-table.ts';

export interface Status {
  /** Process 1 of the namespace, as the host numbers it. null until bubblewrap has said so. */
  readonly init: number | null;
  readonly pidNamespace: number | null;
  /** null when the program inside was never started. */
  readonly exitCode: number | null;
}

function numberAt(status: string, key: string): number | null {
  const digits = new RegExp(`"${key}": *(\\d+)`, 'u').exec(status)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Written piece by piece, so the last document may still be incomplete. */
export function readStatus(status: string): Status {
  return {
    init: numberAt(status, 'child-pid'),
    pidNamespace: numberAt(status, 'pid-namespace'),
    exitCode: numberAt(status, 'exit-code'),
  };
}

/** Longest wait, in ms, for processes that were killed to go. Only one stuck in the kernel takes longer than some 50. */
const DEATH_MS = 60_000;

/** The number may have been given to another process meanwhile; that one lives in another namespace. */
function isGone(init: number, namespace: number | null): boolean {
  const entry = readProcess(init);
  if (entry === null || entry.ended) return true;
  const seen = pidNamespace(init);
  return namespace !== null && seen !== null && seen !== namespace;
}

/**
 * When process 1 of a PID namespace dies, the kernel kills every other one in it and lets process 1 go only after all of
 * them: so its disappearance is the proof that nothing is left.
 */
export const namespaceTree: ProcessTree = {
  kill(leader, status) {
    const { init } = readStatus(status);
    if (init !== null && readProcess(init) !== null) killHard(init);
    // Covers the moment before process 1 is known: it has not left the process group of bubblewrap by then.
    killHard(-leader);
  },
  ask(_leader, status, signal) {
    const { init } = readStatus(status);
    if (init === null) return;
    // The program is the first that process 1 started; later ones are orphans it took in.
    const children = listProcesses().filter(({ parent, ended }) => parent === init && !ended);
    if (children.length > 0) send(Math.min(...children.map(({ pid }) => pid)), signal);
  },
  async ended(_leader, status) {
    const { init, pidNamespace: namespace } = readStatus(status);
    if (init === null) return;
    if (await eventually(() => isGone(init, namespace), DEATH_MS)) return;
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `process ${init}, the first of the sandbox, was killed and is still there after ${DEATH_MS / 1_000} s`,
      next: 'It is stuck in the kernel, usually on a file system that does not answer. Look at it with `ps`.',
      details: { pid: init },
    });
  },
};

/** Whatever of the tree is in the group is killed twice: neither way of the kernel has to be believed alone. */
export function withCgroup(tree: ProcessTree, cgroup: Cgroup): ProcessTree {
  return {
    ...tree,
    kill(leader, status) {
      tree.kill(leader, status);
      cgroup.kill();
    },
  };
}
