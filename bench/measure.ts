/** Medians, and two things measured in turn. */

export interface Row {
  readonly suite: string;
  readonly what: string;
  /** Median, milliseconds. */
  readonly ms: number;
  readonly baseline: string;
  /** Median of the baseline, milliseconds; null where the figure stands alone. */
  readonly baselineMs: number | null;
  readonly targetMs: number | null;
  readonly targetWords: string;
  readonly met: boolean;
  readonly samples: number;
  /** What a time alone does not say; empty where it says all. */
  readonly note: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export async function timed(act: () => unknown): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** Runs the candidates in turn (A B C A B C ...), after one warm-up round, and gives the median of each. */
export async function inTurn(
  rounds: number,
  candidates: Readonly<Record<string, () => unknown>>,
): Promise<Readonly<Record<string, number>>> {
  const samples: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, act] of Object.entries(candidates)) {
      const ms = await timed(act);
      if (round >= 0) (samples[name] ??= []).push(ms);
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
}

export function row(
  suite: string,
  what: string,
  ms: number,
  more: {
    readonly baseline?: readonly [name: string, ms: number];
    /** Ceiling of the difference to the baseline (or of the figure itself), and how to say it. */
    readonly target?: readonly [ms: number, words: string];
    readonly samples: number;
    readonly note?: string;
  },
): Row {
  const baselineMs = more.baseline?.[1] ?? null;
  const targetMs = more.target?.[0] ?? null;
  return {
    suite,
    what,
    ms,
    baseline: more.baseline?.[0] ?? '',
    baselineMs,
    targetMs,
    targetWords: more.target?.[1] ?? '',
    met: targetMs === null || ms - (baselineMs ?? 0) <= targetMs,
    samples: more.samples,
    note: more.note ?? '',
  };
}
