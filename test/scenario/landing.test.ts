/** Landings that did not come to their end: refused, or their process died between the effect and the record of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { RIGHT_FIX, SUM, repositoryWith, scriptFile } from './harness.ts';
import type { Place } from './harness.ts';
import { endAll } from './undone.ts';

const places: Place[] = [];

afterEach(() => endAll(places));

/** A place with an accepted run and a branch `release` at the base. */
async function accepted(): Promise<Place> {
  const here = repositoryWith(SUM);
  places.push(here);
  here.git('branch', 'release');
  const script = scriptFile(here, `turns: [[{ write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} } }]]`);
  expect((await here.run('make it add', '--agent', 'scripted', '--script', script)).code).toBe(0);
  return here;
}

/** What a process leaves that died after it moved the branch and before it wrote that down. */
async function landedUnrecorded(here: Place, branch: string): Promise<void> {
  const { id, head } = await here.show();
  const commit = head ?? '';
  const store = await openSqliteStore({ file: join(here.home, 'loopwright.db'), now: Date.now });
  const lease = await store.claim(id, 'dead', 1);
  const events = await store.read(id);
  const activeMs = events.at(-1)?.activeMs ?? 0;
  await store.append(lease, [{ event: { type: 'land.requested', branch, commit }, at: Date.now(), activeMs }]);
  await store.release(lease);
  await store.close();
  const [mirror = ''] = readdirSync(join(here.home, 'mirrors')).filter((name) => name.endsWith('.git'));
  here.git('fetch', '--quiet', join(here.home, 'mirrors', mirror), `refs/loopwright/${id}/1:refs/heads/${branch}`);
}

describe('a landing that was refused', () => {
  it('does not stand in the way of another one', async () => {
    const here = await accepted();
    expect((await here.cli('land', 'last', '--onto', 'main')).err).toContain('LW_BRANCH_EXISTS');
    expect((await here.cli('land', 'last')).code).toBe(0);
    const { branch } = await here.show();
    expect(here.git('show', `${branch}:sum.js`)).toBe(RIGHT_FIX);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
  });

  it('leaves nothing to take back but the result', async () => {
    const here = await accepted();
    const before = here.git('for-each-ref');
    await here.cli('land', 'last', '--onto', 'main');
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('for-each-ref')).toBe(before);
    expect((await here.show()).outcome).toBe('undone');
  });
});

describe('a landing that happened and was not recorded', () => {
  it('on a branch of the user is reverted there by undo, and the branch stays', async () => {
    const here = await accepted();
    await landedUnrecorded(here, 'release');
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('rev-parse', 'release^{tree}')).toBe(here.git('rev-parse', 'main^{tree}'));
    expect(here.git('rev-list', '--count', 'main..release').trim()).toBe('2');
  });

  it('on a branch of its own is gone after undo', async () => {
    const here = await accepted();
    await landedUnrecorded(here, `loopwright/${(await here.show()).id}`);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
  });

  it('is recorded by the next land, which then makes no second branch', async () => {
    const here = await accepted();
    await landedUnrecorded(here, 'release');
    expect((await here.cli('land', 'last')).code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'landed', branch: 'release' });
    expect((await here.cli('land', 'last', '--onto', 'main')).err).toContain('LW_RUN_STATE');
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
  });
});
