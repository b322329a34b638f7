/** What the suites of the run store and of its ledger share. */
import { isLoopwrightError } from '../../core/errors.ts';
import type { RunStore } from '../../ports/store.ts';
import type { TestHarness } from './harness.ts';

/** Opens a fresh, empty store. `now` is the wall clock of the test; leases and holds must expire by it and nothing else. */
export type StoreFactory = (options: { readonly now: () => number }) => Promise<RunStore>;

export interface StoreBench {
  readonly store: RunStore;
  /** Moves the clock of the store; forward, unless negative. */
  readonly pass: (ms: number) => void;
}

export interface StoreSuite extends TestHarness {
  /** A test with a store of its own, closed at the end. */
  readonly withStore: (name: string, body: (bench: StoreBench) => Promise<void>) => void;
  /** The code the promise rejects with; anything but a `LoopwrightError` fails the test. */
  readonly codeOf: (promise: Promise<unknown>) => Promise<string>;
}

/** Where the clock of every test begins. */
export const START: number = Date.UTC(2026, 0, 1);

export function createStoreSuite(harness: TestHarness, factory: StoreFactory): StoreSuite {
  return {
    ...harness,
    withStore(title, body) {
      harness.it(title, async () => {
        let time = START;
        const pass = (ms: number): void => {
          time += ms;
        };
        const store = await factory({ now: () => time });
        try {
          await body({ store, pass });
        } finally {
          await store.close();
        }
      });
    },
    async codeOf(promise) {
      try {
        await promise;
      } catch (error) {
        if (!isLoopwrightError(error)) throw error;
        // The second half of every refusal: what a person can do.
        harness.expect(error.next.length > 0).toBe(true);
        return error.code;
      }
      return 'nothing, it resolved';
    },
  };
}
