/** What the sandbox keeps under the state directory, marked and deleted like everything else that is made there. */
import path from 'node:path';
import { MARKER, readMarker } from './marker.ts';
import { deleteMarked } from './safe-delete.ts';
import { openStateDirectory } from './state-directory.ts';

const OWNER = 'sandbox-kept';

/** The file that has to be in each from its first instant. */
export const KEPT_MARK: { readonly name: string; readonly text: string } = { name: MARKER, text: `${OWNER}\n` };

export interface KeptSweep {
  /** Absolute; on a trial, those that would be deleted. */
  readonly swept: readonly string[];
  /** Left alone: without a marker that says whose they are. */
  readonly unmarked: readonly string[];
}

/**
 * Deletes those of these names that lie in the directory `below` of the state directory `home`. Rejects with `LW_DELETE_REFUSED`
 * for one that is not what its marker said, or not where it should be.
 */
export async function sweepKept(
  { home, below, isTrial }: { readonly home: string; readonly below: string; readonly isTrial: boolean },
  names: readonly string[],
): Promise<KeptSweep> {
  const { home: real, trash } = await openStateDirectory(home);
  const place = path.join(real, below);
  const [swept, unmarked]: [string[], string[]] = [[], []];
  for (const name of names) {
    const directory = path.join(place, name);
    const isOurs = (await readMarker(directory)) === OWNER;
    (isOurs ? swept : unmarked).push(directory);
    if (isOurs && !isTrial) await deleteMarked({ directory, below: place, trash, runId: OWNER });
  }
  return { swept, unmarked };
}
