/** The `--max-...` options, the same for every command that has some of them. */
import type { Ceiling, LimitName } from '../core/limit.ts';
import { LIMIT_NAMES } from '../core/limit.ts';

export interface LimitOptions {
  readonly maxIterations?: string;
  readonly maxTime?: string;
  readonly maxIdle?: string;
  readonly maxFiles?: string;
  readonly maxLines?: string;
  readonly maxOutput?: string;
  readonly maxTokens?: string;
  readonly maxCost?: string;
}

/** As typed, by the limit they are for. */
export type LimitTexts = Readonly<Partial<Record<LimitName, string>>>;

export function limitTexts(options: LimitOptions): LimitTexts {
  const given = {
    iterations: options.maxIterations,
    wallTimeMs: options.maxTime,
    idleMs: options.maxIdle,
    changedFiles: options.maxFiles,
    changedLines: options.maxLines,
    outputBytes: options.maxOutput,
    tokens: options.maxTokens,
    costUsd: options.maxCost,
  };
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined));
}

/** Rejects with `LW_USAGE`. */
export async function limitsIn(texts: LimitTexts): Promise<Partial<Record<LimitName, Ceiling>>> {
  const { parseLimitFlag } = await import('../policy/limit-quantities.ts');
  const limits: Partial<Record<LimitName, Ceiling>> = {};
  for (const name of LIMIT_NAMES) {
    const text = texts[name];
    if (text !== undefined) limits[name] = parseLimitFlag(name, text);
  }
  return limits;
}
