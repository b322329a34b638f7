/**
 * One vendor's protocol: how to read a request, how to lower it, how to meter its answer, how to refuse it. Pure, and never
 * a translator: bytes that are not edited stay as the client sent them.
 */
import type { PriceTerms, TokenUsage } from '../../core/spend.ts';

export type DialectId = 'anthropic-messages' | 'openai-responses' | 'openai-chat' | 'gemini' | 'bedrock' | 'vertex';

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a request line asks for. */
export type Route =
  /** A billed call. `model` and `stream` where the path says them, null where the body does. */
  | {
      readonly kind: 'generate';
      readonly model: string | null;
      readonly stream: boolean | null;
      /** Which of several forms of body the path takes, where a dialect has more than one. The path decides, never the body. */
      readonly form?: string;
    }
  /** Costs nothing and is passed on: counting tokens, listing models. */
  | { readonly kind: 'free' }
  /** Answered here without asking anybody: `HEAD /`. */
  | { readonly kind: 'greeting' }
  /** Billed in a way that no worst case can be put on from outside (uploads, batches, background jobs). Refused. */
  | { readonly kind: 'unbounded'; readonly what: string };

/** What a request says of itself. Counts are whole numbers. */
export interface RequestFacts {
  readonly model: string;
  readonly stream: boolean;
  /** The limit the client set on each answer, tokens; null where it set none. */
  readonly outputLimit: number | null;
  /** Lowest limit that leaves the request valid (1; more where a thinking budget has to fit below it). */
  readonly leastOutputLimit: number;
  /** Answers asked for at once. */
  readonly choices: number;
  /** Dearest cache class that input of this request may be billed in. */
  readonly cacheWrite: 'none' | '5m' | '1h';
  readonly terms: PriceTerms;
  /** Names of hosted tools the vendor would run, as the policy names them: `web_search`, `code_interpreter`. */
  readonly hostedTools: readonly string[];
  /** Images, audio and documents: their tokens are not bounded by their bytes. */
  readonly mediaParts: number;
  /** What makes the input larger than the body, in words (`previous_response_id`). Empty: the body is all of it. */
  readonly unbounded: readonly string[];
  /** Names of the tools offered to the model. */
  readonly toolNames: readonly string[];
}

export type RequestReading =
  | { readonly ok: true; readonly facts: RequestFacts }
  /** Not a request of this dialect; `problem` says where and why. */
  | { readonly ok: false; readonly problem: string };

/** What to change in a body before it goes on. Everything absent stays as it is. */
export interface RequestEdit {
  /** Set as the limit on each answer, also where the client gave none. */
  readonly outputLimit?: number;
  /** Names of hosted tools to take out, and whatever of the body only made sense with them. */
  readonly withoutHostedTools?: readonly string[];
  /** Ask for usage at the end of a stream where that has to be asked for. */
  readonly withUsage?: boolean;
}

/** A tool call the model attempted, as the answer holds it. */
export interface AttemptedTool {
  readonly name: string;
  /** The vendor ran it itself. */
  readonly hosted: boolean;
}

/** What an answer said. */
export interface Metered {
  /** Merged by maximum over all that was said; null where nothing was, or nothing that can be (negative, not a number). */
  readonly usage: TokenUsage | null;
  /** The vendor's last word on usage was heard and the answer came to its end. */
  readonly final: boolean;
  /** Bytes of text, reasoning and tool arguments seen, for an estimate where `final` is false. */
  readonly contentBytes: number;
  /** As the vendor names it; null where it does not. */
  readonly model: string | null;
  /** As the vendor says it was served; null where it says nothing. */
  readonly terms: PriceTerms | null;
  readonly tools: readonly AttemptedTool[];
  readonly finishReason: string | null;
  /** An error of the vendor, inside the answer or instead of it. */
  readonly error: { readonly type: string; readonly message: string } | null;
  /** What could not be read, in words; null when everything could. */
  readonly problem: string | null;
}

/** Reads an answer as it passes. Never throws for what it reads; keeps bounded memory whatever comes. */
export interface Meter {
  /** Decoded bytes (no content encoding left), in order, cut anywhere. */
  push(bytes: Uint8Array): void;
  /** `complete`: the answer came to its end. `cut`: the connection did not last. May be called once. */
  end(how: 'complete' | 'cut'): Metered;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
}

/** Why a call is not made. */
export interface Refusal {
  readonly kind: 'budget' | 'model' | 'request' | 'key' | 'quota' | 'stopped' | 'ledger';
  /** For the agent's own output and so for people. One sentence, no secrets. */
  readonly message: string;
}

export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A route that is billed, and so has a body to read and to edit. */
export type GenerateRoute = Extract<Route, { readonly kind: 'generate' }>;

export interface Dialect {
  readonly id: DialectId;
  /** For the price book: `anthropic`, `openai`, `google`, `aws`. */
  readonly priceProvider: string;
  /** null where the path is none of this dialect's. `path` begins with `/` and may hold a query. */
  route(method: string, path: string): Route | null;
  read(route: GenerateRoute, body: Uint8Array): RequestReading;
  /** Only for a body that `read` accepted. Bytes outside the edited places are the client's own. */
  edit(route: GenerateRoute, body: Uint8Array, edit: RequestEdit): Uint8Array;
  meter(head: AnswerHead, request: RequestFacts): Meter;
  /** What makes the clients of this protocol stop at once and show the message. */
  refuse(refusal: Refusal): RefusalAnswer;
  /** The key a client sent, wherever this protocol carries it; null where it sent none. */
  keyOf(headers: Headers, path: string): string | null;
  /** The client's headers with its key replaced by the real one, every carrier of a key included. null: none is needed. */
  withKey(headers: Headers, key: string | null): Headers;
}
