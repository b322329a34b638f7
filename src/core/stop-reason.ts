import { errorEntry } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import type { LimitName } from './limit.ts';
import type { ResourceName } from './resource.ts';

/** The closed set of why a run ended: printed, logged and documented from this one table. */

export interface StopReasonEntry {
  /** Exit code of `loopwright run` and `resume`. */
  readonly exitCode: number;
  /** What happened, for a person. */
  readonly meaning: string;
  /** What a person can do next. */
  readonly next: string;
}

export const STOP_REASONS = {
  accepted: {
    exitCode: 0,
    meaning: 'The acceptance holds on a fresh checkout of the change.',
    next: 'Read it with `loopwright diff RUN`, take it with `loopwright land RUN`.',
  },
  'already-accepted': {
    exitCode: 1,
    meaning: 'The acceptance already holds on the untouched base, so there is nothing a run could prove.',
    next: 'Give a check that is red on the base, or use a class whose checks only have to stay green (`--class refactor`).',
  },
  'undo-failed': {
    exitCode: 1,
    meaning: 'The change passed, but its undo did not work in the rehearsal.',
    next: 'Read the rehearsal in `loopwright report RUN`; the change stays on its checkpoint.',
  },
  rejected: {
    exitCode: 1,
    meaning: 'A person rejected the change and asked the run to end.',
    next: 'The reason is in the report.',
  },
  'limit-iterations': {
    exitCode: 10,
    meaning: 'The limit on iterations was reached without acceptance.',
    next: 'Read the last failures in the report; raise `--max-iterations` only if they show progress.',
  },
  'limit-wall-time': {
    exitCode: 10,
    meaning: 'The limit on wall time was reached without acceptance.',
    next: 'Raise `--max-time`, or give a smaller task.',
  },
  'limit-idle': {
    exitCode: 10,
    meaning: 'The agent gave no sign of life for longer than the idle limit.',
    next: 'See the end of its output in `loopwright log RUN --full`; raise `limits.idle` if it was waiting honestly.',
  },
  'limit-changed-files': {
    exitCode: 10,
    meaning: 'The change touches more files than the limit allows.',
    next: 'Split the task, or raise `--max-files`.',
  },
  'limit-changed-lines': {
    exitCode: 10,
    meaning: 'The change has more added and removed lines than the limit allows.',
    next: 'Split the task, or raise `--max-lines`.',
  },
  'limit-output-bytes': {
    exitCode: 10,
    meaning: 'The agent wrote more output than the limit allows.',
    next: 'See the start of its output in `loopwright log RUN --full`.',
  },
  'limit-tokens': {
    exitCode: 10,
    meaning: 'The limit on tokens was reached without acceptance.',
    next: 'Go on with `loopwright resume RUN --max-tokens N`, or give a smaller task.',
  },
  'limit-cost': {
    exitCode: 10,
    meaning: 'The limit on cost was reached without acceptance.',
    next: 'Go on with `loopwright resume RUN --max-cost USD`, or give a smaller task.',
  },
  'limit-memory': {
    exitCode: 10,
    meaning: 'The processes of a turn together held more memory than the policy allows.',
    next: 'See what it ran in `loopwright log RUN --full`; raise `resources.memory` if that was honest work.',
  },
  'limit-processes': {
    exitCode: 10,
    meaning: 'A turn had more processes at a time than the policy allows.',
    next: 'See what it ran in `loopwright log RUN --full`; raise `resources.processes` if that was honest work.',
  },
  'limit-disk': {
    exitCode: 10,
    meaning: 'A turn wrote more bytes or files into workspace and home than the policy allows.',
    next: 'See what it ran in `loopwright log RUN --full`; raise `resources.disk` or `resources.files` if that was honest work.',
  },
  'limit-deletions': {
    exitCode: 10,
    meaning: 'A turn deleted more tracked files than the policy allows, and was ended while it did.',
    next: 'The checkpoint from before it is kept: `loopwright diff RUN`. Raise `resources.deleted-files` or `resources.deleted-share` if the task is to delete.',
  },
  'quota-exhausted': {
    exitCode: 75,
    meaning: 'A vendor kept turning calls away until the attempts of the run were used up.',
    next: 'Wait for the quota or raise it with the vendor, then start the run again; `models.quota-attempts` says how often it asks.',
  },
  'agent-blocked': {
    exitCode: 12,
    meaning: 'The agent says the task is blocked or impossible.',
    next: 'Its reason is in the report; it is a claim, not a fact.',
  },
  'repeated-failure': {
    exitCode: 13,
    meaning: 'The same failures came back iteration after iteration.',
    next: 'The failures are in the report; the agent needs another approach or a person.',
  },
  'no-progress': {
    exitCode: 13,
    meaning: 'The agent took turns but left the tree as it was.',
    next: 'See what it did in `loopwright log RUN --full`.',
  },
  'protected-edit': {
    exitCode: 13,
    meaning: 'The change edits files that the policy protects, and the policy says stop.',
    next: 'The files are in the report.',
  },
  spiral: {
    exitCode: 13,
    meaning: 'The agent went round in circles: the same actions, failures or trees came back and nothing was gained.',
    next: 'The finding names the detector and what it counted; the agent needs another approach or a person.',
  },
  'unwanted-change': {
    exitCode: 13,
    meaning: 'The change does something that the policy says stop at, and still did after the agent was told.',
    next: 'The finding names the detector and the files; `detectors` in the policy says what happens then.',
  },
  'failing-migration': {
    exitCode: 13,
    meaning: 'A migration of the change failed on a disposable database, and again after the agent was told.',
    next: 'The error is in the report; the schema of the base and the migration do not fit, or the database is another one than `migrations.database` says.',
  },
  'environment-broken': {
    exitCode: 20,
    meaning: 'A check cannot run on the untouched base, so it could not judge anything.',
    next: 'Run `loopwright doctor`; the output of the check is in the report.',
  },
  'agent-unavailable': {
    exitCode: 20,
    meaning: 'The agent could not be started.',
    next: 'Commit its program to the repository, or install it on the system: nothing else of this machine is inside the sandbox.',
  },
  'environment-failed': {
    exitCode: 20,
    meaning: 'Sandbox, git, disk or store failed under the run.',
    next: 'The detail names the error and its next action; mend that, then start the run again.',
  },
  interrupted: {
    exitCode: 130,
    meaning: 'A person stopped the run.',
    next: 'The last checkpoint is kept: `loopwright diff RUN`.',
  },
} as const;

export type StopReason = keyof typeof STOP_REASONS;

/** The entry of a reason; also what makes the compiler check the shape of the table. */
export function stopReasonEntry(reason: StopReason): StopReasonEntry {
  return STOP_REASONS[reason];
}

/** Exit codes that are not the end of a run. */
export const EXIT_USAGE = 2;
export const EXIT_WAITING = 11;
export const EXIT_ENVIRONMENT = 20;
export const EXIT_QUOTA = 75;
export const EXIT_INTERRUPTED = 130;

export function exitCodeOfError(code: ErrorCode): number {
  // As a shell has it for what Ctrl-C ends, and as for a run that ended so: an end somebody chose.
  if (code === 'LW_INTERRUPTED') return EXIT_INTERRUPTED;
  return errorEntry(code).kind === 'usage' ? EXIT_USAGE : EXIT_ENVIRONMENT;
}

/** Which stop reason a reached limit becomes. */
export const LIMIT_STOP_REASONS: Readonly<Record<LimitName | ResourceName, StopReason>> = {
  iterations: 'limit-iterations',
  wallTimeMs: 'limit-wall-time',
  idleMs: 'limit-idle',
  changedFiles: 'limit-changed-files',
  changedLines: 'limit-changed-lines',
  outputBytes: 'limit-output-bytes',
  tokens: 'limit-tokens',
  costUsd: 'limit-cost',
  memoryBytes: 'limit-memory',
  processes: 'limit-processes',
  writtenBytes: 'limit-disk',
  writtenFiles: 'limit-disk',
  deletedFiles: 'limit-deletions',
  deletedPercent: 'limit-deletions',
};
