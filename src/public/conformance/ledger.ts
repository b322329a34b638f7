/** What the ledger of every store promises (ports/ledger.ts), as tests any implementation can run. */
import type { Ceiling } from '../../core/limit.ts';
import type { Amount, HoldAnswer, Scope } from '../../ports/ledger.ts';
import type { Lease, RunStore } from '../../ports/store.ts';
import type { TestHarness } from './harness.ts';
import { ledgerExpiry } from './ledger-expiry.ts';
import { createStoreSuite, START } from './store-bench.ts';
import type { StoreFactory, StoreSuite } from './store-bench.ts';

const LEASE_MS = 10_000;
const HOLD_MS = 1_000;
const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };

function amountOf(nanoUsd: number, tokens = 1): Amount {
  return { nanoUsd, tokens };
}

function scopeOf(kind: Scope['kind'], nanoUsd: Ceiling, tokens: Ceiling = 'unlimited', name = 'a'): Scope {
  return { kind, key: `${kind}:${name}`, nanoUsd, tokens };
}

function start(store: RunStore, runId = 'r'): Promise<Lease> {
  return store.create(runId, '/home/ann/shop', 'ann', LEASE_MS);
}

interface Call {
  readonly lease: Lease;
  readonly callId: string;
  readonly amount: Amount;
  readonly scopes: readonly Scope[];
}

function hold(store: RunStore, call: Call): Promise<HoldAnswer> {
  return store.ledger.hold({ ...call, holdMs: HOLD_MS });
}

/** What is spent and held in each scope, in nano-dollars. */
async function books(store: RunStore, scopes: readonly Scope[]): Promise<readonly (readonly [number, number])[]> {
  return (await store.ledger.balances(scopes)).map(({ spent, held }) => [spent.nanoUsd, held.nanoUsd] as const);
}

function holding({ describe, expect, withStore }: StoreSuite): void {
  describe('a hold', () => {
    withStore('counts in every scope at once, and leaves the rest', async ({ store }) => {
      const lease = await start(store);
      const scopes = [scopeOf('run', 100, 50), scopeOf('day', 'unlimited')];
      expect(await store.ledger.balances(scopes)).toEqual([
        { scope: scopes[0], spent: NOTHING, held: NOTHING, left: { nanoUsd: 100, tokens: 50 } },
        { scope: scopes[1], spent: NOTHING, held: NOTHING, left: { nanoUsd: 'unlimited', tokens: 'unlimited' } },
      ]);
      expect(await hold(store, { lease, callId: 'c', amount: amountOf(70, 7), scopes })).toEqual({ kind: 'held' });
      expect(await store.ledger.balances(scopes)).toEqual([
        { scope: scopes[0], spent: NOTHING, held: amountOf(70, 7), left: { nanoUsd: 30, tokens: 43 } },
        {
          scope: scopes[1],
          spent: NOTHING,
          held: amountOf(70, 7),
          left: { nanoUsd: 'unlimited', tokens: 'unlimited' },
        },
      ]);
    });

    withStore('that does not fit one scope is held in none, and the answer names it', async ({ store }) => {
      const lease = await start(store);
      const scopes = [scopeOf('run', 100), scopeOf('class', 90), scopeOf('day', 50)];
      await hold(store, { lease, callId: 'a', amount: amountOf(40), scopes });
      const refused = await hold(store, { lease, callId: 'b', amount: amountOf(11), scopes });
      expect(refused).toEqual({
        kind: 'refused',
        unit: 'nanoUsd',
        balance: {
          scope: scopes[2],
          spent: NOTHING,
          held: amountOf(40),
          left: { nanoUsd: 10, tokens: 'unlimited' },
        },
      });
      expect(await books(store, scopes)).toEqual([
        [0, 40],
        [0, 40],
        [0, 40],
      ]);
      // What was refused may be asked for again.
      expect((await hold(store, { lease, callId: 'b', amount: amountOf(10), scopes })).kind).toBe('held');
      const unit = await hold(store, { lease, callId: 'c', amount: amountOf(1, 2), scopes: [scopeOf('run', 200, 3)] });
      expect(unit).toMatchObject({ kind: 'refused', unit: 'tokens' });
    });

    withStore('is measured by the ceiling of whoever asks, raised or lowered', async ({ store }) => {
      const lease = await start(store);
      const ask = (callId: string, nanoUsd: number, ceiling: Ceiling): Promise<HoldAnswer> =>
        hold(store, { lease, callId, amount: amountOf(nanoUsd), scopes: [scopeOf('run', ceiling)] });
      expect((await ask('a', 100, 100)).kind).toBe('held');
      expect((await ask('b', 1, 100)).kind).toBe('refused');
      expect((await ask('b', 100, 200)).kind).toBe('held');
      expect(await ask('c', 0, 150)).toMatchObject({ kind: 'refused', balance: { left: { nanoUsd: 0 } } });
      expect((await ask('c', 10, 'unlimited')).kind).toBe('held');
      expect((await ask('d', 0, 210)).kind).toBe('held');
    });
  });
}

function sums({ describe, expect, withStore }: StoreSuite): void {
  describe('holds together', () => {
    withStore('never make a sum that numbers cannot count, ceiling or none', async ({ store }) => {
      const lease = await start(store);
      const scopes = [scopeOf('day', 'unlimited')];
      const most = amountOf(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER);
      expect((await hold(store, { lease, callId: 'a', amount: most, scopes })).kind).toBe('held');
      expect((await hold(store, { lease, callId: 'b', amount: amountOf(2, 0), scopes })).kind).toBe('refused');
      expect((await hold(store, { lease, callId: 'b', amount: amountOf(1, 1), scopes })).kind).toBe('refused');
      expect((await hold(store, { lease, callId: 'b', amount: amountOf(1, 0), scopes })).kind).toBe('held');
    });

    withStore('are given to exactly as many of those that ask at once as fit', async ({ store }) => {
      const lease = await start(store);
      const scopes = [scopeOf('run', 1_000), scopeOf('day', 505)];
      const ask = (index: number): Promise<HoldAnswer> =>
        hold(store, { lease, callId: `c${index}`, amount: amountOf(10), scopes });
      const answers = await Promise.all(Array.from({ length: 64 }, (_, index) => ask(index)));
      expect(answers.filter(({ kind }) => kind === 'held').length).toBe(50);
      expect(await books(store, scopes)).toEqual([
        [0, 500],
        [0, 500],
      ]);
    });
  });
}

function badRequests({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('an amount or a ceiling that cannot be', () => {
    withStore('is refused as the defect it is, and changes nothing', async ({ store }) => {
      const lease = await start(store);
      const scopes = [scopeOf('run', 100)];
      await hold(store, { lease, callId: 'held', amount: amountOf(10), scopes });
      for (const wrong of [-1, Number.NaN, 0.5, Infinity, Number.MAX_SAFE_INTEGER + 1]) {
        for (const amount of [amountOf(wrong), amountOf(1, wrong)]) {
          expect(await codeOf(hold(store, { lease, callId: 'c', amount, scopes }))).toBe('LW_INTERNAL');
          const settlement = { callId: 'held', lease, amount, basis: 'metered' as const };
          expect(await codeOf(store.ledger.settle(settlement))).toBe('LW_INTERNAL');
        }
        for (const scope of [scopeOf('run', wrong), scopeOf('run', 1, wrong)]) {
          const call = { lease, callId: 'c', amount: amountOf(1), scopes: [scope] };
          expect(await codeOf(hold(store, call))).toBe('LW_INTERNAL');
          expect(await codeOf(store.ledger.balances([scope]))).toBe('LW_INTERNAL');
        }
        const request = { lease, callId: 'c', amount: amountOf(1), scopes, holdMs: wrong };
        if (wrong !== 0.5) expect(await codeOf(store.ledger.hold(request))).toBe('LW_INTERNAL');
      }
      expect(await books(store, scopes)).toEqual([[0, 10]]);
    });

    withStore('is refused with no scope, or with one scope twice', async ({ store }) => {
      const lease = await start(store);
      const call = { lease, callId: 'c', amount: amountOf(1) };
      expect(await codeOf(hold(store, { ...call, scopes: [] }))).toBe('LW_INTERNAL');
      const twice = [scopeOf('run', 10), scopeOf('run', 20)];
      expect(await codeOf(hold(store, { ...call, scopes: twice }))).toBe('LW_INTERNAL');
    });
  });
}

function settling({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('a settlement', () => {
    withStore('turns the hold into what was used, once', async ({ store, pass }) => {
      const lease = await start(store);
      const scopes = [scopeOf('run', 100), scopeOf('day', 100)];
      await hold(store, { lease, callId: 'c', amount: amountOf(70, 7), scopes });
      pass(5);
      const charge = await store.ledger.settle({ callId: 'c', lease, amount: amountOf(30, 3), basis: 'metered' });
      const expected = { callId: 'c', runId: 'r', amount: amountOf(30, 3), held: amountOf(70, 7), basis: 'metered' };
      expect(charge).toEqual({ ...expected, at: START + 5 });
      pass(5);
      for (const amount of [amountOf(30, 3), amountOf(0, 0), amountOf(999, 9)]) {
        expect(await store.ledger.settle({ callId: 'c', lease, amount, basis: 'estimated' })).toEqual(charge);
      }
      expect(await books(store, scopes)).toEqual([
        [30, 0],
        [30, 0],
      ]);
      expect(await store.ledger.charges('r')).toEqual([charge]);
    });

    withStore('of more than was held, in either unit, is capped at the hold', async ({ store }) => {
      const lease = await start(store);
      const scopes = [scopeOf('run', 100)];
      for (const [callId, amount] of [
        ['money', amountOf(21, 0)],
        ['tokens', amountOf(0, 2)],
      ] as const) {
        await hold(store, { lease, callId, amount: amountOf(20), scopes });
        const charge = await store.ledger.settle({ callId, lease, amount, basis: 'metered' });
        expect(charge).toMatchObject({ amount: amountOf(20), basis: 'capped' });
      }
      expect(await books(store, scopes)).toEqual([[40, 0]]);
    });

    withStore('needs a hold, and a hold needs an id of its own', async ({ store }) => {
      const lease = await start(store);
      const other = await start(store, 'other');
      const call = { lease, callId: 'c', amount: amountOf(1), scopes: [scopeOf('day', 100)] };
      const settlement = { callId: 'c', lease, amount: amountOf(1), basis: 'metered' as const };
      expect(await codeOf(store.ledger.settle(settlement))).toBe('LW_LEDGER_CALL');
      await hold(store, call);
      expect(await codeOf(hold(store, call))).toBe('LW_LEDGER_CALL');
      expect(await codeOf(hold(store, { ...call, lease: other }))).toBe('LW_LEDGER_CALL');
      expect(await codeOf(store.ledger.settle({ ...settlement, lease: other }))).toBe('LW_LEDGER_CALL');
      await store.ledger.settle(settlement);
      expect(await codeOf(hold(store, call))).toBe('LW_LEDGER_CALL');
      expect(await books(store, call.scopes)).toEqual([[1, 0]]);
    });

    withStore('that gives up as expired charges the whole hold, and is no news to a sweep', async ({ store }) => {
      const lease = await start(store);
      await hold(store, { lease, callId: 'c', amount: amountOf(20), scopes: [scopeOf('run', 100)] });
      const charge = await store.ledger.settle({ callId: 'c', lease, amount: NOTHING, basis: 'expired' });
      expect(charge).toMatchObject({ amount: amountOf(20), basis: 'expired' });
      expect(await store.ledger.sweep(lease)).toEqual([]);
      expect(await store.ledger.charges('r')).toEqual([charge]);
    });
  });

  describe('charges', () => {
    withStore('of an unknown run, and holds on its lease, are refused', async ({ store }) => {
      const lease = { runId: 'nobody', epoch: 1 };
      expect(await codeOf(store.ledger.charges('nobody'))).toBe('LW_RUN_UNKNOWN');
      const call = { lease, callId: 'c', amount: amountOf(1), scopes: [scopeOf('day', 100)] };
      expect(await codeOf(hold(store, call))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.ledger.sweep(lease))).toBe('LW_STORE_FENCED');
    });
  });
}

function closing({ describe, it, expect, codeOf }: StoreSuite, factory: StoreFactory): void {
  describe('a closed store', () => {
    it('holds nothing and answers nothing', async () => {
      const store = await factory({ now: () => START });
      const lease = await start(store);
      const scopes = [scopeOf('run', 100)];
      await hold(store, { lease, callId: 'c', amount: amountOf(1), scopes });
      await store.close();
      const late = [
        hold(store, { lease, callId: 'd', amount: amountOf(1), scopes }),
        store.ledger.settle({ callId: 'c', lease, amount: amountOf(1), basis: 'metered' }),
        store.ledger.balances(scopes),
        store.ledger.sweep(lease),
        store.ledger.charges('r'),
      ];
      expect(await Promise.all(late.map(codeOf))).toEqual(late.map(() => 'LW_STORE_UNAVAILABLE'));
    });
  });
}

/** Declares the suite; `name` is the implementation's, `factory` opens a fresh store for each test. */
export function ledgerConformance(harness: TestHarness, name: string, factory: StoreFactory): void {
  const suite = createStoreSuite(harness, factory);
  harness.describe(`ledger conformance: ${name}`, () => {
    holding(suite);
    sums(suite);
    badRequests(suite);
    settling(suite);
    ledgerExpiry(suite);
    closing(suite, factory);
  });
}
