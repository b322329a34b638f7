/** Holds that nobody settles: their time, the epoch of their run, the clock, and a run that is forgotten. */
import type { Amount, Charge, Scope } from '../../ports/ledger.ts';
import type { Lease, RunStore } from '../../ports/store.ts';
import { START } from './store-bench.ts';
import type { StoreSuite } from './store-bench.ts';

const LEASE_MS = 10_000;
const HOLD_MS = 1_000;
const DAY: Scope = { kind: 'day', key: 'day:2026-01-01', nanoUsd: 100, tokens: 100 };
const RUN: Scope = { kind: 'run', key: 'run:r', nanoUsd: 100, tokens: 'unlimited' };
const TEN: Amount = { nanoUsd: 10, tokens: 1 };

function start(store: RunStore, runId = 'r'): Promise<Lease> {
  return store.create(runId, '/home/ann/shop', 'ann', LEASE_MS);
}

async function holdTen(
  store: RunStore,
  lease: Lease,
  callId: string,
  scopes: readonly Scope[] = [DAY],
): Promise<string> {
  return (await store.ledger.hold({ callId, lease, scopes, amount: TEN, holdMs: HOLD_MS })).kind;
}

/** Nano-dollars spent and held. */
async function dayOf(store: RunStore): Promise<readonly [number, number]> {
  const [balance] = await store.ledger.balances([DAY]);
  return [balance?.spent.nanoUsd ?? Number.NaN, balance?.held.nanoUsd ?? Number.NaN];
}

function expiredAt(callId: string, at: number): Charge {
  return { callId, runId: 'r', amount: TEN, held: TEN, basis: 'expired', at };
}

function time({ describe, expect, withStore }: StoreSuite): void {
  describe('a hold whose time is over', () => {
    withStore('counts as spent for whoever asks next, and the sweep tells of it once', async ({ store, pass }) => {
      const lease = await start(store);
      await holdTen(store, lease, 'c');
      pass(HOLD_MS - 1);
      expect(await dayOf(store)).toEqual([0, 10]);
      expect(await store.ledger.sweep(lease)).toEqual([]);
      pass(1);
      expect(await dayOf(store)).toEqual([10, 0]);
      expect(await store.ledger.charges('r')).toEqual([expiredAt('c', START + HOLD_MS)]);
      pass(1);
      expect(await store.ledger.sweep(lease)).toEqual([expiredAt('c', START + HOLD_MS)]);
      expect(await store.ledger.sweep(lease)).toEqual([]);
    });

    withStore('is ended by a hold of another run, and never makes room', async ({ store, pass }) => {
      const lease = await start(store);
      for (let call = 0; call < 10; call += 1) expect(await holdTen(store, lease, `c${call}`)).toBe('held');
      pass(HOLD_MS);
      const other = await start(store, 'other');
      expect(await holdTen(store, other, 'd')).toBe('refused');
      expect((await store.ledger.charges('r')).length).toBe(10);
      expect(await store.ledger.sweep(other)).toEqual([]);
      expect((await store.ledger.sweep(lease)).length).toBe(10);
    });

    withStore(
      'is still settled by what was metered after all, before and after it was ended',
      async ({ store, pass }) => {
        const lease = await start(store);
        await holdTen(store, lease, 'before');
        await holdTen(store, lease, 'after');
        await holdTen(store, lease, 'never');
        pass(HOLD_MS);
        const used = { nanoUsd: 3, tokens: 1 };
        await store.ledger.settle({ callId: 'before', lease, amount: used, basis: 'metered' });
        expect(await dayOf(store)).toEqual([23, 0]);
        const late = await store.ledger.settle({ callId: 'after', lease, amount: used, basis: 'metered' });
        expect(late).toMatchObject({ amount: used, held: TEN, basis: 'metered' });
        expect(await dayOf(store)).toEqual([16, 0]);
        expect((await store.ledger.sweep(lease)).map(({ callId }) => callId)).toEqual(['never']);
        const all = (await store.ledger.charges('r')).map(({ callId, basis }) => [callId, basis]);
        expect(all).toEqual([
          ['before', 'metered'],
          ['never', 'expired'],
          ['after', 'metered'],
        ]);
        // Final now.
        expect(await store.ledger.settle({ callId: 'after', lease, amount: TEN, basis: 'metered' })).toEqual(late);
      },
    );
  });
}

function clocks({ describe, expect, withStore }: StoreSuite): void {
  describe('a clock', () => {
    withStore('that is put back ends no hold early and makes none last for ever', async ({ store, pass }) => {
      const lease = await start(store);
      await holdTen(store, lease, 'c');
      pass(-86_400_000);
      // Seen here, and its time begins again.
      expect(await dayOf(store)).toEqual([0, 10]);
      pass(HOLD_MS - 1);
      expect(await dayOf(store)).toEqual([0, 10]);
      pass(1);
      expect(await dayOf(store)).toEqual([10, 0]);
    });

    withStore('that is put back a little prolongs a hold by no more than that', async ({ store, pass }) => {
      const lease = await start(store);
      await holdTen(store, lease, 'c');
      pass(HOLD_MS - 100);
      pass(-500);
      expect(await dayOf(store)).toEqual([0, 10]);
      pass(599);
      expect(await dayOf(store)).toEqual([0, 10]);
      pass(1);
      expect(await dayOf(store)).toEqual([10, 0]);
    });

    withStore('that is put forward and back frees nothing', async ({ store, pass }) => {
      const lease = await start(store);
      await holdTen(store, lease, 'c');
      pass(86_400_000);
      expect(await dayOf(store)).toEqual([10, 0]);
      pass(-86_400_000);
      expect(await dayOf(store)).toEqual([10, 0]);
      expect(await holdTen(store, lease, 'd')).toBe('held');
      pass(HOLD_MS);
      expect(await dayOf(store)).toEqual([20, 0]);
    });
  });
}

function epochs({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('a newer epoch', () => {
    withStore('fences the older one and sweeps what that one held', async ({ store }) => {
      const old = await start(store);
      const other = await start(store, 'other');
      await holdTen(store, old, 'mine');
      await holdTen(store, other, 'theirs');
      const lease = await store.claim('r', 'bob', LEASE_MS, true);
      expect(await codeOf(holdTen(store, old, 'late'))).toBe('LW_STORE_FENCED');
      const settlement = { callId: 'mine', amount: TEN, basis: 'metered' as const };
      expect(await codeOf(store.ledger.settle({ ...settlement, lease: old }))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.ledger.sweep(old))).toBe('LW_STORE_FENCED');
      expect(await store.ledger.sweep(lease)).toEqual([expiredAt('mine', START)]);
      expect(await dayOf(store)).toEqual([10, 10]);
      // What the older one recorded may show what the call used.
      const used = { nanoUsd: 4, tokens: 1 };
      await store.ledger.settle({ ...settlement, amount: used, lease });
      expect(await dayOf(store)).toEqual([4, 10]);
    });

    withStore('makes older holds spent for others too, and its sweep still tells of them', async ({ store }) => {
      const old = await start(store);
      await holdTen(store, old, 'c');
      const lease = await store.claim('r', 'bob', LEASE_MS, true);
      expect(await dayOf(store)).toEqual([10, 0]);
      expect(await store.ledger.sweep(lease)).toEqual([expiredAt('c', START)]);
    });

    withStore('is not a release: what was held before it runs on until its time is over', async ({ store, pass }) => {
      const lease = await start(store);
      await holdTen(store, lease, 'c');
      await store.release(lease);
      expect(await codeOf(holdTen(store, lease, 'd'))).toBe('LW_STORE_FENCED');
      expect(await dayOf(store)).toEqual([0, 10]);
      pass(HOLD_MS);
      expect(await dayOf(store)).toEqual([10, 0]);
    });
  });

  describe('a forgotten run', () => {
    withStore('leaves its money spent where others count too, and nothing else', async ({ store }) => {
      const lease = await start(store);
      await holdTen(store, lease, 'settled', [RUN, DAY]);
      await store.ledger.settle({ callId: 'settled', lease, amount: { nanoUsd: 3, tokens: 1 }, basis: 'metered' });
      await holdTen(store, lease, 'open', [RUN, DAY]);
      const other = await start(store, 'other');
      await holdTen(store, other, 'theirs');
      await store.forget('r');
      expect(await dayOf(store)).toEqual([13, 10]);
      expect(await store.ledger.balances([RUN])).toMatchObject([{ spent: { nanoUsd: 0 }, held: { nanoUsd: 0 } }]);
      expect(await codeOf(store.ledger.charges('r'))).toBe('LW_RUN_UNKNOWN');
      const late = { callId: 'open', lease, amount: TEN, basis: 'metered' as const };
      expect(await codeOf(store.ledger.settle(late))).toBe('LW_STORE_FENCED');
      await store.ledger.settle({ ...late, callId: 'theirs', lease: other });
      expect(await dayOf(store)).toEqual([23, 0]);
    });
  });
}

export function ledgerExpiry(suite: StoreSuite): void {
  time(suite);
  clocks(suite);
  epochs(suite);
}
