/** What `gc` leaves alone: a directory that somebody works in, however long that takes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownedBy } from '../../core/scratch.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { makeMarkedDirectory } from '../../workspace/marker.ts';
import { repositoryWith } from '../../../test/scenario/harness.ts';

/** Ids that were made in 2021: nothing about them is young. */
const [RUN, DIRECTORY, DOCTOR] = [
  '01f00000000000000000000001',
  '01f00000000000000000000002',
  '01f00000000000000000000003',
];

it('the directory of a check on a merge lives as long as its run is held, and is freed after that', async () => {
  const here = repositoryWith({ 'a.txt': 'a\n' });
  try {
    // Makes the directories of the state.
    expect((await here.cli('gc')).code).toBe(0);
    const store = await openSqliteStore({ file: join(here.home, 'loopwright.db'), now: Date.now });
    const lease = await store.create(RUN, here.root, 'somebody', 600_000);
    const names = [ownedBy(RUN, DIRECTORY), ownedBy(DIRECTORY, RUN), DOCTOR];
    for (const name of names) await makeMarkedDirectory(join(here.home, 'runs', name), name);
    const left = (): readonly boolean[] => names.map((name) => existsSync(join(here.home, 'runs', name)));
    expect((await here.cli('gc')).code).toBe(0);
    expect(left()).toEqual([true, false, false]);
    await store.release(lease);
    await store.close();
    expect((await here.cli('gc')).code).toBe(0);
    expect(left()).toEqual([false, false, false]);
  } finally {
    here.remove();
  }
});
