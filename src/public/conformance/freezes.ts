/** What people froze (ports/freezes.ts): on at once, until it is thawed or its time is over. */
import type { Freeze } from '../../core/freeze.ts';
import { START } from './store-bench.ts';
import type { StoreSuite } from './store-bench.ts';

const OUTAGE: Omit<Freeze, 'id'> = {
  repository: '/home/ann/shop',
  paths: ['infra/**', 'db/**'],
  reason: 'NUL \u0000, lone \uD800',
  by: 'ann',
  until: START + 1_000,
};

export function freezes({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('freezes', () => {
    withStore('are on at once, as they were given, oldest first', async ({ store }) => {
      const one = await store.freezes.add(OUTAGE);
      const other = await store.freezes.add({ ...OUTAGE, repository: null, until: null });
      expect([one, other]).toEqual([
        { ...OUTAGE, id: 'f1' },
        { ...OUTAGE, id: 'f2', repository: null, until: null },
      ]);
      expect(await store.freezes.list()).toEqual([one, other]);
    });

    withStore('are over when their time is, and one without a time is not', async ({ store, pass }) => {
      await store.freezes.add(OUTAGE);
      const other = await store.freezes.add({ ...OUTAGE, until: null });
      pass(999);
      expect((await store.freezes.list()).length).toBe(2);
      pass(1);
      expect(await store.freezes.list()).toEqual([other]);
      expect(await store.freezes.thaw('f1', 'bob')).toBe(false);
    });

    withStore('end once, by their id alone, and no number is used again', async ({ store }) => {
      const { id } = await store.freezes.add(OUTAGE);
      const tried = [];
      for (const name of ['f2', 'F1', '1', '', id, id]) tried.push(await store.freezes.thaw(name, 'bob'));
      expect(tried).toEqual([false, false, false, false, true, false]);
      expect(await store.freezes.list()).toEqual([]);
      expect((await store.freezes.add(OUTAGE)).id).toBe('f2');
    });

    withStore('are of no run, and go with the store', async ({ store }) => {
      const lease = await store.create('r', '/home/ann/shop', 'ann', 1_000);
      await store.release(lease);
      await store.freezes.add(OUTAGE);
      await store.forget('r');
      expect((await store.freezes.list()).length).toBe(1);
      await store.close();
      expect(await codeOf(store.freezes.list())).toBe('LW_STORE_UNAVAILABLE');
    });
  });
}
