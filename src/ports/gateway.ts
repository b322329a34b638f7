/** The way of an agent to its models, and who answers there. */
import type { StepLimits } from '../core/detectors/steps/index.ts';
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { LimitBreach, Limits } from '../core/limit.ts';
import type { ModelCall, QuotaWait } from '../core/model-event.ts';
import type { DailyCostLimits, ModelRules } from '../core/spend.ts';
import type { PortForward } from './sandbox.ts';
import type { Lease } from './store.ts';

export type DialectId = 'anthropic-messages' | 'openai-responses' | 'openai-chat' | 'gemini' | 'bedrock' | 'vertex';

/** Where a key is; never the key itself. */
export type KeySource =
  | { readonly kind: 'env'; readonly name: string }
  /** Absolute. */
  | { readonly kind: 'file'; readonly path: string }
  /** Run without a shell; what it prints is the key. */
  | { readonly kind: 'command'; readonly argv: readonly [string, ...string[]] }
  /** The provider asks for none. */
  | { readonly kind: 'none' };

export interface Provider {
  /** Small letters, digits and `-`. */
  readonly name: string;
  /** Protocols it speaks. At least one. */
  readonly dialects: readonly DialectId[];
  /** Where its calls go, without a trailing slash: `https://api.example.com`, perhaps with a path. */
  readonly url: string;
  /** Its name in the price book; null: that of the dialect. */
  readonly priceProvider: string | null;
  readonly key: KeySource;
}

/** A value that shows itself to nobody who does not ask: not to JSON, to `String()` or to a debugger's printing. */
export interface Secret {
  readonly reveal: () => string;
}

/** What a launch needs so that the agent finds the gateway. */
export interface GatewayAccess {
  /** Addresses and the key of this run, under the names agents read. Worthless anywhere else and afterwards. */
  readonly env: Readonly<Record<string, string>>;
  readonly forwards: readonly PortForward[];
}

/** Why the gateway wants a turn to end. */
export type Brake =
  | { readonly kind: 'limit'; readonly breach: LimitBreach }
  | { readonly kind: 'quota'; readonly quota: QuotaWait }
  /** The agent goes round in circles. */
  | { readonly kind: 'detector'; readonly detail: string }
  /** The agent keeps calling although it is refused. */
  | { readonly kind: 'storm'; readonly detail: string };

export interface TurnListener {
  /** The agent had time to wrap up and is still there: end it. Called at most once. */
  brake(): void;
  /** A call is under way: the agent is not idle. */
  activity(): void;
}

export interface GatewayTurn {
  /**
   * Takes no more calls, cuts those under way, settles and records them. Resolves once none is left; to the brake, if one was
   * pulled. Rejects as the ledger and the log do.
   */
  end(): Promise<Brake | null>;
  /** What detectors over the steps of this turn saw so far. */
  sightings(): readonly Finding[];
}

/** The gateway of one run, in one leg. */
export interface GatewayRun {
  readonly access: GatewayAccess;
  beginTurn(iteration: number, listener: TurnListener): GatewayTurn;
  /** Revokes the key and closes every way in. Safe to call twice. */
  close(): Promise<void>;
}

/** Calls of another run, served again instead of asking anybody. */
export interface Replay {
  readonly runId: string;
  readonly calls: readonly ModelCall[];
}

export interface GatewayRequest {
  readonly lease: Lease;
  /** Absolute path. */
  readonly repository: string;
  readonly className: string;
  readonly models: ModelRules;
  readonly daily: DailyCostLimits;
  /** Of the detectors over steps; absent: their own numbers. */
  readonly steps?: StepLimits;
  /** As they are now: a person may raise limits, and attempts grow. */
  readonly now: () => { readonly limits: Limits; readonly quotaAttempts: number };
  /** Durable when it resolves. `references`: blobs the events need and do not name. */
  readonly record: (events: readonly RunEvent[], references: readonly string[]) => Promise<void>;
  /** Where the agent's network is (`Sandbox.network`). */
  readonly network: 'own' | 'host';
  readonly replay: Replay | null;
}

export interface Gateway {
  /** Rejects with `LW_GATEWAY_UNAVAILABLE` and `LW_KEY_UNAVAILABLE`. */
  open(request: GatewayRequest): Promise<GatewayRun>;
}
