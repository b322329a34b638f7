/** Which lines a change wrote, from the diff that was kept of it. */
import type { Change } from '../core/change.ts';
import { changedLines } from '../core/measure.ts';
import type { ChangedLines } from '../core/measure.ts';
import type { EngineDependencies } from './dependencies.ts';

/** Of a diff that was cut, those of its beginning: such a change waits for a person anyway (risk.md). */
export async function readChangedLines(deps: EngineDependencies, change: Change): Promise<ChangedLines> {
  return changedLines(Buffer.from(await deps.store.getBlob(change.diff)).toString('utf8'));
}
