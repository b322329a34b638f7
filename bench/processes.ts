/** Processes beside the supervisor, and what a log tells of the time between two events. */
import { spawn } from 'node:child_process';
import type { RecordedEvent } from '../src/core/event.ts';

export function exec(
  argv: readonly string[],
  how: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<number | null> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', env: how.env ?? process.env, cwd: how.cwd });
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/** Milliseconds from each event of one type to the next of another. */
export function spans(
  events: readonly RecordedEvent[],
  from: RecordedEvent['type'],
  to: RecordedEvent['type'],
): readonly number[] {
  const found: number[] = [];
  let since: number | null = null;
  for (const event of events) {
    if (event.type === from) since = event.activeMs;
    if (event.type === to && since !== null) {
      found.push(event.activeMs - since);
      since = null;
    }
  }
  return found;
}

/** bubblewrap with everything of the host and nothing of ours: what a start of it costs by itself. */
export const RAW_BUBBLEWRAP: readonly string[] = [
  ['bwrap', '--unshare-all', '--die-with-parent'],
  ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
].flat();
