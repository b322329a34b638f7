/** Workspaces on git: the trusted mirror, throw-away checkouts, collection, landing and undo. */
import type { Clock } from '../ports/clock.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { Remotes } from '../ports/remotes.ts';
import type { Repositories, Results, Workspaces } from '../ports/workspace.ts';
import { createBaseReader } from './base-reader.ts';
import { createGit } from './git.ts';
import { createHistory } from './history.ts';
import { createMirrors } from './mirror.ts';
import { readNames } from './names.ts';
import { pin } from './pin.ts';
import { createRemotes } from './remotes.ts';
import { remoteHead } from './remote.ts';
import type { RemoteLogin } from './remote.ts';
import { createRepositoryReader } from './repository.ts';
import { createResults } from './results.ts';
import type { Room } from './room.ts';
import { createStage } from './stage.ts';
import { openStateDirectory } from './state-directory.ts';
import { createWorkspace, openWorkspace } from './workspaces.ts';

/** Far more than any change a person would read. */
const MAX_BRANCH_BYTES = 128 * 1024 * 1024;

export interface WorkspacesOptions {
  /** The state directory, `$LOOPWRIGHT_HOME`. Made when first needed. */
  readonly home: string;
  readonly sandbox: Sandbox;
  /** PATH is read from it, to find git; and where git keeps the user's settings, for the addresses of remotes. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** `RunStore.putBlob`. */
  readonly putBlob: (bytes: Uint8Array) => Promise<string>;
  /** Dates revert commits. */
  readonly clock?: Pick<Clock, 'now'>;
  /** For repositories that cloud agents work on. Absent: only what anybody may read. */
  readonly remoteLogin?: (origin: string) => Promise<RemoteLogin | null>;
  /** What the branch of a cloud agent may bring, bytes. Default: 128 MiB. */
  readonly maxBranchBytes?: number;
}

export interface WorkspaceRoom {
  readonly repositories: Repositories;
  readonly workspaces: Workspaces;
  readonly results: Results;
  readonly remotes: Remotes;
}

export function createWorkspaces(options: WorkspacesOptions): WorkspaceRoom {
  let opened: Promise<Room> | null = null;
  function open(): Promise<Room> {
    // A failure is not remembered: the disk may have room the next time.
    opened ??= openRoom(options).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  }

  return {
    repositories: {
      inspect: async (directory) => {
        const { git, stage } = await open();
        return createRepositoryReader(git, stage).inspect(directory);
      },
      names: async (root) => readNames((await open()).git, options.hostEnvironment, root),
      pin: async (root, revision) => {
        const { git, mirrors } = await open();
        return pin(git, mirrors, root, revision);
      },
      ...createHistory(open),
      remoteHead: async (remote, branch) => remoteHead(await open(), remote, branch),
      read: (root, commit) => {
        const reader = async (): Promise<ReturnType<typeof createBaseReader>> => {
          const { git, mirrors } = await open();
          return createBaseReader(git, () => mirrors.find(root), commit);
        };
        return {
          readFile: async (path, maxBytes) => (await reader()).readFile(path, maxBytes),
          readAll: async (paths) => (await reader()).readAll(paths),
          listFiles: async () => (await reader()).listFiles(),
        };
      },
    },
    workspaces: {
      create: async (request, signal) => createWorkspace(await open(), request, signal),
      open: async (request) => openWorkspace(await open(), request),
    },
    results: createResults(open),
    remotes: createRemotes(open),
  };
}

async function openRoom(options: WorkspacesOptions): Promise<Room> {
  const state = await openStateDirectory(options.home);
  const git = createGit({ hostEnvironment: options.hostEnvironment, emptyHome: state.empty });
  return {
    state,
    git,
    mirrors: createMirrors(state, git),
    sandbox: options.sandbox,
    stage: createStage(options.sandbox),
    putBlob: options.putBlob,
    now: () => options.clock?.now() ?? Date.now(),
    remoteLogin: options.remoteLogin ?? (() => Promise.resolve(null)),
    maxBranchBytes: options.maxBranchBytes ?? MAX_BRANCH_BYTES,
  };
}
