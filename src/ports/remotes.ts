/** Branches of a repository on a forge, by git over HTTPS, from the trusted mirror alone. The only way a commit leaves here. */

export interface RemotePlace {
  readonly runId: string;
  /** Top of the user's repository: it names the mirror. */
  readonly repository: string;
  /** Address for git. No login in it: that is the host's. */
  readonly remote: string;
}

export type MergeResult =
  | { readonly kind: 'merged'; readonly commit: string; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] };

export interface OwnBranch {
  readonly branch: string;
  /** What it holds, or has to hold. */
  readonly commit: string;
}

/** Every method rejects with `LW_REMOTE_UNREACHABLE` where the remote does not answer git. */
export interface Remotes {
  /** What the user's repository calls `origin`; null where it has none. A login in it is taken out. */
  origin(repository: string): Promise<string | null>;
  /** Where a branch stands now; null where there is none. */
  tip(remote: string, branch: string): Promise<string | null>;
  /**
   * Fetches a branch as untrusted: bounded and checked, into a draft first; only objects and a ref of ours reach the mirror.
   * Resolves to its commit. Rejects with `LW_FORGE_MISSING` where there is no such branch, and with `LW_FORGE_UNPROVEN` where
   * git refuses what it brings.
   */
  bring(place: RemotePlace, branch: string, base: string, signal: AbortSignal): Promise<string>;
  /** The tree of a commit. */
  tree(repository: string, commit: string): Promise<string>;
  /** Merges without a work tree. The same two give the same commit; its first parent is `tip`. */
  merge(place: RemotePlace, tip: string, commit: string): Promise<MergeResult>;
  /** A commit on `tip` that takes back what `merged` did to its first parent. The same three give the same commit. */
  revert(
    place: RemotePlace,
    wanted: { readonly tip: string; readonly merged: string; readonly message: string },
  ): Promise<MergeResult>;
  /**
   * A commit on `tip` that does again what `commit` did to its first parent; its tree is that of `tip` where that is all there already.
   * The same three give the same commit.
   */
  reapply(
    place: RemotePlace,
    wanted: { readonly tip: string; readonly commit: string; readonly message: string },
  ): Promise<MergeResult>;
  /**
   * Makes the branch. It is never moved and nothing is overwritten: where it is at the commit already nothing is done, and where it is
   * elsewhere this rejects with `LW_FORGE_BRANCH`. Also `LW_FORGE_LOGIN`, `LW_FORGE_REFUSED` (rules of the server) and `LW_FORGE_PUSH`.
   */
  push(place: RemotePlace, own: OwnBranch, signal: AbortSignal): Promise<void>;
  /** Removes the branch while it is at the commit. false where it is not. Rejects as `push`. */
  remove(place: RemotePlace, own: OwnBranch, signal: AbortSignal): Promise<boolean>;
  /** Lets go of what was kept in the mirror for publishing. */
  forget(repository: string, runId: string): Promise<void>;
}
