/**
 * The command of this host that tells people: `notify.yaml`, said by the host and never by a repository. Light to import: the
 * parser is loaded when there is a file.
 */
import { LoopwrightError } from '../core/errors.ts';
import { readHostFile, type Environment, type HostFile } from './host-file.ts';

export type NotifyCommand = readonly [string, ...string[]];

function invalid(path: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_NOTIFY_INVALID', { message: `${path} ${problem}`, next, details: { path } });
}

const NOTIFY_FILE: HostFile = { variable: 'LOOPWRIGHT_NOTIFY', name: 'notify.yaml', invalid };

/** null where nobody named one. Rejects with `LW_NOTIFY_INVALID`. */
export async function loadNotifyCommand(env: Environment): Promise<NotifyCommand | null> {
  const read = await readHostFile(NOTIFY_FILE, env);
  if (read === null) return null;
  const { parseNotify } = await import('./parse-notify.ts');
  return parseNotify(read.text, read.path);
}
