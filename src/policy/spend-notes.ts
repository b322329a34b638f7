/** What is allowed in a policy about spend and still worth saying. */
import type { Ceiling } from '../core/limit.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { formatUsd } from './quantities.ts';

interface NamedCeiling {
  readonly words: string;
  readonly usd: Ceiling;
}

/** One sentence per ceiling that a lower, wider one is always met before. From narrow to wide. */
export function spendNotes({ limits, dailyCostUsd }: ResolvedPolicy): readonly string[] {
  const ceilings: readonly NamedCeiling[] = [
    { words: 'a run', usd: limits.costUsd },
    { words: 'the class in a day', usd: dailyCostUsd.class },
    { words: 'the repository in a day', usd: dailyCostUsd.repository },
    { words: 'everything in a day', usd: dailyCostUsd.all },
  ];
  return ceilings.flatMap(({ words, usd }, index) => {
    if (usd === 'unlimited') return [];
    const lower = ceilings
      .slice(index + 1)
      .flatMap((wider) =>
        wider.usd !== 'unlimited' && wider.usd < usd ? [{ words: wider.words, usd: wider.usd }] : [],
      )
      .toSorted((one, other) => one.usd - other.usd)[0];
    if (lower === undefined) return [];
    return [
      `the ceiling of ${formatUsd(usd)} on ${words} can never be reached: ${lower.words} may cost ${formatUsd(lower.usd)}`,
    ];
  });
}
