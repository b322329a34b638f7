import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/fixtures/workspace-room.ts';
import { KEPT_MARK, sweepKept } from './kept.ts';

function place(): { readonly home: string; readonly directory: string } {
  const home = temporaryDirectory();
  const directory = join(home, 'sandbox');
  for (const name of ['ours', 'theirs', 'nobodys']) mkdirSync(join(directory, name, 'etc'), { recursive: true });
  writeFileSync(join(directory, 'ours', KEPT_MARK.name), KEPT_MARK.text);
  writeFileSync(join(directory, 'theirs', KEPT_MARK.name), 'another\n');
  return { home, directory };
}

const NAMES = ['ours', 'theirs', 'nobodys', 'gone'];

describe('what the sandbox keeps', () => {
  it('is deleted where its marker says that it is ours, and left alone elsewhere', async () => {
    const { home, directory } = place();
    const swept = await sweepKept({ home, below: 'sandbox', isTrial: false }, NAMES);
    expect(swept.swept).toEqual([join(directory, 'ours')]);
    expect(swept.unmarked).toEqual(['theirs', 'nobodys', 'gone'].map((name) => join(directory, name)));
    expect(readdirSync(directory).toSorted()).toEqual(['nobodys', 'theirs']);
    expect(readdirSync(join(home, 'trash'))).toEqual([]);
  });

  it('is only named on a trial', async () => {
    const { home, directory } = place();
    const { swept } = await sweepKept({ home, below: 'sandbox', isTrial: true }, NAMES);
    expect(swept).toEqual([join(directory, 'ours')]);
    expect(existsSync(join(directory, 'ours'))).toBe(true);
  });

  it('is not followed out of the state directory by a link', async () => {
    const { home, directory } = place();
    const outside = temporaryDirectory();
    writeFileSync(join(outside, KEPT_MARK.name), KEPT_MARK.text);
    symlinkSync(outside, join(directory, 'link'));
    await expect(sweepKept({ home, below: 'sandbox', isTrial: false }, ['link'])).rejects.toMatchObject({
      code: 'LW_DELETE_REFUSED',
    });
    expect(existsSync(join(outside, KEPT_MARK.name))).toBe(true);
  });
});
