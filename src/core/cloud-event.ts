/**
 * What the log keeps of an agent that works in a vendor's cloud: where it works, which session was asked, which branch it
 * offered, what it says it cost. All of it is the vendor's word; only the branch is judged.
 */

/** Fixed when a run starts. */
export interface CloudFacts {
  readonly vendor: string;
  /** Address of the repository at which vendor and loopwright meet. No login in it. */
  readonly remote: string;
  /** The branch the agent starts from. When the run began it stood at the base. */
  readonly branch: string;
  /** The limit on spend that is handed to the vendor, in its own unit; null where the vendor takes none. */
  readonly limit: ClaimedSpend | null;
  /** What nothing here enforces, in words. */
  readonly gaps: readonly string[];
}

/** In the vendor's own unit. Never metered, never added to money. */
export interface ClaimedSpend {
  readonly unit: string;
  readonly amount: number;
}

/** Where the agent says its work is. */
export interface OfferedBranch {
  readonly remote: string;
  /** Full name: `refs/heads/...` or `refs/pull/N/head`. */
  readonly ref: string;
  /** As the vendor names it; null where it names none. */
  readonly commit: string | null;
}

export interface CloudSession {
  readonly vendor: string;
  readonly id: string;
  /** For people; null where the vendor names none. */
  readonly url: string | null;
}

/** What became of a session whose turn ended before the agent was done. */
export interface SessionEnd {
  /** `left-running`: the vendor offers no way to end it, or did not confirm it. It may go on and cost. */
  readonly how: 'terminated' | 'left-running';
  readonly detail: string;
}

export type CloudEvent =
  | ({ readonly type: 'session.asked'; readonly iteration: number } & CloudSession)
  | ({ readonly type: 'session.ended'; readonly iteration: number; readonly id: string } & SessionEnd)
  | ({ readonly type: 'branch.offered'; readonly iteration: number } & OfferedBranch)
  /** Of the whole session so far. */
  | ({ readonly type: 'spend.claimed'; readonly iteration: number; readonly id: string } & ClaimedSpend);

export const CLOUD_EVENT_MEANINGS: Readonly<Record<CloudEvent['type'], string>> = {
  'session.asked': "A session in the vendor's cloud has a prompt, or is about to get it.",
  'session.ended': "A session in the vendor's cloud was ended before it was done, or could not be ended.",
  'branch.offered': "The agent in the vendor's cloud named the branch that holds its work.",
  'spend.claimed': 'The vendor says what a session cost so far, in its own unit.',
};
