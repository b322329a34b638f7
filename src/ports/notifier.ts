/** Tells people that something waits. Named by the host and never by a repository, which could send words anywhere. */

/** One line of JSON for the command of the host. Everything an agent or a repository wrote in it is made harmless to show. */
export interface Notice {
  /** Of this form. */
  readonly v: 1;
  readonly kind: 'approval';
  readonly run: string;
  readonly repository: string;
  readonly task: string;
  /** Who has to be told, by the names of the policy and of CODEOWNERS. */
  readonly to: readonly string[];
  readonly escalated: boolean;
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  readonly zones: readonly string[];
  readonly why: readonly string[];
  /** Hash of the diff that waits. The same run, diff and count is the same reminder, sent again. */
  readonly diff: string;
  /** How many came before. */
  readonly earlier: number;
  /** What a person can type. */
  readonly commands: readonly string[];
}

/** Resolves once the notice was taken. Rejects with `LW_NOTIFY_FAILED`. */
export type Notify = (notice: Notice) => Promise<void>;
