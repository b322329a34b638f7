/** What every run store promises (ports/store.ts), as tests any implementation can run. */
import type { RunEvent } from '../../core/event.ts';
import type { Append } from '../../ports/store.ts';
import { blobs, bytesOf, HASH_OF_NOTHING } from './blobs.ts';
import { freezes } from './freezes.ts';
import type { TestHarness } from './harness.ts';
import { createStoreSuite, START } from './store-bench.ts';
import type { StoreFactory, StoreSuite } from './store-bench.ts';

const LEASE_MS = 10_000;
const REPOSITORY = '/home/ann/shop';

function stopBy(by: string): Append {
  return { event: { type: 'stop.requested', by }, at: START + 5, activeMs: 7 };
}

function naming(prompt: string): Append {
  return { event: { type: 'turn.requested', iteration: 1, prompt }, at: START, activeMs: 0 };
}

function events({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('events', () => {
    withStore('get 1, 2, 3 as their places, and the envelope of the run', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const first = await store.append(lease, [stopBy('a'), stopBy('b')]);
      const second = await store.append(lease, [stopBy('c')]);
      const envelope = { at: START + 5, activeMs: 7, runId: 'r', epoch: 1, v: 1, type: 'stop.requested' };
      expect([...first, ...second]).toEqual([
        { ...envelope, seq: 1, by: 'a' },
        { ...envelope, seq: 2, by: 'b' },
        { ...envelope, seq: 3, by: 'c' },
      ]);
      expect(await store.read('r')).toEqual([...first, ...second]);
      expect(await store.verify('r')).toEqual({ events: 3, brokenAt: null });
    });

    withStore('are read from a place on', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      await store.append(lease, [stopBy('a'), stopBy('b'), stopBy('c')]);
      expect((await store.read('r', 2)).map(({ seq }) => seq)).toEqual([2, 3]);
      expect(await store.read('r', 4)).toEqual([]);
    });

    withStore('of runs do not mix', async ({ store }) => {
      const one = await store.create('one', REPOSITORY, 'ann', LEASE_MS);
      const two = await store.create('two', REPOSITORY, 'ann', LEASE_MS);
      await store.append(one, [stopBy('a')]);
      await store.append(two, [stopBy('b')]);
      await store.append(one, [stopBy('c')]);
      expect((await store.read('one')).map((event) => [event.seq, event.runId])).toEqual([
        [1, 'one'],
        [2, 'one'],
      ]);
      expect((await store.read('two')).length).toBe(1);
      expect(await store.verify('two')).toEqual({ events: 1, brokenAt: null });
    });

    withStore('keep NUL, lone surrogates and every other character as they are', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const strange = 'a\u0000b \uD800 \uDFFF \u2028 \u{1F600} \u007F "\\ \r\n';
      const [event] = await store.append(lease, [stopBy(strange)]);
      expect(event?.type === 'stop.requested' && event.by).toBe(strange);
      expect(await store.read('r')).toEqual([event]);
      expect(await store.verify('r')).toEqual({ events: 1, brokenAt: null });
    });

    withStore('are not changed by what happens to the object that was appended', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const event: { type: 'stop.requested'; by: string } = { type: 'stop.requested', by: 'before' };
      await store.append(lease, [{ event, at: START, activeMs: 0 }]);
      event.by = 'after';
      const [stored] = await store.read('r');
      expect(stored?.type === 'stop.requested' && stored.by).toBe('before');
    });

    withStore('that JSON cannot hold are refused whole', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const broken: RunEvent = { type: 'change.requested', iteration: Number.NaN };
      const appends = [stopBy('a'), { event: broken, at: START, activeMs: 0 }];
      expect(await codeOf(store.append(lease, appends))).toBe('LW_INTERNAL');
      expect(await store.read('r')).toEqual([]);
      expect((await store.append(lease, [stopBy('b')]))[0]?.seq).toBe(1);
    });

    withStore('may be none', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      expect(await store.append(lease, [])).toEqual([]);
      expect(await store.verify('r')).toEqual({ events: 0, brokenAt: null });
    });
  });
}

function fencing({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('a lease', () => {
    withStore('is refused while another owner has one, and given after it expired', async ({ store, pass }) => {
      await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      pass(LEASE_MS - 1);
      expect(await codeOf(store.claim('r', 'bob', LEASE_MS))).toBe('LW_RUN_BUSY');
      pass(1);
      expect(await store.claim('r', 'bob', LEASE_MS)).toEqual({ runId: 'r', epoch: 2 });
    });

    withStore('fences every older one, which then writes nothing', async ({ store, pass }) => {
      const old = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      pass(LEASE_MS);
      const lease = await store.claim('r', 'bob', LEASE_MS);
      expect(await codeOf(store.append(old, [stopBy('late'), stopBy('later')]))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.append(old, []))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.renew(old, LEASE_MS))).toBe('LW_STORE_FENCED');
      await store.release(old);
      expect(await codeOf(store.claim('r', 'cid', LEASE_MS))).toBe('LW_RUN_BUSY');
      expect(await store.read('r')).toEqual([]);
      expect((await store.append(lease, [stopBy('bob')]))[0]?.epoch).toBe(2);
    });

    withStore('that expired is good until somebody takes over', async ({ store, pass }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      pass(LEASE_MS * 2);
      expect((await store.append(lease, [stopBy('a')])).length).toBe(1);
      await store.renew(lease, LEASE_MS);
      expect(await codeOf(store.claim('r', 'bob', LEASE_MS))).toBe('LW_RUN_BUSY');
    });

    withStore('lives as long as it is renewed', async ({ store, pass }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      pass(LEASE_MS - 1);
      await store.renew(lease, LEASE_MS);
      pass(LEASE_MS - 1);
      expect(await codeOf(store.claim('r', 'bob', LEASE_MS))).toBe('LW_RUN_BUSY');
    });

    withStore('is free after release, and then writes nothing more', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      await store.release(lease);
      expect(await codeOf(store.append(lease, [stopBy('a')]))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.renew(lease, LEASE_MS))).toBe('LW_STORE_FENCED');
      await store.release(lease);
      expect((await store.claim('r', 'bob', LEASE_MS)).epoch).toBe(2);
    });

    withStore('goes to the same owner again, or to anybody by force, with a new epoch', async ({ store }) => {
      const first = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      expect((await store.claim('r', 'ann', LEASE_MS)).epoch).toBe(2);
      expect((await store.claim('r', 'bob', LEASE_MS, true)).epoch).toBe(3);
      expect(await codeOf(store.append(first, [stopBy('a')]))).toBe('LW_STORE_FENCED');
    });

    withStore('is won by exactly one of many that claim at once', async ({ store, pass }) => {
      await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      pass(LEASE_MS);
      const claims = ['b', 'c', 'd', 'e'].map((owner) => store.claim('r', owner, LEASE_MS));
      const results = await Promise.allSettled(claims);
      expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    });
  });
}

function runs({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('runs', () => {
    withStore('are listed newest first, with what they are', async ({ store, pass }) => {
      const one = await store.create('one', '/a', 'ann', LEASE_MS);
      await store.append(one, [stopBy('a'), stopBy('b')]);
      await store.create('same-instant', '/b', 'ann', LEASE_MS);
      pass(LEASE_MS - 1);
      const three = await store.create('three', '/c', 'ann', LEASE_MS);
      await store.release(three);
      pass(1);
      expect(await store.list()).toEqual([
        { runId: 'three', repository: '/c', createdAt: START + LEASE_MS - 1, lastSeq: 0, live: false },
        { runId: 'same-instant', repository: '/b', createdAt: START, lastSeq: 0, live: false },
        { runId: 'one', repository: '/a', createdAt: START, lastSeq: 2, live: false },
      ]);
      await store.claim('one', 'bob', LEASE_MS);
      expect((await store.list()).map(({ live }) => live)).toEqual([false, false, true]);
    });

    withStore('have an id once', async ({ store }) => {
      await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      expect(await codeOf(store.create('r', REPOSITORY, 'ann', LEASE_MS))).toBe('LW_STORE_UNAVAILABLE');
      expect((await store.list()).length).toBe(1);
    });

    withStore('that do not exist are named as such', async ({ store }) => {
      expect(await codeOf(store.claim('r', 'ann', LEASE_MS))).toBe('LW_RUN_UNKNOWN');
      expect(await codeOf(store.read('r'))).toBe('LW_RUN_UNKNOWN');
      expect(await codeOf(store.verify('r'))).toBe('LW_RUN_UNKNOWN');
      expect(await codeOf(store.signal('r', { kind: 'stop', by: 'ann' }))).toBe('LW_RUN_UNKNOWN');
      expect(await codeOf(store.takeSignals({ runId: 'r', epoch: 1 }))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.forget('r'))).toBe('LW_RUN_UNKNOWN');
      expect(await codeOf(store.append({ runId: 'r', epoch: 1 }, [stopBy('a')]))).toBe('LW_STORE_FENCED');
      expect(await store.list()).toEqual([]);
    });
  });

  describe('signals', () => {
    withStore('wait until taken, in order, once, whoever holds the run', async ({ store }) => {
      const released = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const other = await store.create('other', REPOSITORY, 'ann', LEASE_MS);
      await store.release(released);
      await store.signal('r', { kind: 'stop', by: 'bob \u0000\uD800' });
      await store.signal('r', { kind: 'kill', by: 'cid' });
      await store.signal('r', { kind: 'stop', by: 'bob' });
      expect(await codeOf(store.takeSignals(released))).toBe('LW_STORE_FENCED');
      const lease = await store.claim('r', 'bob', LEASE_MS);
      expect(await store.takeSignals(other)).toEqual([]);
      expect(await store.takeSignals(lease)).toEqual([
        { kind: 'stop', by: 'bob \u0000\uD800' },
        { kind: 'kill', by: 'cid' },
        { kind: 'stop', by: 'bob' },
      ]);
      expect(await store.takeSignals(lease)).toEqual([]);
    });

    withStore('are never taken by a process that lost the run', async ({ store }) => {
      const stale = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const newest = await store.claim('r', 'bob', LEASE_MS, true);
      expect(await codeOf(store.takeSignals(stale))).toBe('LW_STORE_FENCED');
      await store.signal('r', { kind: 'stop', by: 'cid' });
      expect(await codeOf(store.takeSignals(stale))).toBe('LW_STORE_FENCED');
      expect(await store.takeSignals(newest)).toEqual([{ kind: 'stop', by: 'cid' }]);
    });
  });
}

function forgetting({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('forgetting a run', () => {
    withStore('takes its events, signals and payloads, and leaves what others name', async ({ store, pass }) => {
      const own = await store.putBlob(bytesOf('own'));
      const shared = await store.putBlob(bytesOf('shared'));
      const one = await store.create('one', REPOSITORY, 'ann', LEASE_MS);
      await store.append(one, [naming(own), naming(shared)]);
      await store.signal('one', { kind: 'stop', by: 'ann' });
      await store.release(one);
      const two = await store.create('two', REPOSITORY, 'ann', LEASE_MS);
      await store.append(two, [naming(shared)]);
      await store.release(two);
      pass(1);
      await store.forget('one');
      expect((await store.list()).map(({ runId }) => runId)).toEqual(['two']);
      expect(await codeOf(store.read('one'))).toBe('LW_RUN_UNKNOWN');
      expect(await codeOf(store.getBlob(own))).toBe('LW_BLOB_MISSING');
      expect(await store.getBlob(shared)).toEqual(bytesOf('shared'));
      expect(await store.verify('two')).toEqual({ events: 1, brokenAt: null });
      await store.forget('two');
      expect(await codeOf(store.getBlob(shared))).toBe('LW_BLOB_MISSING');
    });

    withStore('leaves a payload that a live run has put and is about to name', async ({ store, pass }) => {
      const one = await store.create('one', REPOSITORY, 'ann', LEASE_MS);
      const hash = await store.putBlob(bytesOf('same prompt'));
      await store.append(one, [naming(hash)]);
      await store.release(one);
      pass(1);
      const two = await store.create('two', REPOSITORY, 'bob', LEASE_MS);
      await store.putBlob(bytesOf('same prompt'));
      await store.forget('one');
      await store.append(two, [naming(hash)]);
      expect(await store.getBlob(hash)).toEqual(bytesOf('same prompt'));
    });

    withStore('takes a payload that was put before the live runs began', async ({ store, pass }) => {
      const one = await store.create('one', REPOSITORY, 'ann', LEASE_MS);
      const hash = await store.putBlob(bytesOf('old prompt'));
      await store.append(one, [naming(hash)]);
      pass(1);
      await store.create('two', REPOSITORY, 'bob', LEASE_MS);
      await store.forget('one');
      expect(await codeOf(store.getBlob(hash))).toBe('LW_BLOB_MISSING');
    });

    withStore('fences whoever still drives it', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      await store.forget('r');
      expect(await codeOf(store.append(lease, [stopBy('a')]))).toBe('LW_STORE_FENCED');
      expect(await codeOf(store.renew(lease, LEASE_MS))).toBe('LW_STORE_FENCED');
      await store.release(lease);
    });

    withStore('leaves payloads nobody named yet while they are young', async ({ store }) => {
      await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const hash = await store.putBlob(bytesOf('not named yet'));
      await store.forget('r');
      expect(await store.getBlob(hash)).toEqual(bytesOf('not named yet'));
    });
  });
}

function references({ describe, expect, withStore, codeOf }: StoreSuite): void {
  describe('references', () => {
    withStore(
      'keep what an event refers to without naming it, as long as its run is there',
      async ({ store, pass }) => {
        const part = await store.putBlob(bytesOf('a part'));
        const lost = await store.putBlob(bytesOf('a part nobody keeps'));
        const one = await store.create('one', REPOSITORY, 'ann', LEASE_MS);
        await store.append(one, [{ ...stopBy('a'), references: [part] }]);
        await store.release(one);
        const two = await store.create('two', REPOSITORY, 'ann', LEASE_MS);
        await store.append(two, [naming(part)]);
        await store.release(two);
        // Far beyond the time after which what nobody named is gone.
        pass(90_000_000);
        await store.forget('two');
        expect(await store.getBlob(part)).toEqual(bytesOf('a part'));
        expect(await codeOf(store.getBlob(lost))).toBe('LW_BLOB_MISSING');
        expect((await store.read('one')).map((event) => Object.keys(event).includes('references'))).toEqual([false]);
        await store.forget('one');
        expect(await codeOf(store.getBlob(part))).toBe('LW_BLOB_MISSING');
      },
    );

    withStore('that are no hashes are refused with their event', async ({ store }) => {
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      const append = { ...stopBy('b'), references: ['no hash'] };
      expect(await codeOf(store.append(lease, [stopBy('a'), append]))).toBe('LW_INTERNAL');
      expect(await store.read('r')).toEqual([]);
    });
  });
}

function closing({ describe, it, expect, codeOf }: StoreSuite, factory: StoreFactory): void {
  describe('closing', () => {
    it('may happen twice, and nothing works afterwards', async () => {
      const store = await factory({ now: () => START });
      const lease = await store.create('r', REPOSITORY, 'ann', LEASE_MS);
      await store.close();
      await store.close();
      const late = [
        store.create('s', REPOSITORY, 'ann', LEASE_MS),
        store.append(lease, [stopBy('a')]),
        store.read('r'),
        store.list(),
        store.putBlob(bytesOf('abc')),
        store.putBlobs([bytesOf('abc')]),
        store.getBlob(HASH_OF_NOTHING),
        store.takeSignals(lease),
      ];
      expect(await Promise.all(late.map(codeOf))).toEqual(late.map(() => 'LW_STORE_UNAVAILABLE'));
    });
  });
}

/** Declares the suite; `name` is the implementation's, `factory` opens a fresh store for each test. */
export function storeConformance(harness: TestHarness, name: string, factory: StoreFactory): void {
  const suite = createStoreSuite(harness, factory);
  harness.describe(`run store conformance: ${name}`, () => {
    events(suite);
    fencing(suite);
    runs(suite);
    blobs(suite);
    forgetting(suite);
    references(suite);
    freezes(suite);
    closing(suite, factory);
  });
}
