/** There is no namespace of processes on macOS: a launch is its process group, and who leaves that is not found again. */
import { LoopwrightError } from '../../core/errors.ts';
import { systemCode } from '../../core/system-code.ts';
import { eventually, killHard, send } from '../../process/process-tree.ts';
import type { ProcessTree } from '../../process/process-tree.ts';

/** Longest wait, in ms, for killed processes to go. */
const DEATH_MS = 60_000;

/** EPERM: a member is there and belongs to someone else. */
function hasMembers(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true;
    throw error;
  }
}

export const groupTree: ProcessTree = {
  kill: (leader) => killHard(-leader),
  // The shell at the gate became the program, so the leader is whom to ask.
  ask: (leader, _status, signal) => send(leader, signal),
  async ended(leader) {
    const gone = await eventually(() => {
      killHard(-leader);
      return !hasMembers(leader);
    }, DEATH_MS);
    if (gone) return;
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `processes of group ${leader} were killed and are still there after ${DEATH_MS / 1_000} s`,
      next: `They are stuck in the kernel. Look at them with \`ps -g ${leader}\`.`,
    });
  },
};
