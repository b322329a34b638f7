/** The ledger under random use: no ceiling is passed, nothing is lost or free, and both stores answer alike. */
import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import type { Ceiling } from '../core/limit.ts';
import type { ChargeBasis } from '../core/spend.ts';
import type { Amount, Scope } from '../ports/ledger.ts';
import type { Lease, RunStore } from '../ports/store.ts';
import { createMemoryStore } from './memory/index.ts';
import { openSqliteStore } from './sqlite/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'loopwright-ledger-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const RUNS = ['r0', 'r1', 'r2'] as const;
const SHARED = ['class:a', 'repository:a', 'day:1', 'day:2'] as const;

interface Hold {
  readonly what: 'hold';
  readonly run: number;
  readonly shared: readonly string[];
  readonly ceilings: readonly Ceiling[];
  readonly amount: Amount;
  readonly holdMs: number;
}

type Step =
  | Hold
  | { readonly what: 'settle'; readonly call: number; readonly amount: Amount; readonly basis: ChargeBasis }
  | { readonly what: 'pass'; readonly ms: number }
  | { readonly what: 'claim' | 'release' | 'sweep' | 'forget'; readonly run: number };

const run = fc.nat(RUNS.length - 1);
const amount = fc.record({ nanoUsd: fc.nat(40), tokens: fc.nat(4) });
const ceiling = fc.oneof({ weight: 4, arbitrary: fc.nat(120) }, fc.constant('unlimited' as const));
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        what: fc.constant('hold' as const),
        run,
        shared: fc.subarray([...SHARED]),
        ceilings: fc.array(ceiling, { minLength: 10, maxLength: 10 }),
        amount,
        holdMs: fc.integer({ min: 1, max: 50 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        what: fc.constant('settle' as const),
        call: fc.nat(12),
        amount,
        basis: fc.constantFrom<ChargeBasis>('metered', 'estimated', 'expired'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: -60, max: 60 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constantFrom('claim' as const, 'release', 'sweep', 'forget'), run }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

type Clocked = (now: () => number) => Promise<RunStore>;

/** A store in use: its leases and its calls, and what became of each step. */
interface Use {
  readonly store: RunStore;
  readonly leases: Map<string, Lease>;
}

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return (await promise) ?? null;
  } catch (error) {
    if (!isLoopwrightError(error)) throw error;
    return error.code;
  }
}

/** What anybody can count without the ledger: each call that was held, where, and the ceilings of the newest hold. */
interface Counted {
  readonly calls: { readonly callId: string; readonly runId: string; readonly keys: string[]; readonly held: Amount }[];
  readonly ceilings: Map<string, Scope>;
  /** Of calls of forgotten runs, by scope. */
  readonly forgotten: Map<string, Amount>;
  next: number;
}

function scopesOf({ run, shared, ceilings }: Hold): readonly Scope[] {
  return [`run:${RUNS[run] ?? ''}`, ...shared].map((key, index) => ({
    kind: key.split(':')[0] as Scope['kind'],
    key,
    nanoUsd: ceilings[index * 2] ?? 0,
    tokens: ceilings[index * 2 + 1] ?? 0,
  }));
}

async function take({ store, leases }: Use, step: Step, callId: string): Promise<unknown> {
  if (step.what === 'pass') return null;
  const runId = step.what === 'settle' ? (callId.split('/')[0] ?? '') : (RUNS[step.run] ?? '');
  const lease = leases.get(runId) ?? { runId, epoch: 99 };
  if (step.what === 'hold') {
    const { amount, holdMs } = step;
    return store.ledger.hold({ callId, lease, scopes: scopesOf(step), amount, holdMs });
  }
  if (step.what === 'settle') {
    return store.ledger.settle({ callId, lease, amount: step.amount, basis: step.basis });
  }
  if (step.what === 'claim') leases.set(runId, await store.claim(runId, 'bob', 1_000, true));
  if (step.what === 'release') await store.release(lease);
  if (step.what === 'forget') await store.forget(runId);
  return step.what === 'sweep' ? store.ledger.sweep(lease) : null;
}

/** What each call counts for now: its charge, or all of its hold. */
async function weights({ store }: Use, { calls }: Counted): Promise<ReadonlyMap<string, Amount>> {
  const found = new Map(calls.map(({ callId, held }) => [callId, held]));
  for (const runId of new Set(calls.map((call) => call.runId))) {
    for (const charge of await store.ledger.charges(runId)) found.set(charge.callId, charge.amount);
  }
  return found;
}

function sum(amounts: readonly (Amount | undefined)[]): Amount {
  const of = (unit: keyof Amount): number => amounts.reduce((total, amount) => total + (amount?.[unit] ?? 0), 0);
  return { nanoUsd: of('nanoUsd'), tokens: of('tokens') };
}

/** Each scope holds exactly what its calls count for, and never more than the newest hold allowed. */
async function examine(use: Use, counted: Counted): Promise<number> {
  const weighed = await weights(use, counted);
  const balances = await use.store.ledger.balances([...counted.ceilings.values()]);
  for (const { scope, spent, held } of balances) {
    const own = counted.calls.filter(({ keys }) => keys.includes(scope.key)).map(({ callId }) => weighed.get(callId));
    const used = sum([spent, held]);
    expect([scope.key, used]).toEqual([scope.key, sum([...own, counted.forgotten.get(scope.key)])]);
    for (const unit of ['nanoUsd', 'tokens'] as const) {
      expect(used[unit]).toBeLessThanOrEqual(scope[unit] === 'unlimited' ? Infinity : scope[unit]);
    }
  }
  return balances.length;
}

async function forgetCounted(use: Use, counted: Counted, runId: string): Promise<void> {
  const weighed = await weights(use, counted);
  const gone = counted.calls.filter((call) => call.runId === runId);
  for (const { callId, keys } of gone) {
    for (const key of keys) counted.forgotten.set(key, sum([counted.forgotten.get(key), weighed.get(callId)]));
  }
  counted.calls.splice(0, Infinity, ...counted.calls.filter((call) => call.runId !== runId));
  counted.ceilings.delete(`run:${runId}`);
  counted.forgotten.delete(`run:${runId}`);
}

/** The call a step is about: a new one, or one of those held before, or one that never was. */
function callOf(step: Step, counted: Counted): string {
  if (step.what === 'hold') return `${RUNS[step.run] ?? ''}/${(counted.next += 1)}`;
  const known = step.what === 'settle' ? counted.calls.at(step.call % (counted.calls.length + 1)) : undefined;
  return known?.callId ?? 'r0/unknown';
}

function count(counted: Counted, step: Hold, callId: string): void {
  const scopes = scopesOf(step);
  counted.calls.push({ callId, runId: RUNS[step.run] ?? '', keys: scopes.map(({ key }) => key), held: step.amount });
  for (const scope of scopes) counted.ceilings.set(scope.key, scope);
}

/** Takes the step on every store; all answer alike. */
async function advance(uses: readonly Use[], step: Step, counted: Counted): Promise<void> {
  const callId = callOf(step, counted);
  const [first] = uses;
  if (step.what === 'forget' && first !== undefined) {
    const runId = RUNS[step.run] ?? '';
    const known = (await first.store.list()).some((summary) => summary.runId === runId);
    if (known) await forgetCounted(first, counted, runId);
  }
  const outcomes: unknown[] = [];
  for (const use of uses) outcomes.push(await outcomeOf(take(use, step, callId)));
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  if (step.what === 'hold' && JSON.stringify(outcomes[0]) === '{"kind":"held"}') count(counted, step, callId);
}

/**
 * Runs the steps on every store at once and looks at the books after every so many: looking ends holds, so other ways to
 * end them need steps nobody looks at. Resolves with how many balances were examined.
 */
async function play(open: readonly Clocked[], sequence: readonly Step[], every = 1): Promise<number> {
  let time = Date.UTC(2026, 0, 1);
  const uses: Use[] = [];
  for (const opener of open) uses.push({ store: await opener(() => time), leases: new Map() });
  const counted: Counted = { calls: [], ceilings: new Map(), forgotten: new Map(), next: 0 };
  let examined = 0;
  try {
    for (const { store, leases } of uses) {
      for (const runId of RUNS) leases.set(runId, await store.create(runId, '/repo', 'ann', 1_000));
    }
    for (const [index, step] of sequence.entries()) {
      if (step.what === 'pass') time += step.ms;
      await advance(uses, step, counted);
      if (index % every !== 0 && index + 1 < sequence.length) continue;
      for (const use of uses) examined += await examine(use, counted);
    }
  } finally {
    for (const { store } of uses) await store.close();
  }
  return examined;
}

const memory: Clocked = async (now) => createMemoryStore({ now });

describe('any sequence of holds, settlements, expiries, sweeps, claims and forgotten runs', () => {
  it('passes no ceiling, and what is spent and held is the sum of all calls, in memory', async () => {
    let examined = 0;
    const whole = fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (sequence, every) => {
      examined += await play([memory], sequence, every);
    });
    await fc.assert(whole, { numRuns: 500 });
    expect(examined).toBeGreaterThan(5_000);
  });

  it('is answered alike by both stores', async () => {
    let files = 0;
    let examined = 0;
    const sqlite: Clocked = (now) => openSqliteStore({ file: join(directory, `${(files += 1)}.sqlite`), now });
    const same = fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (sequence, every) => {
      examined += await play([memory, sqlite], sequence, every);
    });
    await fc.assert(same, { numRuns: 60 });
    expect(examined).toBeGreaterThan(2_000);
  });

  it.each<[string, (store: RunStore) => Partial<RunStore['ledger']>]>([
    [
      'holds without looking at ceilings',
      ({ ledger }) => ({
        hold: (request) => {
          const scopes = request.scopes.map(
            (scope) => ({ ...scope, nanoUsd: 'unlimited', tokens: 'unlimited' }) as const,
          );
          return ledger.hold({ ...request, scopes });
        },
      }),
    ],
    [
      'forgets to hold in the last scope',
      ({ ledger }) => ({
        hold: (request) =>
          ledger.hold({ ...request, scopes: request.scopes.slice(0, Math.max(1, request.scopes.length - 1)) }),
      }),
    ],
    ['loses its charges', () => ({ charges: async () => [] })],
  ])('canary: would find a ledger that %s', async (_name, broken) => {
    const open: Clocked = async (now) => {
      const store = createMemoryStore({ now });
      return { ...store, ledger: { ...store.ledger, ...broken(store) } };
    };
    const property = fc.asyncProperty(steps, async (sequence) => void (await play([open], sequence)));
    expect((await fc.check(property, { numRuns: 300, endOnFailure: true })).failed).toBe(true);
  });

  it('canary: would find two stores that differ', async () => {
    const open: Clocked = async (now) => {
      const store = createMemoryStore({ now });
      return { ...store, ledger: { ...store.ledger, sweep: async () => [] } };
    };
    const property = fc.asyncProperty(steps, async (sequence) => void (await play([memory, open], sequence)));
    expect((await fc.check(property, { numRuns: 300, endOnFailure: true })).failed).toBe(true);
  });
});
