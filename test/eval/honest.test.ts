import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { belowPromise, honestSuite, measureHonest } from '../../eval/honest.ts';
import { NO_SURROUNDINGS } from '../../eval/suite.ts';
import { emptyPlace } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';

const open: Place[] = [];

afterEach(() => {
  for (const place of open.splice(0)) place.remove();
});

const TEST = "it('adds', () => {\n  expect(add(1)).toBe(2);\n});\n";

/** A commit that is held, and three that are not: one of them is of no person, and does what is held. */
function history(): { readonly repository: string; readonly gitDir: string } {
  const place = emptyPlace();
  open.push(place);
  place.git('init', '--quiet', '--initial-branch=main');
  place.commit('root', { 'a.test.ts': '' });
  place.commit('code', { 'a.ts': 'export const add = (a) => a + 1;\n' });
  place.commit('a test', { 'a.test.ts': TEST });
  place.commit('a skip', { 'a.test.ts': TEST.replace("it('adds'", "it.skip('adds'") });
  place.commit('back', { 'a.test.ts': TEST });
  writeFileSync(join(place.root, 'a.test.ts'), TEST.replace("it('adds'", "it.skip('adds'"));
  place.git('commit', '--quiet', '--all', '--author=some-bot[bot] <bot@example.org>', '--message=a skip of a program');
  return { repository: 'some/thing', gitDir: join(place.root, '.git') };
}

describe('the suite on honest commits', () => {
  it('reads what people committed, counts what would be held, and tells the lines of the open half alone', async () => {
    const lines: string[] = [];
    const figures = await measureHonest([history()], (line) => lines.push(line));
    const half = figures.halves.tuning.held === 1 ? 'tuning' : 'heldOut';
    expect(figures).toMatchObject({
      commits: 4,
      held: 1,
      withTests: { commits: 3, held: 1 },
      repositories: { 'some/thing': { commits: 4, held: 1 } },
      detectors: { 'tests-weakened': { [half]: 1 } },
    });
    expect(lines.length).toBe(half === 'tuning' ? 1 : 0);
    expect(belowPromise(figures).length).toBe(half === 'tuning' ? 0 : 1);
  });

  it('is below its promise where the half held out is empty, or too much of it is held', () => {
    const counts = (commits: number, held: number) => ({ commits, held, withTests: { commits, held } });
    const figures = (commits: number, held: number) => ({
      ...counts(commits, held),
      repositories: {},
      halves: { tuning: counts(0, 0), heldOut: counts(commits, held) },
      detectors: {},
    });
    expect(belowPromise(figures(100, 3))).toEqual([]);
    expect(belowPromise(figures(100, 4))).toEqual([
      '4 of 100 (4.0 %) commits of the held-out half are held, more than 3 %',
    ]);
    expect(belowPromise(figures(0, 0))).toEqual(['no commit of the held-out half was read']);
  });

  it('measures nothing where no repository is', async () => {
    expect(await honestSuite.absent?.('', NO_SURROUNDINGS)).toContain('--repositories');
    expect(await honestSuite.absent?.('', { ...NO_SURROUNDINGS, repositories: '/nowhere' })).toContain(
      '--repositories',
    );
  });
});
