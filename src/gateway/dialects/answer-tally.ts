/**
 * What was heard of one answer so far. Usage is merged by maximum, field by field as the vendor names them: figures are
 * cumulative, and a later 0 does not erase an earlier figure (some servers send one at the end).
 */
import { NO_TOKENS } from '../../core/spend.ts';
import type { PriceTerms, TokenUsage } from '../../core/spend.ts';
import { bytesOf } from './answer-values.ts';
import type { AttemptedTool, Metered, RequestFacts } from './dialect.ts';

/** A thousand times the largest context window there is; a count above it is no count of one call. */
const MOST_TOKENS = 1_000_000_000;

/** An answer of a million tokens holds fewer. */
const MAX_TOOLS = 1_000;
const MAX_NAME_CHARS = 200;
const MAX_MESSAGE_CHARS = 2_000;

/** The counts vendors send, by what they mean. What `input` includes differs by vendor; `usageOf` knows. */
export type CountName =
  | 'input'
  | 'toolPrompt'
  | 'cacheRead'
  | 'cacheWrite'
  | 'cacheWrite5m'
  | 'cacheWrite1h'
  | 'output'
  | 'thoughts'
  | 'reasoning'
  | 'webSearches';

export type Counts = Readonly<Record<CountName, number>>;

const NO_COUNTS: Counts = {
  input: 0,
  toolPrompt: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  thoughts: 0,
  reasoning: 0,
  webSearches: 0,
};

export interface Tally {
  /** The vendor speaks of usage now: what comes is its last word until more content follows. */
  hear(counts: Partial<Readonly<Record<CountName, unknown>>>): void;
  /** A count that is ours and not the vendor's word on usage: searches seen in the answer. */
  seen(name: CountName, count: number): void;
  /** Text, reasoning or tool arguments. */
  content(text: string | null): void;
  /** The same where it came as a value and not as text. */
  data(value: unknown): void;
  tool(name: string | null, hosted: boolean): void;
  model(name: string | null): void;
  terms(said: Partial<{ readonly [Name in keyof PriceTerms]: PriceTerms[Name] | null }>): void;
  finish(reason: string | null): void;
  /** The answer says that it is over. */
  over(): void;
  isOver(): boolean;
  error(type: string | null, message: string | null): void;
  /** The first one stays. */
  problem(what: string): void;
  result(how: 'complete' | 'cut'): Metered;
}

export interface TallyRules {
  /** Classes that do not overlap, from the vendor's counts; null where the counts contradict each other. */
  readonly usageOf: (counts: Counts) => TokenUsage | null;
  /** For protocols without a mark at the end: it is over when the connection ends well and this holds. */
  readonly endsWithFinish: () => boolean;
}

interface State {
  readonly counts: Record<CountName, number>;
  heard: boolean;
  /** No content came after the last word on usage. */
  fresh: boolean;
  disbelieved: boolean;
  over: boolean;
  contentBytes: number;
  model: string | null;
  terms: PriceTerms | null;
  readonly tools: AttemptedTool[];
  finishReason: string | null;
  error: { readonly type: string; readonly message: string } | null;
  problem: string | null;
}

function namesOf(counts: object): readonly CountName[] {
  return (Object.keys(NO_COUNTS) as CountName[]).filter((name) => name in counts);
}

function hear(state: State, counts: Partial<Readonly<Record<CountName, unknown>>>): void {
  for (const name of namesOf(counts)) {
    const count = counts[name];
    if (count === undefined || count === null) continue;
    state.heard = true;
    state.fresh = true;
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0 || count > MOST_TOKENS) {
      state.disbelieved = true;
      state.problem ??= `usage cannot be believed: ${name} is ${typeof count === 'number' ? count : `a ${typeof count}`}`;
      continue;
    }
    state.counts[name] = Math.max(state.counts[name], count);
  }
}

function settledUsage(state: State, rules: TallyRules): TokenUsage | null {
  if (!state.heard || state.disbelieved) return null;
  const usage = rules.usageOf(state.counts);
  if (usage === null) state.problem ??= 'usage cannot be believed: its parts are more than the whole';
  return usage;
}

function resultOf(state: State, rules: TallyRules, how: 'complete' | 'cut'): Metered {
  const usage = settledUsage(state, rules);
  const finishes = how === 'complete' && state.finishReason !== null && rules.endsWithFinish();
  const over = state.over || finishes;
  return {
    usage,
    final: usage !== null && over && state.fresh && state.error === null,
    contentBytes: state.contentBytes,
    model: state.model,
    terms: state.terms,
    tools: [...state.tools],
    finishReason: state.finishReason,
    error: state.error,
    problem: state.problem,
  };
}

export function createTally(request: RequestFacts, rules: TallyRules): Tally {
  const state: State = {
    counts: { ...NO_COUNTS },
    heard: false,
    fresh: false,
    disbelieved: false,
    over: false,
    contentBytes: 0,
    model: null,
    terms: null,
    tools: [],
    finishReason: null,
    error: null,
    problem: null,
  };
  return {
    hear: (counts) => hear(state, counts),
    seen: (name, count) => {
      state.counts[name] = Math.max(state.counts[name], count);
    },
    content: (text) => {
      if (text === null || text === '') return;
      state.contentBytes += Buffer.byteLength(text);
      state.fresh = false;
    },
    data: (value) => {
      if (value === undefined || value === null) return;
      state.contentBytes += bytesOf(value);
      state.fresh = false;
    },
    tool: (name, hosted) => {
      if (name === null || name === '') return;
      if (state.tools.length < MAX_TOOLS) state.tools.push({ name: name.slice(0, MAX_NAME_CHARS), hosted });
      else state.problem ??= `more than ${MAX_TOOLS} tool calls; the rest is not listed`;
    },
    model: (name) => {
      if (name !== null && name !== '') state.model = name.slice(0, MAX_NAME_CHARS);
    },
    terms: ({ serviceTier, fast, geography }) => {
      const saidTier = serviceTier ?? null;
      const saidGeography = geography ?? null;
      if (saidTier === null && saidGeography === null && (fast ?? null) === null) return;
      const before = state.terms ?? request.terms;
      state.terms = {
        serviceTier: saidTier?.slice(0, MAX_NAME_CHARS) ?? before.serviceTier,
        fast: fast ?? before.fast,
        geography: saidGeography?.slice(0, MAX_NAME_CHARS) ?? before.geography,
      };
    },
    finish: (reason) => {
      if (reason !== null && reason !== '') state.finishReason = reason.slice(0, MAX_NAME_CHARS);
    },
    over: () => {
      state.over = true;
    },
    isOver: () => state.over,
    error: (type, message) => {
      const text = (message ?? '').slice(0, MAX_MESSAGE_CHARS).toWellFormed();
      state.error ??= { type: (type ?? 'unknown').slice(0, MAX_NAME_CHARS), message: text };
    },
    problem: (what) => {
      state.problem ??= what;
    },
    result: (how) => resultOf(state, rules, how),
  };
}

/** For vendors whose count of input includes what was read from a cache or written to one. */
export function usageWithCacheInside(counts: Counts): TokenUsage | null {
  const { input, toolPrompt, cacheRead, cacheWrite, output, thoughts, reasoning, webSearches } = counts;
  const inputTokens = input + toolPrompt - cacheRead - cacheWrite;
  if (inputTokens < 0 || reasoning > output) return null;
  return {
    ...NO_TOKENS,
    inputTokens,
    cacheReadTokens: cacheRead,
    cacheWrite5mTokens: cacheWrite,
    outputTokens: output + thoughts,
    reasoningTokens: reasoning + thoughts,
    webSearches,
  };
}

/** For vendors that count input, cache reads and cache writes apart. Writes without a class are of the common one, 5 minutes. */
export function usageWithCacheApart(counts: Counts): TokenUsage | null {
  const { input, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, output, reasoning, webSearches } = counts;
  if (reasoning > output) return null;
  return {
    inputTokens: input,
    cacheReadTokens: cacheRead,
    cacheWrite5mTokens: Math.max(cacheWrite5m, cacheWrite - cacheWrite1h),
    cacheWrite1hTokens: cacheWrite1h,
    outputTokens: output,
    reasoningTokens: reasoning,
    webSearches,
  };
}
