/** A finding is one located, typed observation with evidence. */

/**
 * What a finding does to the verdict. `note` is shown only; `refuse` means this change cannot be accepted as it is
 * (the agent is told and may go on); `hold` asks a person; `stop` ends the run.
 */
export type Severity = 'note' | 'refuse' | 'hold' | 'stop';

export interface Finding {
  /** Id of the detector that raised it. */
  readonly detector: string;
  readonly severity: Severity;
  /** One sentence: what was seen, with the value. */
  readonly message: string;
  /** Path, test id or check id; null where the finding is about the run as a whole. */
  readonly location: string | null;
}
