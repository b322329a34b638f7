import { describe, expect, it } from 'vitest';
import { policy } from '../../test/fixtures/world.ts';
import type { Balance, Scope } from '../ports/ledger.ts';
import { breachOf, runScope, scopesOf } from './scopes.ts';

const OWNER = { runId: 'run1', repository: '/repo', className: 'fix' };
const LIMITS = { ...policy().limits, costUsd: 0.5, tokens: 9_000 };
const DAILY = { class: 1, repository: 'unlimited', all: 3 } as const;

function keysAt(at: number): readonly string[] {
  return scopesOf(OWNER, { limits: LIMITS, daily: DAILY, at }).map(({ key }) => key);
}

describe('the scopes of a call', () => {
  it('are the run, then its class, its repository and everything on this day', () => {
    expect(scopesOf(OWNER, { limits: LIMITS, daily: DAILY, at: Date.parse('2026-11-25T12:00:00Z') })).toEqual([
      { kind: 'run', key: 'run:run1', nanoUsd: 500_000_000, tokens: 9_000 },
      { kind: 'class', key: 'class:2026-11-25:/repo:fix', nanoUsd: 1_000_000_000, tokens: 'unlimited' },
      { kind: 'repository', key: 'repository:2026-11-25:/repo', nanoUsd: 'unlimited', tokens: 'unlimited' },
      { kind: 'day', key: 'day:2026-11-25', nanoUsd: 3_000_000_000, tokens: 'unlimited' },
    ]);
  });

  it('change with the day of UTC, and the run stays', () => {
    const [before, after] = [
      keysAt(Date.parse('2026-11-25T23:59:59.999Z')),
      keysAt(Date.parse('2026-11-26T00:00:00Z')),
    ];
    expect(before[0]).toBe(after[0]);
    expect(before.filter((key, index) => key === after[index])).toEqual(['run:run1']);
  });
});

describe('the limit that a scope without room is', () => {
  const needed = { nanoUsd: 70_000_000, tokens: 400 };
  const spent = { nanoUsd: 450_000_000, tokens: 8_900 };
  const balanceOf = (scope: Scope): Balance => ({ scope, spent, held: spent, left: { nanoUsd: 0, tokens: 0 } });

  it('is one on cost in dollars, or one on tokens', () => {
    const run = balanceOf(runScope('run1', LIMITS));
    expect(breachOf(run, 'nanoUsd', needed)).toEqual({ limit: 'costUsd', value: 0.45, ceiling: 0.5, refused: 0.07 });
    expect(breachOf(run, 'tokens', needed)).toEqual({ limit: 'tokens', value: 8_900, ceiling: 9_000, refused: 400 });
  });

  it('says which scope it is where that is not the run', () => {
    const day = balanceOf({ kind: 'day', key: 'day:1', nanoUsd: 3_000_000_000, tokens: 'unlimited' });
    expect(breachOf(day, 'nanoUsd', needed)).toMatchObject({ scope: 'day', ceiling: 3 });
  });
});
