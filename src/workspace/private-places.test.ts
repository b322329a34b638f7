import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/fixtures/workspace-room.ts';
import { privatePlaces } from './private-places.ts';

describe('private places', () => {
  it('are made for one launch, and go with all that lies in them', async () => {
    const home = temporaryDirectory();
    const places = privatePlaces(home);
    const [one, other] = [await places.make(), await places.make()];
    mkdirSync(join(one, 'home/deep'), { recursive: true });
    writeFileSync(join(one, 'home/deep/file'), 'x');
    await places.remove(one);
    expect(existsSync(one)).toBe(false);
    expect(readdirSync(join(home, 'drafts'))).toEqual([other.slice(other.lastIndexOf('/') + 1)]);
    expect(readdirSync(join(home, 'trash'))).toEqual([]);
  });

  it('are nothing else: another directory is left alone', async () => {
    const home = temporaryDirectory();
    const places = privatePlaces(home);
    await places.make();
    const outside = temporaryDirectory();
    await expect(places.remove(outside)).rejects.toMatchObject({ code: 'LW_DELETE_REFUSED' });
    expect(existsSync(outside)).toBe(true);
  });
});
