import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/fixtures/workspace-room.ts';
import { MARKER, makeMarkedDirectory, readMarker } from './marker.ts';
import { deleteMarked, emptyTrash, type Deletion } from './safe-delete.ts';

interface Place {
  readonly top: string;
  readonly runs: string;
  readonly directory: string;
  readonly outside: string;
  readonly deletion: Deletion;
}

async function place(): Promise<Place> {
  const top = temporaryDirectory();
  const [runs, trash, outside] = [join(top, 'runs'), join(top, 'trash'), join(top, 'outside')];
  for (const one of [runs, trash, outside]) mkdirSync(one);
  writeFileSync(join(outside, 'precious'), 'x');
  const directory = join(runs, 'run1');
  await makeMarkedDirectory(directory, 'run1');
  return { top, runs, directory, outside, deletion: { directory, below: runs, trash, runId: 'run1' } };
}

function untouched({ outside }: Place): boolean {
  return existsSync(join(outside, 'precious'));
}

describe('deleting', () => {
  it('removes a marked directory and leaves nothing in the trash', async () => {
    const here = await place();
    writeFileSync(join(here.directory, 'file'), 'x');
    await deleteMarked(here.deletion);
    expect(existsSync(here.directory)).toBe(false);
    expect(readdirSync(here.deletion.trash)).toEqual([]);
  });

  it('takes a directory that is not there as deleted', async () => {
    const here = await place();
    await deleteMarked(here.deletion);
    await deleteMarked(here.deletion);
    expect(untouched(here)).toBe(true);
  });

  it.each<[string, (here: Place) => Partial<Deletion> | undefined]>([
    [
      'without a marker',
      (here) => {
        renameSync(join(here.directory, MARKER), join(here.directory, 'other'));
        return undefined;
      },
    ],
    [
      'with the marker of another run',
      (here) => {
        writeFileSync(join(here.directory, MARKER), 'run2\n');
        return undefined;
      },
    ],
    [
      'whose marker is a link',
      (here) => {
        renameSync(join(here.directory, MARKER), join(here.outside, 'marker'));
        symlinkSync(join(here.outside, 'marker'), join(here.directory, MARKER));
        return undefined;
      },
    ],
    [
      'whose marker is a FIFO',
      (here) => {
        renameSync(join(here.directory, MARKER), join(here.directory, 'other'));
        execFileSync('mkfifo', [join(here.directory, MARKER)]);
        return undefined;
      },
    ],
    [
      'that was replaced by a link',
      (here) => {
        writeFileSync(join(here.outside, MARKER), 'run1\n');
        renameSync(here.directory, `${here.directory}.old`);
        symlinkSync(here.outside, here.directory);
        return undefined;
      },
    ],
    [
      'that was replaced by a file',
      (here) => {
        renameSync(here.directory, `${here.directory}.old`);
        writeFileSync(here.directory, 'x');
        return undefined;
      },
    ],
    [
      'outside of where it must be',
      (here) => {
        writeFileSync(join(here.outside, MARKER), 'run1\n');
        return { directory: here.outside };
      },
    ],
    [
      'reached through dots',
      (here) => {
        writeFileSync(join(here.outside, MARKER), 'run1\n');
        return { directory: `${here.runs}/../outside` };
      },
    ],
    [
      'reached through a link',
      (here) => {
        mkdirSync(join(here.outside, 'in'));
        writeFileSync(join(here.outside, 'in', MARKER), 'run1\n');
        symlinkSync(here.outside, join(here.runs, 'way'));
        return { directory: join(here.runs, 'way', 'in') };
      },
    ],
    [
      'that is the place of all runs',
      (here) => {
        writeFileSync(join(here.runs, MARKER), 'run1\n');
        return { directory: here.runs };
      },
    ],
    ['that is the root', () => ({ directory: '/' })],
    ['that is a home', () => ({ directory: homedir(), below: '/' })],
    ['that is relative', () => ({ directory: 'run1' })],
  ])('refuses a directory %s', async (_what, prepare) => {
    const here = await place();
    const deletion = { ...here.deletion, ...prepare(here) };
    const outcome = await deleteMarked(deletion).then(
      () => 'resolved',
      (error: unknown) => (error as { code: string }).code,
    );
    // A relative name means nothing here: there is no such directory, and so nothing to delete.
    expect(outcome).toBe(deletion.directory === 'run1' ? 'resolved' : 'LW_DELETE_REFUSED');
    expect(untouched(here)).toBe(true);
    expect(existsSync(here.runs)).toBe(true);
  });

  it('refuses a directory something is mounted on', async () => {
    const here = await place();
    await expect(deleteMarked({ ...here.deletion, directory: '/proc', below: '/' })).rejects.toMatchObject({
      code: 'LW_DELETE_REFUSED',
    });
  });

  it('takes a hostile tree apart and follows nothing out of it', async () => {
    const here = await place();
    const tree = join(here.directory, 'upper');
    mkdirSync(join(tree, 'shut', 'inner'), { recursive: true });
    writeFileSync(join(tree, 'shut', 'inner', 'file'), 'x');
    chmodSync(join(tree, 'shut', 'inner'), 0o000);
    chmodSync(join(tree, 'shut'), 0o000);
    writeFileSync(join(tree, 'read-only'), 'x', { mode: 0o400 });
    symlinkSync(here.outside, join(tree, 'link'));
    symlinkSync('/', join(tree, 'root'));
    symlinkSync('loop', join(tree, 'loop'));
    execFileSync('mkfifo', [join(tree, 'fifo')]);
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xff, 0x0a, 0x22)]), 'x');
    writeFileSync(join(tree, `-rf *'"`), 'x');
    writeFileSync(join(tree, 'n'.repeat(255)), 'x');
    await deleteMarked(here.deletion);
    expect(existsSync(here.directory)).toBe(false);
    expect(readdirSync(here.deletion.trash)).toEqual([]);
    expect(untouched(here)).toBe(true);
  });

  it('takes apart a tree deeper than any path may be long', async () => {
    const here = await place();
    const [tree, wrapper] = [join(here.directory, 'tree'), join(here.directory, 'wrapper')];
    mkdirSync(tree);
    // From the inside outwards, so that no path used here is ever long: 1,000 levels of 40 bytes are ten times PATH_MAX.
    for (let level = 0; level < 1_000; level += 1) {
      mkdirSync(wrapper);
      renameSync(tree, join(wrapper, 'd'.repeat(40)));
      renameSync(wrapper, tree);
    }
    await deleteMarked(here.deletion);
    expect(existsSync(here.directory)).toBe(false);
    expect(readdirSync(here.deletion.trash)).toEqual([]);
  });

  it('empties the trash of one run only', async () => {
    const here = await place();
    mkdirSync(join(here.deletion.trash, 'run1~abc', 'x'), { recursive: true });
    mkdirSync(join(here.deletion.trash, 'run10~abc'));
    await emptyTrash(here.deletion.trash, 'run1');
    expect(readdirSync(here.deletion.trash)).toEqual(['run10~abc']);
  });

  it('removes what a burial that was killed left at the top of the trash, beside the rest of its grave', async () => {
    const here = await place();
    mkdirSync(join(here.deletion.trash, 'run1~abc', 'x'), { recursive: true });
    mkdirSync(join(here.deletion.trash, 'run1~abc.1', 'y'), { recursive: true });
    await emptyTrash(here.deletion.trash, 'run1');
    expect(readdirSync(here.deletion.trash)).toEqual([]);
  });

  it('makes directories that are marked from their first instant', async () => {
    const here = await place();
    expect(await readMarker(here.directory)).toBe('run1');
    await expect(makeMarkedDirectory(here.directory, 'run1')).rejects.toMatchObject({ code: 'ENOTEMPTY' });
  });
});
