/** What a vendor would bill: written down here call by call, whatever the answer claims. */
import type { TokenPrices, TokenUsage } from '../../../src/core/spend.ts';
import { inputOf } from './protocol.ts';
import type { Answer, Prompt } from './protocol.ts';
import type { Act } from './script.ts';

/** Bytes of text in a token, by the rule of thumb of vendors. Good enough for a bill that is only compared with itself. */
const BYTES_PER_TOKEN = 4;

export function tokensOf(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** Tokens of input by class. They replace what is billed as plain input; what is not named is zero. */
export type InputClasses = Partial<
  Pick<TokenUsage, 'inputTokens' | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens'>
>;

export interface BillingOptions {
  /**
   * `brief`: the words of the script. `limit`: always the whole output limit the request asked for, so that a call costs
   * the most it can.
   */
  readonly verbosity: 'brief' | 'limit';
  /** Longest answer of the model where a request names no limit, tokens. */
  readonly longestAnswerTokens: number;
  /** Default: body bytes / 4, all of it plain input. */
  readonly input: (bodyBytes: number, prompt: Prompt) => InputClasses;
  /** Part of the output that is billed as reasoning, 0 to 1. */
  readonly reasoningShare: number;
}

export const DEFAULT_BILLING: BillingOptions = {
  verbosity: 'brief',
  longestAnswerTokens: 32_000,
  input: (bodyBytes) => ({ inputTokens: tokensOf(bodyBytes) }),
  reasoningShare: 0,
};

export interface BilledCall {
  /** Counted over all billed calls of the server, from 1. */
  readonly call: number;
  readonly model: string;
  /** The key the client sent, or null. */
  readonly key: string | null;
  /** What is billed: of output, what was generated until the answer ended or broke off. */
  readonly usage: TokenUsage;
  /** Tokens; null where the request named no limit. */
  readonly outputLimit: number | null;
  /** The answer reached its end. */
  readonly complete: boolean;
}

/** So many different words of four bytes, one token each. Clients watch for a model that repeats itself, and end it. */
function filler(tokens: number): string {
  return Array.from({ length: tokens }, (_, index) => `${(index % 36 ** 3).toString(36).padStart(3, '0')} `).join('');
}

export interface Composed {
  readonly text: string;
  readonly call: Act['call'];
  readonly finish: Answer['finish'];
  readonly outputTokens: number;
}

/** Fits what the model wants to do into the output limit, as a model does: what does not fit is cut off. */
export function compose(act: Act, prompt: Prompt, options: BillingOptions): Composed {
  const room = prompt.outputLimit ?? options.longestAnswerTokens;
  const wanted = tokensOf(Buffer.byteLength(act.text + (act.call === null ? '' : JSON.stringify(act.call.input))));
  if (wanted > room) {
    // A call that does not fit is lost whole; words of the same length stand for what was generated of it.
    const said = act.call === null ? act.text : filler(room);
    return { text: said.slice(0, room * BYTES_PER_TOKEN), call: null, finish: 'length', outputTokens: room };
  }
  const finish = act.call === null ? 'stop' : 'tool';
  if (options.verbosity === 'brief') return { ...act, finish, outputTokens: Math.max(1, wanted) };
  return { ...act, text: filler(room - wanted) + act.text, finish, outputTokens: room };
}

export function usageFor(bodyBytes: number, prompt: Prompt, outputTokens: number, options: BillingOptions): TokenUsage {
  const {
    inputTokens = 0,
    cacheReadTokens = 0,
    cacheWrite5mTokens = 0,
    cacheWrite1hTokens = 0,
  } = options.input(bodyBytes, prompt);
  return {
    inputTokens,
    cacheReadTokens,
    cacheWrite5mTokens,
    cacheWrite1hTokens,
    outputTokens,
    reasoningTokens: Math.floor(outputTokens * options.reasoningShare),
    webSearches: 0,
  };
}

/** Output tokens generated once so many bytes of content were written. Reasoning comes before any of it. */
export function generated(usage: TokenUsage, contentBytes: number, totalBytes: number): number {
  if (contentBytes >= totalBytes) return usage.outputTokens;
  return Math.min(usage.outputTokens, usage.reasoningTokens + tokensOf(contentBytes));
}

/**
 * The bill in whole nano-dollars at these prices. Written apart from the product's own arithmetic on purpose: a test that
 * compares the two compares two opinions.
 */
export function billNanoUsd(calls: readonly BilledCall[], prices: TokenPrices): number {
  const perToken = (usdPerMillion: number): number => Math.round(usdPerMillion * 1_000);
  const { input, output } = prices;
  const sum = calls.map(
    ({ usage }) =>
      usage.inputTokens * perToken(input) +
      usage.cacheReadTokens * perToken(prices.cacheRead ?? input) +
      usage.cacheWrite5mTokens * perToken(prices.cacheWrite5m ?? input * 1.25) +
      usage.cacheWrite1hTokens * perToken(prices.cacheWrite1h ?? input * 2) +
      usage.outputTokens * perToken(output),
  );
  return sum.reduce((total, one) => total + one, 0);
}

/** All tokens on the bill. */
export function billedTokens(calls: readonly BilledCall[]): number {
  return calls.reduce((total, { usage }) => total + inputOf(usage) + usage.outputTokens, 0);
}
