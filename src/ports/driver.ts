/** An adapter that makes one agent take turns. */
import type { FoundAgent, NamedSession } from '../core/agent-event.ts';
import type { CommandRules } from '../core/command-rule.ts';
import type { AgentClaim, TurnEnd } from '../core/event.ts';
import type { TurnBudget } from '../core/limit.ts';
import type { PermissionAnswer, PermissionQuestion } from '../core/permission.ts';
import type { ClaimedUsage } from '../core/state.ts';
import type { BaseReader } from './workspace.ts';
import type { CloudSide, CloudTurn, Errand } from './cloud.ts';
import type { FinishedProcess, LaunchSpec, SupervisedProcess } from './sandbox.ts';

/** Declared truthfully; the engine is stricter where a capability is missing. */
export interface DriverCapabilities {
  /** A later turn remembers the earlier ones. */
  readonly resumable: boolean;
  readonly reportsUsage: boolean;
  /** Model calls can be sent through a gateway. */
  readonly gatewayAware: boolean;
  /** Asks before acting, so that policy can answer. */
  readonly asksPermission: boolean;
  /** Makes no model calls at all. */
  readonly modelFree: boolean;
  /** Gains from another turn with the failures of the last one. False for one-shot programs. */
  readonly learnsFromFailures: boolean;
  /** Absent: in the sandbox. In a vendor's cloud nothing here confines or meters it; it is judged by the branch it offers. */
  readonly runsIn?: 'vendor-cloud';
}

export interface TurnRequest {
  readonly iteration: number;
  readonly prompt: string;
  readonly budget: TurnBudget;
}

export interface TurnResult {
  readonly end: TurnEnd;
  readonly claims: readonly AgentClaim[];
  /** What the agent says its own login used; absent where it says nothing. Never metered, and labelled so. */
  readonly claimedUsage?: ClaimedUsage;
  /** The conversation of the turn; absent where the agent named none, and nothing can go on with it. */
  readonly session?: NamedSession;
  readonly wallTimeMs: number;
  readonly outputBytes: number;
  /** Bounded output, standard output and error as they came. */
  readonly output: Uint8Array;
  /** Only of an agent in a vendor's cloud, once it has a session. */
  readonly cloud?: CloudTurn;
}

/** What a driver may use: the sandbox with the workspace and a home mounted, and nothing else. */
export interface AgentHost {
  /** Where the workspace is, inside the sandbox. Also the working directory of what is launched. */
  readonly workspacePath: string;
  /** Where the throw-away home of this run is, inside the sandbox. Writable, kept over turns. HOME only where a driver says so. */
  readonly home: string;
  /** The way to models. null: there is none, or the agent's own login is left alone. */
  readonly models: ModelAccess | null;
  /** What the policy says of commands, files and hosts: for agents that know rules of their own, as a second fence. */
  readonly rules: CommandRules;
  /**
   * Asks the policy, and where that wants it a person, whether a tool may be used. Drivers of agents that ask put every
   * question here and pass the answer on. On `hold` they refuse the agent and end the turn. Question and answer are
   * recorded. Rejects as the store does.
   */
  permit(question: PermissionQuestion): Promise<PermissionAnswer>;
  /** The conversation an earlier leg of the run left; null or absent: there is none. */
  readonly earlier?: NamedSession | null;
  /** The base revision of the run; absent where a driver is tried without a repository. */
  readonly base?: Pick<BaseReader, 'readFile'>;
  /** Only where the agent works in a vendor's cloud. */
  readonly errand?: Errand;
  /** Puts files into the home, by path relative to it; what is there already is replaced. Rejects with `LW_WORKSPACE_LOST`. */
  seed(files: Readonly<Record<string, string>>): Promise<void>;
  launch(
    spec: Pick<LaunchSpec, 'argv' | 'env' | 'stdin' | 'limits' | 'grace'> & {
      /** Extra files and directories to show read-only inside: target path to host path. */
      readonly files?: Readonly<Record<string, string>>;
    },
    signal: AbortSignal,
  ): SupervisedProcess;
}

/** Every launch has these variables already; here for agents that want them in a file. */
export interface ModelAccess {
  readonly env: Readonly<Record<string, string>>;
}

/** A program on this machine that a driver drives. */
export interface Installation {
  /** Absolute path of the file that is executed, symbolic links resolved. */
  readonly program: string;
  readonly foundBy: FoundAgent['foundBy'];
  /** As its package says, or as it says itself; null where neither does. */
  readonly version: string | null;
}

/**
 * Contract: `turn` never rejects for what the agent does (its result says so); it honours the signal by ending the
 * agent's whole process tree; it launches nothing except through the host.
 */
export interface AgentSession {
  /** The program of this machine that every turn executes; absent where there is none. */
  readonly program?: {
    /** The run ends when it becomes another one. */
    readonly pinned: boolean;
    /** Which it is now. Cheap where it was looked at before. Rejects with `LW_AGENT_MISSING`. */
    identify(): Promise<FoundAgent>;
  };
  turn(request: TurnRequest, signal: AbortSignal): Promise<TurnResult>;
  close(): Promise<void>;
}

export interface Driver {
  readonly id: string;
  readonly summary: string;
  readonly capabilities: DriverCapabilities;
  /** Checks the options of a policy and returns them in their plain, frozen form. Throws `LW_AGENT_OPTIONS`. */
  options(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** The version loopwright installs itself, and where; absent where it installs none. */
  readonly own?: { readonly directory: string; readonly version: string };
  /** Whether turns with these options may call models. Only then is there a gateway, and a way to it. */
  usesModels(options: Readonly<Record<string, unknown>>): boolean;
  /** Whether turns with these options ask before they act, under these rules. Absent: as the capability says. */
  asks?(options: Readonly<Record<string, unknown>>, rules: CommandRules): boolean;
  /**
   * Looks for the program it drives: the option `program` (or what else its options name it by), else along the PATH.
   * Rejects with `LW_AGENT_MISSING`, and with `LW_AGENT_VERSION` where the option `version` asks for another. Absent where there is nothing to install.
   */
  installation?(options: {
    readonly program?: unknown;
    readonly argv?: unknown;
    readonly version?: unknown;
  }): Promise<Installation>;
  /**
   * Holds what these options let the agent load of the repository against its base. Rejects with `LW_AGENT_CONFIGURATION`.
   * Absent: nothing of a repository is ever loaded.
   */
  checkConfiguration?(options: Readonly<Record<string, unknown>>, base: Pick<BaseReader, 'readFile'>): Promise<void>;
  /** Present exactly where `runsIn` is `vendor-cloud`. */
  readonly cloud?: CloudSide;
  open(options: Readonly<Record<string, unknown>>, host: AgentHost): Promise<AgentSession>;
}

/** Maps how a process ended to how the turn ended; shared by drivers whose agent is one process per turn. */
export type EndOfTurn = (finished: FinishedProcess, budget: TurnBudget) => TurnEnd;
