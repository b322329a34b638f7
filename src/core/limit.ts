/** A limit is a ceiling in policy on a metered quantity; usage is what was metered. Units are last in every name. */
import { isResource, RESOURCE_LABELS, resourceQuantity } from './resource.ts';
import type { ResourceName } from './resource.ts';
import { usdOf } from './spend.ts';

/** Every metered quantity that has a ceiling. The unit is part of the name; `costUsd` is in US dollars. */
export const LIMIT_NAMES = [
  'iterations',
  'wallTimeMs',
  'idleMs',
  'changedFiles',
  'changedLines',
  'outputBytes',
  'tokens',
  'costUsd',
] as const;

export type LimitName = (typeof LIMIT_NAMES)[number];

/** A ceiling is a finite number, or the word that says a person wanted none. Never 0 for none. */
export type Ceiling = number | 'unlimited';

export type Limits = Readonly<Record<LimitName, Ceiling>>;

/** A reached limit, with the evidence a person needs. */
export interface LimitBreach {
  readonly limit: LimitName | ResourceName;
  readonly value: number;
  readonly ceiling: number;
  /** The worst case of a model call that did not fit any more, in the unit of the limit; absent where none was refused. */
  readonly refused?: number;
  /** Whose ceiling it is, where it is not the run's own: everything of today in that scope shares it. */
  readonly scope?: 'class' | 'repository' | 'day';
}

/** What a run consumed so far. All counts are whole numbers; times are monotonic milliseconds. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Whole nano-US-dollars; `usdOf` makes dollars of them. */
  readonly costNanoUsd: number;
  readonly modelCalls: number;
  /** Active time of the run; time parked (waiting for a person) does not count. */
  readonly wallTimeMs: number;
  /** Bytes the agent wrote to its output, over all turns. */
  readonly outputBytes: number;
  /** Size of the change between the base and the newest checkpoint. */
  readonly changedFiles: number;
  readonly addedLines: number;
  readonly removedLines: number;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costNanoUsd: 0,
  modelCalls: 0,
  wallTimeMs: 0,
  outputBytes: 0,
  changedFiles: 0,
  addedLines: 0,
  removedLines: 0,
};

/** Everything that went into models or came out of them: what the limit on tokens counts. */
export function tokensOf(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** What one turn may still consume, derived from the limits and the usage before it. */
export interface TurnBudget {
  readonly wallTimeMs: Ceiling;
  readonly idleMs: Ceiling;
  readonly outputBytes: Ceiling;
}

/** What may still be used; never less than nothing. */
export function left(ceiling: Ceiling, used: number): Ceiling {
  return ceiling === 'unlimited' ? 'unlimited' : Math.max(0, ceiling - used);
}

export function turnBudget(limits: Limits, usage: Usage): TurnBudget {
  return {
    wallTimeMs: left(limits.wallTimeMs, usage.wallTimeMs),
    idleMs: limits.idleMs,
    outputBytes: left(limits.outputBytes, usage.outputBytes),
  };
}

function breach(limits: Limits, limit: LimitName, value: number, comparison: 'reached' | 'exceeded'): LimitBreach[] {
  const ceiling = limits[limit];
  if (ceiling === 'unlimited') return [];
  const hit = comparison === 'reached' ? value >= ceiling : value > ceiling;
  return hit ? [{ limit, value, ceiling }] : [];
}

/**
 * Limits on what a run may consume. They end a run that is not accepted; a run that meets its acceptance on
 * its last allowed iteration is accepted (docs/decisions/0004).
 */
export function consumptionBreaches(limits: Limits, usage: Usage, iterations: number): readonly LimitBreach[] {
  return [
    ...breach(limits, 'costUsd', usdOf(usage.costNanoUsd), 'reached'),
    ...breach(limits, 'tokens', tokensOf(usage), 'reached'),
    ...breach(limits, 'wallTimeMs', usage.wallTimeMs, 'reached'),
    ...breach(limits, 'outputBytes', usage.outputBytes, 'reached'),
    ...breach(limits, 'iterations', iterations, 'reached'),
  ];
}

/** Limits on the size of a change. They are part of acceptance: a change over them is never accepted. */
export function sizeBreaches(limits: Limits, usage: Usage): readonly LimitBreach[] {
  return [
    ...breach(limits, 'changedFiles', usage.changedFiles, 'exceeded'),
    ...breach(limits, 'changedLines', usage.addedLines + usage.removedLines, 'exceeded'),
  ];
}

const LABELS: Readonly<Record<LimitName | ResourceName, string>> = {
  ...RESOURCE_LABELS,
  iterations: 'iterations',
  wallTimeMs: 'wall time',
  idleMs: 'silence',
  changedFiles: 'changed files',
  changedLines: 'changed lines',
  outputBytes: 'output',
  tokens: 'tokens',
  costUsd: 'cost',
};

/** Two digits, or as many as a small amount needs to be seen. */
function dollars(usd: number): string {
  return usd > 0 && usd < 0.1 ? usd.toPrecision(2) : usd.toFixed(2);
}

function quantity(limit: LimitBreach['limit'], value: number): string {
  if (isResource(limit)) return resourceQuantity(limit, value);
  if (limit === 'wallTimeMs' || limit === 'idleMs') return `${(value / 1_000).toFixed(1)} s`;
  if (limit === 'outputBytes') return `${value} bytes`;
  return limit === 'costUsd' ? `${dollars(value)} USD` : `${value}`;
}

/** Whose ceiling it is, after the name of the limit; nothing for that of the run. */
export const SCOPE_WORDS = {
  class: ' of this class today',
  repository: ' of this repository today',
  day: ' of today',
} as const;

/** `limit on wall time: 4.1 s of 4.0 s`. */
export function limitWords({ limit, value, ceiling, refused, scope }: LimitBreach): string {
  const whose = scope === undefined ? '' : SCOPE_WORDS[scope];
  const words = `limit on ${LABELS[limit]}${whose}: ${quantity(limit, value)} of ${quantity(limit, ceiling)}`;
  return refused === undefined ? words : `${words}, and one more model call may take ${quantity(limit, refused)}`;
}
