/** Goal text, repository, base revision, acceptance checks, class. */
export interface Task {
  readonly goal: string;
  /** Absolute path of the user's repository (its top level, or the bare repository itself). */
  readonly repository: string;
  /** Name of the task class. */
  readonly class: string;
}

/** The pinned starting point of a run: exact object ids, resolved once. */
export interface BaseRevision {
  readonly commit: string;
  readonly tree: string;
  /** What the user wrote or what HEAD pointed at, for people: `main`, `HEAD`, `v1.2`. */
  readonly name: string;
}
