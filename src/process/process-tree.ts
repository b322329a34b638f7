/** How the whole tree under a process is ended, and how one knows that it has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from '../core/delivery.ts';

export interface ProcessTree {
  /**
   * Kills at once whatever can be reached. Called while the leader has not been waited for, possibly many times.
   * `status` is what the leader wrote to its status descriptor so far.
   */
  kill(leader: number, status: string): void;
  /** Sends a signal to the program itself, which may act on it or not. Called as `kill` is. */
  ask(leader: number, status: string, signal: NodeJS.Signals): void;
  /** Resolves when nothing of the tree is left, killing what the leader left behind. Called after the leader ended. */
  ended(leader: number, status: string): Promise<void>;
}

/**
 * Sends SIGKILL; a negative pid is a process group. A process that is already gone (ESRCH) is what was wanted; one that
 * became another user's (EPERM, a setuid program) cannot be killed, and whoever waits for it to end will say so.
 */
export function killHard(pid: number): void {
  send(pid, 'SIGKILL');
}

/** The same for any signal. */
export function send(pid: number, signal: NodeJS.Signals): void {
  deliver((to, what: NodeJS.Signals) => process.kill(to, what), pid, signal);
}

/** Asks again, ever less often, until it holds. false when it did not within `withinMs`. */
export async function eventually(holds: () => boolean, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs;
  for (let pauseMs = 1; !holds(); pauseMs = Math.min(pauseMs * 2, 100)) {
    if (performance.now() > giveUpAt) return false;
    await sleep(pauseMs);
  }
  return true;
}
