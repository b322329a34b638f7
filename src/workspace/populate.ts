/** Brings a checkout to a tree, inside the sandbox: even a tree an agent wrote is only ever written out there. */
import path from 'node:path';
import type { Mount } from '../ports/sandbox.ts';
import type { Mirror } from './mirror.ts';
import type { Room } from './room.ts';

/** Writing out 100,000 files takes about a minute on a slow disk; attributes an agent wrote may not make it much longer. */
const TIMEOUT_MS = 10 * 60_000;

export interface Population {
  readonly mirror: Mirror;
  readonly mounts: readonly Mount[];
  readonly workspace: string;
  /** Commit or tree to show. */
  readonly treeish: string;
  readonly signal: AbortSignal;
}

/** Files that are already as they should be are left alone. */
export async function populate(room: Room, wanted: Population): Promise<void> {
  const { workspace } = wanted;
  await room.stage.run(
    {
      what: 'checking out',
      script: 'exec git read-tree --reset -u "$1"',
      parameters: [wanted.treeish],
      cwd: workspace,
      mounts: [...wanted.mounts, objectsMount(room, wanted.mirror)],
      env: { GIT_DIR: path.posix.join(workspace, '.git'), GIT_WORK_TREE: workspace },
      timeoutMs: TIMEOUT_MS,
    },
    wanted.signal,
  );
}

/** `source`: other objects in the place of those of the mirror. */
export function objectsMount(room: Room, mirror: Mirror, source: string = mirror.objects): Mount {
  return { kind: 'read-only', source, target: room.stage.at('objects', mirror.objects) };
}
