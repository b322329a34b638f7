/** What one billed call is made of, from its request to its entry in the log. */
import type { CallEnd, ModelCall } from '../core/model-event.ts';
import type { ModelRules, PriceTerms } from '../core/spend.ts';
import type { Amount, Ledger } from '../ports/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { GatewayRequest, Provider, Secret } from '../ports/gateway.ts';
import type { Admit, Demand } from './admission.ts';
import type { Dialect, GenerateRoute, Headers, Metered, RequestFacts } from './dialects/dialect.ts';
import type { InputBound } from './input-bound.ts';
import type { PriceBook, Priced } from './prices/book.ts';
import type { Piece } from './recording/pieces.ts';
import type { Recording } from './recording/recording.ts';
import type { ReplaySource } from './replay.ts';
import type { StepWatch } from './steps/step-watch.ts';
import type { Upstream } from './upstream.ts';

/** A provider with its key, read once for the run. */
export interface OpenProvider {
  readonly provider: Provider;
  readonly dialects: readonly Dialect[];
  /** null: it asks for none. */
  readonly key: Secret | null;
}

/** Everything the calls of one run share. */
export interface RunContext {
  readonly request: GatewayRequest;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly admit: Admit;
  readonly prices: PriceBook;
  readonly bound: InputBound;
  readonly recording: Recording;
  readonly upstream: Upstream;
  readonly replay: ReplaySource | null;
  readonly steps: StepWatch;
  /** Takes every known key out of bytes. */
  readonly redact: (bytes: Uint8Array) => Uint8Array;
  readonly allowsModel: (model: string) => boolean;
  readonly nextCallId: () => string;
  /** Room in the ledger may have come free. */
  readonly settled: () => void;
}

/** A call whose request was read and found to be one. */
export interface Call {
  readonly id: string;
  readonly iteration: number;
  readonly open: OpenProvider;
  readonly dialect: Dialect;
  readonly route: GenerateRoute;
  /** Target at the vendor, without the gateway's prefix and without a key. */
  readonly path: string;
  /** The client's, as far as they pass the gateway. */
  readonly headers: Headers;
  readonly facts: RequestFacts;
  readonly body: Uint8Array;
  readonly pieces: readonly Piece[];
  /** Upper bound, tokens. */
  readonly inputTokens: number;
  /** Wall clock, milliseconds: prices of this instant hold for the call and its charge. */
  readonly at: number;
}

/** A search costs a piece, and nobody says how many there will be; more than this many were never seen in one call. */
const MOST_SEARCHES = 20;

/**
 * What a hosted tool that the policy allows may add to the input: its results are the vendor's, and no byte of the body bounds
 * them. A long context; what a vendor bills beyond it is charged as the whole hold, and marked.
 */
const HOSTED_INPUT_TOKENS = 200_000;

/** An answer shorter than this is rarely worth a call, tokens. */
export const LEAST_OUTPUT_TOKENS = 1_024;

export function pricedAs({ open, dialect, facts, at }: Call, terms: PriceTerms = facts.terms): Priced {
  const provider = open.provider.priceProvider ?? dialect.priceProvider;
  return { provider, model: facts.model, terms, media: facts.mediaParts > 0, at };
}

/** The longest answer the client may get of each choice, tokens, before any ceiling. */
export function outputFor(facts: RequestFacts, models: ModelRules): number {
  return facts.outputLimit ?? models.maxOutputTokens;
}

/** What the call asks of the ledger; null where its model has no price and the policy refuses that. */
export function demandOf(context: RunContext, call: Call, models: ModelRules): Demand | null {
  const { facts } = call;
  // Those the policy does not allow are taken out before anybody could bill them.
  const hosted = facts.hostedTools.filter((tool) => models.hostedTools.includes(tool));
  const webSearches = hosted.some((tool) => tool.includes('search')) ? MOST_SEARCHES : 0;
  const inputTokens = call.inputTokens + (hosted.length > 0 ? HOSTED_INPUT_TOKENS : 0);
  const asked = { ...pricedAs(call), inputTokens, cacheWrite: facts.cacheWrite, webSearches };
  const unpriced = context.prices.worst({ ...asked, outputTokens: 0 }) === null;
  if (unpriced && models.unknownPrice === 'refuse') return null;
  return {
    callId: call.id,
    inputTokens,
    wantedOutputTokens: outputFor(facts, models),
    leastOutputTokens: Math.max(facts.leastOutputLimit, LEAST_OUTPUT_TOKENS),
    choices: facts.choices,
    worst: unpriced ? null : (outputTokens) => context.prices.worst({ ...asked, outputTokens }) ?? 0,
    outputWithin: (nanoUsd) => context.prices.outputWithin({ ...asked, nanoUsd }) ?? 0,
  };
}

/** How an exchange with a vendor went. */
export interface Exchanged {
  readonly status: number | null;
  readonly end: CallEnd;
  readonly sent: boolean;
  readonly metered: Metered | null;
  readonly problem: string | null;
  readonly held: Amount;
  /** Tokens of each choice, as sent on; null where the client's own absence of a limit was left alone. */
  readonly outputLimit: number | null;
  /** As sent on. */
  readonly request: Uint8Array;
  readonly requestPieces: readonly Piece[];
  readonly response: Uint8Array;
  readonly responseBytes: number;
  readonly responseHeaders: Headers;
  readonly firstByteMs: number | null;
  readonly wallTimeMs: number;
  readonly replayed: ModelCall | null;
}
