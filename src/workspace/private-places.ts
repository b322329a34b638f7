/** Directories for one launch of a sandbox that mounts nothing: made with a marker, deleted by it, swept like drafts. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { makeMarkedDirectory } from './marker.ts';
import { deleteMarked } from './safe-delete.ts';
import { openStateDirectory } from './state-directory.ts';

export interface PrivatePlaces {
  /** Absolute path of a new directory that holds its marker and nothing else. */
  make(): Promise<string>;
  /** Rejects with `LW_DELETE_REFUSED` for a directory that was not made here. */
  remove(directory: string): Promise<void>;
}

/** Below `drafts/` of the state directory `home`. */
export function privatePlaces(home: string): PrivatePlaces {
  return {
    async make() {
      const { drafts } = await openStateDirectory(home);
      const directory = path.join(drafts, `draft-${randomBytes(8).toString('hex')}`);
      await makeMarkedDirectory(directory, path.basename(directory));
      return directory;
    },
    async remove(directory) {
      const { drafts, trash } = await openStateDirectory(home);
      await deleteMarked({ directory, below: drafts, trash, runId: path.basename(directory) });
    },
  };
}
