/**
 * One action of an agent inside a turn, reduced to what a detector may look at: digests and facts, never prose. What an
 * agent writes about its actions varies without meaning and is not looked at (OpenHands/OpenHands#5355: killed for waiting;
 * google-gemini/gemini-cli#5873: killed for honest work that repeats).
 */

/**
 * `write`: a tool made to change files. `wait`: it asks how something that runs is getting on. `summary`: the agent condensed
 * its own context.
 */
export type StepKind = 'write' | 'wait' | 'summary' | 'other';

export interface Step {
  readonly tool: string;
  readonly kind: StepKind;
  /** Digest of the canonical input. */
  readonly input: string;
  /** Digest of the output without what changes from run to run: times, durations, addresses, temporary paths. */
  readonly output: string;
  readonly outputCharacters: number;
  readonly failed: boolean;
  /** Files the action names, as paths or as digests of paths. */
  readonly files: readonly string[];
  /** Hash of the tree after the step; null where nobody looked. */
  readonly tree: string | null;
  /** Tokens the model calls since the step before were charged; null where they are not known. */
  readonly tokens: number | null;
}

/** Names of tools that change files, over the agents in `docs/agents.md`: Edit, Write, apply_patch, str_replace_editor ... */
const WRITES = /^(?:multi_?|notebook_?|str_?)*(?:edit|write|create|patch|replace|insert|apply|update_file)/i;

/** Those that ask a process in the background for more: BashOutput, TaskOutput, write_stdin, wait_for ... */
const WAITS = /^(?:(?:bash|task|shell|terminal|command|process)_?output$|write_stdin$|wait|sleep|poll)/i;

/** What a tool does, by its name alone. A shell may do anything and is `other`. */
export function kindOfTool(tool: string): StepKind {
  if (WAITS.test(tool)) return 'wait';
  return WRITES.test(tool) ? 'write' : 'other';
}
