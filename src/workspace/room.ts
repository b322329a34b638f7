/** What the parts of the room share. Made once, by `index.ts`. */
import type { Sandbox } from '../ports/sandbox.ts';
import type { Git } from './git.ts';
import type { Mirrors } from './mirror.ts';
import type { RemoteLogin } from './remote.ts';
import type { Stage } from './stage.ts';
import type { StateDirectory } from './state-directory.ts';

export interface Room {
  readonly state: StateDirectory;
  readonly git: Git;
  readonly mirrors: Mirrors;
  readonly sandbox: Sandbox;
  readonly stage: Stage;
  /** Stores bytes and resolves to their hash. */
  readonly putBlob: (bytes: Uint8Array) => Promise<string>;
  /** Wall clock, milliseconds since 1970 UTC. Only for the date of a revert commit. */
  readonly now: () => number;
  /** The host's login for a server that repositories are on, by scheme, host and port; null where there is none. */
  readonly remoteLogin: (origin: string) => Promise<RemoteLogin | null>;
  /** What the branch of an agent elsewhere may bring, bytes. */
  readonly maxBranchBytes: number;
}
