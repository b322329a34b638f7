/** An adapter that makes one agent take turns. */
import type { AgentClaim, TurnEnd } from '../core/event.ts';
import type { TurnBudget } from '../core/limit.ts';
import type { ClaimedUsage } from '../core/state.ts';
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
  readonly wallTimeMs: number;
  readonly outputBytes: number;
  /** Bounded output, standard output and error as they came. */
  readonly output: Uint8Array;
}

/** What a driver may use: the sandbox with the workspace mounted, and nothing else. */
export interface AgentHost {
  /** Where the workspace is, inside the sandbox. Also the working directory of what is launched. */
  readonly workspacePath: string;
  launch(
    spec: Pick<LaunchSpec, 'argv' | 'env' | 'stdin' | 'limits'> & {
      /** Extra files to show read-only inside: target path to host path. */
      readonly files?: Readonly<Record<string, string>>;
    },
    signal: AbortSignal,
  ): SupervisedProcess;
}

/**
 * Contract: `turn` never rejects for what the agent does (its result says so); it honours the signal by ending the
 * agent's whole process tree; it launches nothing except through the host.
 */
export interface AgentSession {
  turn(request: TurnRequest, signal: AbortSignal): Promise<TurnResult>;
  close(): Promise<void>;
}

export interface Driver {
  readonly id: string;
  readonly summary: string;
  readonly capabilities: DriverCapabilities;
  /** Checks the options of a policy and returns them in their plain, frozen form. Throws `LW_AGENT_OPTIONS`. */
  options(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** Whether turns with these options may call models. Only then is there a gateway, and a way to it. */
  usesModels(options: Readonly<Record<string, unknown>>): boolean;
  open(options: Readonly<Record<string, unknown>>, host: AgentHost): Promise<AgentSession>;
}

/** Maps how a process ended to how the turn ended; shared by drivers whose agent is one process per turn. */
export type EndOfTurn = (finished: FinishedProcess, budget: TurnBudget) => TurnEnd;
