/** The throw-away copy, the trusted mirror, collection, fresh checkouts, landing and undo. */
import type { ChangedFile, Change } from '../core/change.ts';
import type { OfferedBranch } from '../core/cloud-event.ts';
import type { GuardedTree, RedoMode, UndoMode } from '../core/event.ts';
import type { SeenCommit } from '../core/landing/convention.ts';
import type { FileDiff, RiskFinding } from '../core/risk.ts';
import type { BaseRevision } from '../core/task.ts';
import type { UndoPlan, UndoRehearsal } from '../core/undo-plan.ts';
import type { ContentReader } from './content.ts';
import type { Mount } from './sandbox.ts';

/** Decides, by path alone, what policy says of a file. Made from the policy by the composition root. Pure. */
export type PathClassifier = (
  path: string,
  existsOnBase: boolean,
) => Pick<ChangedFile, 'protected' | 'inScope' | 'zones'>;

/** Says what the lines of a change do that is risky. Made from the policy by the composition root. Pure. */
export type RiskReader = (files: readonly FileDiff[]) => readonly RiskFinding[];

/** What of a tree is kept from the agent, decided by path alone. Made from the policy by the composition root. Pure. */
export interface TreeGuard {
  /** Whether the agent sees the file as an empty one. */
  hides(path: string): boolean;
  /** Whether a held-back check rests on the file: nobody but that check sees what is in it. Absent: none does. */
  holdsBack?(path: string): boolean;
  mayChange(path: string): boolean;
  /** Whether a change may touch anything below the directory, also what is not there yet. Errs towards yes. */
  mayChangeBelow(directory: string): boolean;
}

/** What is known of the user's repository without running anything of it and without writing to it. */
export interface RepositoryInfo {
  /** Absolute, symlinks resolved: the top level of the work tree, or the repository itself when bare. */
  readonly root: string;
  readonly bare: boolean;
  readonly shallow: boolean;
  /** Short branch name, or null when detached or unborn. */
  readonly branch: string | null;
  /** Commit of HEAD, or null when the repository has none yet. */
  readonly head: string | null;
  /** The work tree has uncommitted changes. They are not part of a run; null where it could not be found out. */
  readonly dirty: boolean | null;
  readonly hasSubmodules: boolean;
}

/** What a repository is known by, so that rules of the host can speak of it. */
export interface RepositoryNames {
  /** Absolute, symlinks resolved: the root, and of a linked work tree also that of the main one. */
  readonly roots: readonly string[];
  /** Addresses of its remotes, as they are written and as `insteadOf` makes them; they may hold a login. */
  readonly remotes: readonly string[];
}

/** Content read from a commit, never from a work tree. */
export interface BaseReader {
  /** null when the path is not a regular file on that commit. Throws `LW_POLICY_UNREADABLE` beyond `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Many at once, by path; what is no regular file, or has more than a mebibyte, is left out. */
  readAll(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Every path on that commit, or those under the given prefixes. */
  listFiles(): Promise<readonly string[]>;
}

export interface CommitFacts {
  readonly commit: string;
  readonly parents: readonly string[];
  /** The name, as the commit says. */
  readonly author: string;
  /** Milliseconds since 1970 UTC; null where the commit says nothing that can be read. */
  readonly at: number | null;
  /** Its beginning, when it is very long. */
  readonly message: string;
}

export interface Repositories {
  /** Rejects with LW_REPO_NONE, LW_REPO_UNSUPPORTED. */
  inspect(directory: string): Promise<RepositoryInfo>;
  /** Reads the git configuration of the user too. Rejects as `inspect`, and with LW_GIT_FAILED where that cannot be read. */
  names(root: string): Promise<RepositoryNames>;
  /** Pins a revision: brings its objects into the trusted mirror. Rejects with LW_REPO_EMPTY, LW_BASE_UNKNOWN. */
  pin(root: string, revision: string): Promise<BaseRevision>;
  read(root: string, commit: string): BaseReader;
  /** The commit that a revision names. Rejects with LW_REPO_EMPTY, LW_BASE_UNKNOWN. */
  commit(root: string, revision: string): Promise<CommitFacts>;
  /** The commit that last changed a line (from 1) of a file on HEAD; null where there is no such line. */
  blame(root: string, file: string, line: number): Promise<string | null>;
  /**
   * Where a branch of a remote repository stands now; null takes its default branch. Brings nothing. Rejects with
   * `LW_REMOTE_UNREACHABLE`, and with `LW_BASE_NOT_ON_REMOTE` when there is no such branch.
   */
  remoteHead(remote: string, branch: string | null): Promise<{ readonly branch: string; readonly commit: string }>;
}

export interface WorkspaceRequest {
  readonly runId: string;
  readonly repository: string;
  readonly base: BaseRevision;
  /** Names of untracked directories to bring in from the user's checkout, relative to its root. */
  readonly dependencies: readonly string[];
  readonly classify: PathClassifier;
  readonly readRisks: RiskReader;
  readonly readContent: ContentReader;
  /** Absent: nothing is kept from the agent. */
  readonly guard?: TreeGuard;
}

export interface Checkout {
  /** The mounts that show this checkout at `workspacePath`. */
  readonly mounts: readonly Mount[];
  readonly workspacePath: string;
  /** Removes it. Never rejects; a leftover is reported by `gc`. */
  dispose(): Promise<void>;
}

/** A home for the agent of one run: made with the workspace, gone with it, shared with no other run. */
export interface AgentHome {
  /** The mounts that show it at `path`; none where nothing is confined. */
  readonly mounts: readonly Mount[];
  readonly path: string;
  /**
   * Puts files into it, by relative path. Follows no symbolic link of the agent's making: rejects with `LW_WORKSPACE_LOST`
   * where it made one in the way.
   */
  seed(files: Readonly<Record<string, string>>): Promise<void>;
}

export interface CollectedChange {
  readonly change: Change;
  readonly ref: string;
}

/** A file as another commit has it, or with a content of our own in the mode it has. */
export type ReplacedFile =
  | { readonly path: string; readonly from: string }
  | { readonly path: string; readonly content: Uint8Array };

/** `held-back`: also what is kept from every other check. */
export type CheckSight = 'open' | 'held-back';

export interface Workspace {
  readonly kind: 'overlay' | 'clone';
  /** The dependency directories that were found and brought in. */
  readonly dependencies: readonly string[];
  readonly guarded: GuardedTree;
  /** The files of the base, relative to the top: what can be deleted. */
  readonly tracked: readonly string[];
  /** The agent's view, writable but for what is guarded. */
  readonly checkout: Checkout;
  readonly home: AgentHome;
  /**
   * Takes the tree as it is, inside a sandbox without network, with a git directory of our own; imports it into the
   * mirror; keeps it under `refs/loopwright/<run>/<iteration>`. Idempotent for the same iteration and tree.
   */
  collect(iteration: number, signal: AbortSignal): Promise<CollectedChange>;
  /**
   * Takes the tree of a branch that an agent elsewhere offers, in the place of the tree in the workspace. It is fetched
   * as untrusted: bounded, checked, into a draft first; only objects and a ref of ours reach the mirror. What cannot be
   * taken (no branch, a history without the base, too large, malformed) is no change, and the oddities say why. Rejects
   * with `LW_REMOTE_UNREACHABLE` when the remote does not answer.
   */
  adopt(branch: OfferedBranch | null, iteration: number, signal: AbortSignal): Promise<CollectedChange>;
  /**
   * A fresh checkout of a commit, for one check. Files for which `restore` is true get the content they have on the base
   * (deleted ones come back). Files of held-back checks are empty, unless it is for one of these.
   */
  fresh(
    commit: string,
    restore: 'as-committed' | 'protected-from-base',
    signal: AbortSignal,
    sight?: CheckSight,
  ): Promise<Checkout>;
  /**
   * Like `fresh` with protected files from the base, and then with some files replaced: for an experiment on what a change
   * proves.
   */
  blend(
    wanted: { readonly commit: string; readonly files: readonly ReplacedFile[] },
    signal: AbortSignal,
    sight?: CheckSight,
  ): Promise<Checkout>;
  /** Lands and reverts in a scratch copy; compares trees. */
  rehearse(plan: UndoPlan, signal: AbortSignal): Promise<UndoRehearsal>;
}

/** A commit for people: the tree and the parent of a checkpoint, under a message of its own. */
export interface LandedCommit {
  readonly runId: string;
  readonly checkpoint: string;
  readonly message: string;
  /** Its date: milliseconds since 1970 UTC. */
  readonly at: number;
}

/** What can be done with a finished run. Works from the mirror alone: the workspace may be gone. */
export interface Results {
  /** Diff text between two commits, bounded by `maxBytes`. */
  diff(repository: string, from: string, to: string, maxBytes: number): Promise<Uint8Array>;
  /** SHA-256 of all of that text: what `Change.diffHash` has to be. */
  diffHash(repository: string, from: string, to: string): Promise<string>;
  /** At most `most` commits that lead to one, newest first, merges among them. Read in the mirror, bounded. */
  history(repository: string, commit: string, most: number): Promise<readonly SeenCommit[]>;
  /** Writes it into the mirror and keeps it with the run. The same for the same words, whenever it is written. */
  compose(repository: string, wanted: LandedCommit): Promise<string>;
  /**
   * Creates or fast-forwards a local branch in the user's repository. Never touches HEAD, the index or a work tree.
   * Rejects with LW_BRANCH_EXISTS when the branch is checked out, or is not at `expected`.
   */
  land(
    repository: string,
    commit: string,
    branch: string,
    expected: string | null,
  ): Promise<{ readonly previous: string | null }>;
  /** Whether the branch is there and contains the commit: how a landing whose end nobody recorded is found out. */
  holds(repository: string, commit: string, branch: string): Promise<boolean>;
  /** Whether the history of `newer` holds `older`; false for commits nobody knows. From the mirror alone. */
  builtOn(repository: string, newer: string, older: string): Promise<boolean>;
  /**
   * Takes results of one repository back, all or none; one answer for each, in their order. A bundle with the commits is
   * kept before anything is removed. Idempotent. Rejects with LW_RUN_STATE, LW_BRANCH_EXISTS; nothing has changed then.
   *
   * `ready` is called once: when all is planned, and git would move every branch, before one moves. What refuses the plan rejects before
   * that. Where `ready` rejects, so does this, and nothing has changed; what happens to the branches while it works is refused after it.
   */
  undo(requests: readonly UndoRequest[], ready?: () => Promise<void>): Promise<readonly UndoAnswer[]>;
  /** Undo of undo, what came first before what was built on it: the same contract. `landed` is where it was before the undo. */
  redo(
    requests: readonly UndoRequest[],
    ready?: () => Promise<void>,
  ): Promise<readonly { readonly mode: RedoMode; readonly evidence: string }[]>;
  /** Removes workspace and checkouts of a run; its commits stay in the mirror until `forget`. */
  discard(runId: string): Promise<void>;
  /** Drops the refs of a run from the mirror, keeping a bundle. */
  forget(repository: string, runId: string): Promise<void>;
  /** Run directories that no run owns any more, and their bytes. */
  orphans(known: ReadonlySet<string>): Promise<readonly { readonly runId: string; readonly bytes: number }[]>;
}

export interface UndoRequest {
  readonly runId: string;
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  /** null when nothing landed. */
  readonly landed: { readonly branch: string; readonly previous: string | null } | null;
}

export interface UndoAnswer {
  readonly mode: UndoMode;
  readonly evidence: string;
  /** The commit that takes it back; null where none does. */
  readonly commit: string | null;
}

export interface Workspaces {
  /** Makes the workspace, or makes it again from nothing when a half-made one is found. */
  create(request: WorkspaceRequest, signal: AbortSignal): Promise<Workspace>;
  /** Opens the workspace of a run that is being resumed. Rejects with `LW_WORKSPACE_LOST`. */
  open(request: WorkspaceRequest): Promise<Workspace>;
}
