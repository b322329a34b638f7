/**
 * Operational failures: things loopwright needed from the world and did not get.
 * Expected outcomes (a red test, a reached limit) are never errors, they are events.
 */

/** What an operational failure means for the exit code of the command that met it. */
export type ErrorKind = 'usage' | 'environment' | 'contradiction';

export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** One sentence for the generated reference. */
  readonly meaning: string;
}

/** The closed table of stable codes. Codes are never renamed or reused. */
export const ERROR_CODES = {
  LW_USAGE: { kind: 'usage', meaning: 'The command line is wrong.' },
  LW_POLICY_INVALID: { kind: 'usage', meaning: 'The policy has an error; the message names line and column.' },
  LW_POLICY_UNREADABLE: { kind: 'usage', meaning: 'The policy file exists but cannot be read as UTF-8 YAML.' },
  LW_POLICY_LOOSENED: {
    kind: 'usage',
    meaning:
      'A lower layer of the policy, or a flag, asks for more than a layer above it allows; the message names both places.',
  },
  LW_POLICY_LAYER: {
    kind: 'usage',
    meaning: 'A layer of the policy on this host is missing, cannot be read, or others can write it.',
  },
  LW_PROVIDERS_INVALID: {
    kind: 'usage',
    meaning: 'The file that says where keys are has an error, or others can write it.',
  },
  LW_CLASS_UNKNOWN: { kind: 'usage', meaning: 'The task class is neither built in nor in the policy.' },
  LW_AGENT_UNKNOWN: { kind: 'usage', meaning: 'No driver has this name.' },
  LW_AGENT_MISSING: {
    kind: 'environment',
    meaning: 'The program of the agent is not installed, or cannot be executed.',
  },
  LW_AGENT_VERSION: {
    kind: 'environment',
    meaning: 'The program of the agent has another version than the one that was asked for.',
  },
  LW_AGENT_CONFIGURATION: {
    kind: 'usage',
    meaning: 'What the policy lets the agent load of the repository is not what the base revision holds.',
  },
  LW_AGENT_INSTALL: {
    kind: 'environment',
    meaning: 'An agent that loopwright installs itself could not be installed.',
  },
  LW_AGENT_OPTIONS: { kind: 'usage', meaning: 'The driver refuses the options it was given.' },
  LW_NO_ACCEPTANCE: {
    kind: 'usage',
    meaning: 'The task has no check, none that can fail, or none that measures what its class lands by itself.',
  },
  LW_RUN_UNKNOWN: { kind: 'usage', meaning: 'No run matches the given id or prefix.' },
  LW_RUN_AMBIGUOUS: { kind: 'usage', meaning: 'More than one run matches the given prefix.' },
  LW_INTERRUPTED: { kind: 'environment', meaning: 'A person ended the command before it came to its end.' },
  LW_RUN_BUSY: { kind: 'usage', meaning: 'Another process is driving this run.' },
  LW_RUN_STATE: { kind: 'usage', meaning: 'The run is not in a state that allows this command.' },
  LW_QUESTION_UNKNOWN: { kind: 'usage', meaning: 'No question of the agent that waits matches.' },
  LW_QUESTION_AMBIGUOUS: { kind: 'usage', meaning: 'More than one question of the agent waits or matches.' },
  LW_AGENT_UNASKED: {
    kind: 'usage',
    meaning: 'The policy wants an agent that asks before it acts, and this one does not.',
  },
  LW_APPROVAL_STALE: { kind: 'usage', meaning: 'The approval names another diff than the one that waits.' },
  LW_APPROVAL_NOT_COUNTED: { kind: 'usage', meaning: 'An approval by this person does not count, or counts already.' },
  LW_APPROVAL_EXPIRED: { kind: 'usage', meaning: 'An approval the change needs is too old to count.' },
  LW_APPROVAL_FORGED: {
    kind: 'usage',
    meaning: 'The signature of a decision does not hold: other text, another key, or a name that has no such key.',
  },
  LW_APPROVAL_MISSING: {
    kind: 'usage',
    meaning: 'The record does not hold the approvals that the change needs to land.',
  },
  LW_NOTIFY_INVALID: {
    kind: 'usage',
    meaning: 'The file that names the command that tells people has an error, or others can write it.',
  },
  LW_NOTIFY_FAILED: {
    kind: 'environment',
    meaning: 'The command that tells people did not take a reminder; it stays due.',
  },
  LW_APPROVERS_INVALID: {
    kind: 'usage',
    meaning: 'The file that says who may sign decisions has an error, or others can write it.',
  },
  LW_SIGNING_KEY: { kind: 'usage', meaning: 'A decision cannot be signed with the key that was named.' },
  LW_OWNER_MISSING: { kind: 'usage', meaning: 'Nobody is named who answers for a run that nobody watches.' },
  LW_FROZEN: { kind: 'usage', meaning: 'A person froze paths that the change touches.' },
  LW_FREEZE_UNKNOWN: { kind: 'usage', meaning: 'No freeze matches.' },
  LW_REPO_NONE: { kind: 'usage', meaning: 'The directory is not inside a git repository.' },
  LW_REPO_EMPTY: { kind: 'usage', meaning: 'The repository has no commit yet.' },
  LW_REPO_UNSUPPORTED: { kind: 'usage', meaning: 'The repository has a form loopwright does not work on.' },
  LW_BASE_UNKNOWN: { kind: 'usage', meaning: 'The base revision does not name a commit.' },
  LW_BASE_NOT_ON_REMOTE: {
    kind: 'usage',
    meaning:
      'The branch of the remote repository that an agent works from is not at the base, or the target of a request lacks it.',
  },
  LW_REMOTE_UNREACHABLE: {
    kind: 'environment',
    meaning: 'A remote repository, of a cloud agent or on a forge, cannot be read.',
  },
  LW_BRANCH_EXISTS: { kind: 'usage', meaning: 'The branch to create or move is not in the expected state.' },
  LW_FORGE_UNCONFIGURED: {
    kind: 'usage',
    meaning: 'The policy names no forge, or nothing says which repository on it.',
  },
  LW_FORGE_LOGIN: {
    kind: 'environment',
    meaning: 'The forge does not accept the token, or the token may not do that.',
  },
  LW_FORGE_UNREACHABLE: {
    kind: 'environment',
    meaning: 'The forge does not answer; what was asked may have been done.',
  },
  LW_FORGE_RATE: { kind: 'environment', meaning: 'The forge turns calls away for longer than loopwright waits.' },
  LW_FORGE_ANSWER: { kind: 'environment', meaning: 'The forge answers what its documentation does not say.' },
  LW_FORGE_MISSING: {
    kind: 'usage',
    meaning: 'The forge has no such repository, branch or request, or hides it from the token.',
  },
  LW_FORGE_REFUSED: { kind: 'usage', meaning: 'The forge refuses what was asked; its reason is in the message.' },
  LW_FORGE_BRANCH: {
    kind: 'usage',
    meaning: 'The branch of the run cannot be pushed or removed: it holds what is not ours, or is guarded.',
  },
  LW_FORGE_CLOSED: {
    kind: 'usage',
    meaning: 'A person closed the request of the run; it is not opened again by itself.',
  },
  LW_FORGE_FORBIDS: {
    kind: 'usage',
    meaning: 'What the target repository states plainly forbids contributions of this kind.',
  },
  LW_FORGE_UNPROVEN: { kind: 'environment', meaning: 'The forge says something that git does not show.' },
  LW_FORGE_PUSH: { kind: 'environment', meaning: 'The branch of the run could not be pushed.' },
  LW_LIMIT_UNENFORCEABLE: { kind: 'usage', meaning: 'A limit was asked for that nothing here can enforce.' },
  LW_GATEWAY_UNAVAILABLE: { kind: 'environment', meaning: 'The model gateway of a run cannot be opened.' },
  LW_EGRESS_UNAVAILABLE: { kind: 'environment', meaning: 'The egress proxy of a run cannot be opened.' },
  LW_NETWORK_UNENFORCEABLE: {
    kind: 'usage',
    meaning: 'The policy names hosts or secrets, and nothing here can keep the agent to them.',
  },
  LW_SANDBOX_UNAVAILABLE: { kind: 'environment', meaning: 'The requested sandbox does not work on this machine.' },
  LW_SANDBOX_LAUNCH: { kind: 'environment', meaning: 'The sandbox could not start the process.' },
  LW_SECRETS_INVALID: {
    kind: 'usage',
    meaning: 'The file that says where secrets are has an error, or others can write it.',
  },
  LW_SECRET_REFUSED: { kind: 'usage', meaning: 'The policy names a secret that this host does not give for that.' },
  LW_KEY_UNAVAILABLE: {
    kind: 'environment',
    meaning: 'The key of a provider cannot be had from where the host says it is.',
  },
  LW_GIT_FAILED: { kind: 'environment', meaning: 'A git command of loopwright failed.' },
  LW_WORKSPACE_LOST: {
    kind: 'environment',
    meaning: 'The workspace of the run is missing or is not the one that was made.',
  },
  LW_DELETE_REFUSED: {
    kind: 'environment',
    meaning: 'A directory lacks the marker loopwright put there, so it was not deleted.',
  },
  LW_STORE_UNAVAILABLE: { kind: 'environment', meaning: 'The store cannot be opened or written.' },
  LW_STORE_VERSION: { kind: 'environment', meaning: 'The store was written by a newer loopwright.' },
  LW_STORE_FENCED: { kind: 'environment', meaning: 'Another process took over the run; this one writes nothing more.' },
  LW_LEDGER_CALL: {
    kind: 'environment',
    meaning: 'The ledger was asked to hold a model call twice, or to settle one it never held.',
  },
  LW_BLOB_MISSING: { kind: 'environment', meaning: 'A recorded payload is not in the store any more.' },
  LW_DISK_FULL: { kind: 'environment', meaning: 'The disk is full.' },
  LW_LOG_CONTRADICTION: {
    kind: 'contradiction',
    meaning: 'The log of the run contradicts itself; the reason is named.',
  },
  LW_INTERNAL: { kind: 'environment', meaning: 'A defect of loopwright.' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The entry of a code; also what makes the compiler check the shape of the table. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERROR_CODES[code];
}

export interface ErrorFacts {
  /** What happened, with the value seen and the limit or rule it met. */
  readonly message: string;
  /** The next action a person can take. */
  readonly next: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

const MARK = Symbol.for('loopwright.error');

export class LoopwrightError extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'LoopwrightError';
    this.code = code;
    this.next = facts.next;
    this.details = facts.details ?? {};
    Object.defineProperty(this, MARK, { value: true });
  }

  get kind(): ErrorKind {
    return errorEntry(this.code).kind;
  }
}

/** Recognises our errors by mark, so that two copies of the package still understand each other. */
export function isLoopwrightError(value: unknown, code?: ErrorCode): value is LoopwrightError {
  if (!(value instanceof Error) || !(MARK in value) || !('code' in value)) return false;
  return code === undefined || value.code === code;
}

/** Programmer errors only: a state that cannot be. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) {
    throw new LoopwrightError('LW_INTERNAL', {
      message: `assertion failed: ${what}`,
      next: 'This is a defect of loopwright. Please report it with the output of `loopwright log RUN --json`.',
    });
  }
}

/** Makes a switch exhaustive: the compiler rejects a forgotten member, the run-time refuses an unknown one. */
export function unreachable(value: never, what: string): never {
  throw new LoopwrightError('LW_INTERNAL', {
    message: `unknown ${what}: ${JSON.stringify(value)}`,
    next: 'This is a defect of loopwright, or the log was written by a newer version.',
  });
}
