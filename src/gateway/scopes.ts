/** The chain of scopes a call is held in, and which limit it is that one of them has no room. Pure. */
import type { Limits, LimitBreach } from '../core/limit.ts';
import { nanoUsd, usdOf } from '../core/spend.ts';
import type { DailyCostLimits, ScopeKind } from '../core/spend.ts';
import type { Ceiling } from '../core/limit.ts';
import type { Amount, Balance, Scope } from '../ports/ledger.ts';

export interface ScopeOwner {
  readonly runId: string;
  readonly repository: string;
  readonly className: string;
}

function nano(ceiling: Ceiling): Ceiling {
  return ceiling === 'unlimited' ? 'unlimited' : nanoUsd(ceiling);
}

/** A run's own ceilings first, then what its class, its repository and everything may cost on this UTC day. */
export function scopesOf(
  owner: ScopeOwner,
  ceilings: { readonly limits: Limits; readonly daily: DailyCostLimits; readonly at: number },
): readonly Scope[] {
  const { limits, daily } = ceilings;
  const day = new Date(ceilings.at).toISOString().slice(0, 10);
  const daily1 = (kind: ScopeKind, key: string, ceiling: Ceiling): Scope => ({
    kind,
    key,
    nanoUsd: nano(ceiling),
    tokens: 'unlimited',
  });
  return [
    { ...runScope(owner.runId, limits) },
    daily1('class', `class:${day}:${owner.repository}:${owner.className}`, daily.class),
    daily1('repository', `repository:${day}:${owner.repository}`, daily.repository),
    daily1('day', `day:${day}`, daily.all),
  ];
}

/** The run's own scope: all there is where nothing is really spent. */
export function runScope(runId: string, limits: Limits): Scope {
  return { kind: 'run', key: `run:${runId}`, nanoUsd: nano(limits.costUsd), tokens: limits.tokens };
}

/** The limit that a refused call would have passed. `needed` is its worst case at the smallest useful answer. */
export function breachOf(balance: Balance, unit: keyof Amount, needed: Amount): LimitBreach {
  const { scope, spent } = balance;
  const [limit, value, ceiling, refused] =
    unit === 'tokens'
      ? (['tokens', spent.tokens, scope.tokens, needed.tokens] as const)
      : (['costUsd', usdOf(spent.nanoUsd), scope.nanoUsd, usdOf(needed.nanoUsd)] as const);
  const finite = ceiling === 'unlimited' ? 0 : unit === 'tokens' ? ceiling : usdOf(ceiling);
  return { limit, value, ceiling: finite, refused, ...(scope.kind === 'run' ? {} : { scope: scope.kind }) };
}
