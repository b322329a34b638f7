/** Whether a signal reached a process, or a group of them. */
import { systemCode } from './system-code.ts';

export type Delivery =
  | 'sent'
  /** Nothing of it is left (ESRCH). */
  | 'gone'
  /** All that is left became somebody else's, as with sudo, and cannot be ended (EPERM). */
  | 'foreign';

/** `kill`: as of Node; a negative number is a group. What else it throws goes up. */
export function deliver<S>(kill: (pid: number, signal: S) => unknown, pid: number, signal: S): Delivery {
  try {
    kill(pid, signal);
    return 'sent';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'foreign';
    throw error;
  }
}
