/** The canaries of what holds at the end of every scenario: what has to turn it red does. */
import { afterEach, describe, expect, it } from 'vitest';
import { RIGHT_FIX, SUM, repositoryWith, scriptFile } from './harness.ts';
import type { Place } from './harness.ts';
import { takeEverythingBack } from './undone.ts';

const places: Place[] = [];

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

/** A landed run, on a command line of which one part can be broken. */
async function landed(): Promise<Place> {
  const here = repositoryWith(SUM);
  places.push(here);
  here.git('branch', 'release');
  const script = scriptFile(here, `turns: [[{ write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} } }]]`);
  expect((await here.run('make it add', '--agent', 'scripted', '--script', script)).code).toBe(0);
  expect((await here.cli('land', 'last', '--onto', 'release')).code).toBe(0);
  return here;
}

describe('the end of every scenario', () => {
  it('looks at its runs, and is red when an undo says that it worked and did not', async () => {
    const here = await landed();
    const lying: Place = {
      ...here,
      cli: async (...argv) => {
        const answer = await here.cli(...argv);
        // Put back what the undo took away: the record says undone, the branch does not.
        if (argv[0] === 'undo') here.git('update-ref', 'refs/heads/release', `${(await here.show()).head}`);
        return answer;
      },
    };
    await expect(takeEverythingBack(lying)).rejects.toThrow('release');
    await expect(takeEverythingBack(here)).resolves.toBe(1);
  });
});
