/** A forge: where a change is shown to people as a pull or merge request. One instance speaks to one repository. */
import type { ForgeName, RequestState } from '../core/publish-event.ts';

/** A pull request (GitHub) or merge request (GitLab). */
export interface ReviewRequest {
  /** As people see it: `#12`, `!12`. */
  readonly number: number;
  /** For people. */
  readonly url: string;
  readonly state: RequestState;
  readonly title: string;
  readonly body: string;
  /** The commit at the tip of its branch, as the forge says. */
  readonly head: string;
  readonly branch: string;
  readonly target: string;
  /** The account that made it. */
  readonly author: string;
  readonly labels: readonly string[];
  /** Who is asked to look at it: `@ann`, `@acme/platform`. */
  readonly reviewers: readonly string[];
  /** The commit on the target, where the forge says that it is merged. The word of the forge: git has to show it. */
  readonly mergeCommit: string | null;
}

export interface NewRequest {
  readonly branch: string;
  readonly target: string;
  readonly title: string;
  readonly body: string;
}

/** What a commit's checks and statuses say together. `none`: there are none. */
export type ChecksState = 'green' | 'red' | 'pending' | 'none';

export interface ForgeChecks {
  readonly state: ChecksState;
  readonly items: readonly { readonly name: string; readonly state: Exclude<ChecksState, 'none'> }[];
}

/** Our own verdict on a commit, as everybody sees it beside the request. */
export interface ReportedVerdict {
  /** The same name replaces what was said before. */
  readonly name: string;
  readonly state: 'green' | 'red';
  /** One line; cut at 140 characters, which is what GitHub takes. */
  readonly words: string;
}

export interface OpenFilter {
  /** null: of anybody. */
  readonly author: string | null;
  /** null: whatever it is labelled. */
  readonly label: string | null;
}

/**
 * Every method rejects with `LW_FORGE_LOGIN`, `LW_FORGE_RATE`, `LW_FORGE_UNREACHABLE`, `LW_FORGE_ANSWER`,
 * `LW_FORGE_MISSING` or `LW_FORGE_REFUSED`, and with `LW_KEY_UNAVAILABLE` where the host has no token. No error holds the
 * token. What only reads, and what does the same when it is done twice, is tried again; `create` never is.
 */
export interface Forge {
  readonly name: ForgeName;
  /** `owner/name`; with GitLab also `group/subgroup/name`. */
  readonly repository: string;
  /** Address for git. No login in it. */
  readonly remote: string;
  defaultBranch(): Promise<string>;
  /** Whether rules of the forge guard the branch; false where there is no such branch. */
  isProtected(branch: string): Promise<boolean>;
  /** Every request from that branch of this very repository, whatever its state or target; the newest first. */
  find(branch: string): Promise<readonly ReviewRequest[]>;
  look(number: number): Promise<ReviewRequest>;
  /**
   * null where the forge says that there is one already. `LW_FORGE_UNREACHABLE` means that nobody knows whether it was
   * made: look before trying again.
   */
  create(request: NewRequest): Promise<ReviewRequest | null>;
  describe(number: number, text: { readonly title: string; readonly body: string }): Promise<void>;
  /** Without merging. Closing what is closed changes nothing. */
  close(number: number): Promise<void>;
  /** Only while its branch is at `head`; `LW_FORGE_REFUSED` where it is not, or where rules of the forge forbid it. */
  merge(number: number, head: string): Promise<void>;
  checks(commit: string): Promise<ForgeChecks>;
  /** Says nothing twice. */
  report(commit: string, verdict: ReportedVerdict): Promise<void>;
  open(filter: OpenFilter): Promise<readonly ReviewRequest[]>;
  /** null where there is no such file. `LW_FORGE_ANSWER` beyond a megabyte. */
  readFile(path: string, ref: string): Promise<string | null>;
}
