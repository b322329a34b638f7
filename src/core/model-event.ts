/** What the log keeps of model calls: each one that was made, each that was not, and what a person allowed beyond the policy. */
import type { LimitBreach, LimitName } from './limit.ts';
import type { ChargeBasis, TokenUsage } from './spend.ts';

/** A vendor that turns calls away. */
export interface QuotaWait {
  readonly provider: string;
  /** When it takes calls again, milliseconds since 1970 UTC; null where it did not say. */
  readonly until: number | null;
  /** The run has used up the attempts its policy allows, so that waiting is over too. */
  readonly exhausted: boolean;
}

/**
 * How a call ended. `agent-left`: the agent closed the connection. `stopped`: loopwright did, because the turn was over.
 * `vendor-cut`: the vendor did, before its last word. `unreachable`: no answer came at all.
 */
export type CallEnd = 'complete' | 'agent-left' | 'stopped' | 'vendor-cut' | 'unreachable';

export interface ModelCall {
  /** The same in the ledger. */
  readonly callId: string;
  readonly iteration: number;
  readonly provider: string;
  readonly dialect: string;
  /** As the request names it. */
  readonly model: string;
  /** As the answer names it; null where it does not. */
  readonly servedModel: string | null;
  /** HTTP status of the vendor; null where none came. */
  readonly status: number | null;
  readonly end: CallEnd;
  readonly usage: TokenUsage;
  readonly costNanoUsd: number;
  readonly heldNanoUsd: number;
  readonly basis: ChargeBasis;
  /** Version of the price book; null where the model has no price and tokens alone were counted. */
  readonly prices: string | null;
  /** The limit on the answer as it was sent on, tokens, and as the agent set it; null where it set none. */
  readonly outputLimit: number | null;
  readonly askedOutputLimit: number | null;
  /** Tools the model called, bounded. */
  readonly tools: readonly { readonly name: string; readonly hosted: boolean }[];
  readonly finishReason: string | null;
  /** What was odd, in words: an error of the vendor, usage that cannot be believed, a cut. */
  readonly problem: string | null;
  /** Blob of the recipe that rebuilds the request as it was sent on, and of the answer. */
  readonly request: string;
  readonly response: string;
  /** Blob of what is kept of the headers of both, JSON. */
  readonly headers: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Until the vendor's first byte; null where none came. Monotonic. */
  readonly firstByteMs: number | null;
  readonly wallTimeMs: number;
  /** Served from the recording of another run: nothing was spent anywhere. */
  readonly replayed: boolean;
}

export type RefusedFor = 'budget' | 'model' | 'request' | 'key' | 'quota' | 'stopped' | 'ledger' | 'replay';

export type ModelEvent =
  | ({ readonly type: 'model.called' } & ModelCall)
  | {
      readonly type: 'model.refused';
      readonly iteration: number;
      readonly kind: RefusedFor;
      readonly provider: string | null;
      readonly model: string | null;
      /** As the agent was told. */
      readonly message: string;
      /** Which limit it was; null for every other kind. */
      readonly breach: LimitBreach | null;
    }
  | {
      readonly type: 'tool.stripped';
      readonly iteration: number;
      readonly provider: string;
      readonly model: string;
      readonly tools: readonly string[];
    }
  | {
      readonly type: 'quota.reached';
      readonly iteration: number;
      readonly provider: string;
      /** HTTP status; null where the vendor could not be reached. */
      readonly status: number | null;
      readonly until: number | null;
      /** Over the whole run, this one included. */
      readonly attempt: number;
    }
  | {
      readonly type: 'charge.recovered';
      readonly callId: string;
      readonly costNanoUsd: number;
      readonly tokens: number;
      readonly basis: ChargeBasis;
    }
  | {
      readonly type: 'usage.claimed';
      readonly iteration: number;
      readonly inputTokens: number;
      readonly outputTokens: number;
      /** Whole nano-dollars; null where the agent names no cost. */
      readonly costNanoUsd: number | null;
    }
  | {
      readonly type: 'limit.raised';
      readonly limit: LimitName;
      readonly ceiling: number;
      readonly by: string;
    };
