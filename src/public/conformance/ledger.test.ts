/** The suite itself can turn red: each of these ledgers breaks one promise. */
import { expect, it } from 'vitest';
import type { Ledger } from '../../ports/ledger.ts';
import type { RunStore } from '../../ports/store.ts';
import { createMemoryStore } from '../../store/memory/index.ts';
import type { TestBody } from './harness.ts';
import { ledgerConformance } from './ledger.ts';

/** The names of the cases that a store fails whose ledger differs so. */
async function failuresOf(broken: (store: RunStore) => Partial<Ledger>): Promise<readonly string[]> {
  const cases: { name: string; body: TestBody }[] = [];
  const collect = (name: string, body: TestBody): number => cases.push({ name, body });
  const group = (_: string, body: () => void): void => body();
  const harness = { describe: group, it: Object.assign(collect, { skip: () => undefined }), expect };
  ledgerConformance(harness, 'canary', async (options) => {
    const store = createMemoryStore(options);
    return { ...store, ledger: { ...store.ledger, ...broken(store) } };
  });
  expect(cases.length).toBeGreaterThan(15);
  const failed: string[] = [];
  for (const { name, body } of cases) {
    const failure = await Promise.resolve()
      .then(body)
      .then(() => null)
      .catch((error: Error) => error);
    if (failure !== null) failed.push(name);
  }
  return failed;
}

it('a ledger that keeps its promises fails no case', async () => {
  expect(await failuresOf(() => ({}))).toEqual([]);
});

it.each<[string, (store: RunStore) => Partial<Ledger>, string]>([
  [
    'looks at the first scope only',
    ({ ledger }) => ({ hold: (request) => ledger.hold({ ...request, scopes: request.scopes.slice(0, 1) }) }),
    'that does not fit one scope is held in none, and the answer names it',
  ],
  [
    'charges what a vendor claims',
    ({ ledger }) => ({
      settle: async (settlement) => ({ ...(await ledger.settle(settlement)), amount: settlement.amount }),
    }),
    'of more than was held, in either unit, is capped at the hold',
  ],
  [
    'never ends a hold',
    ({ ledger }) => ({ hold: (request) => ledger.hold({ ...request, holdMs: 1e9 }) }),
    'counts as spent for whoever asks next, and the sweep tells of it once',
  ],
  [
    'lets an older epoch settle',
    ({ ledger }) => ({
      settle: (settlement) =>
        ledger
          .settle(settlement)
          .catch(() =>
            ledger.settle({ ...settlement, lease: { ...settlement.lease, epoch: settlement.lease.epoch + 1 } }),
          ),
    }),
    'fences the older one and sweeps what that one held',
  ],
])('one that %s fails the case about that', async (_name, broken, wanted) => {
  expect(await failuresOf(broken)).toContain(wanted);
});
