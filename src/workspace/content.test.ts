import { describe, expect, it } from 'vitest';
import { KINDS, NEVER, makeWorld } from '../../test/fixtures/workspace-room.ts';
import type { ContentSighting } from '../core/content-detectors.ts';
import type { ChangeContent, ChangedContent } from '../ports/content.ts';

function text(content: Uint8Array | null | undefined): string | null {
  return content == null ? null : Buffer.from(content).toString('utf8');
}

describe('what the files of a collected change hold', () => {
  it.each(KINDS)('comes from the mirror, both sides, whatever the tree is full of (%s)', async (kind) => {
    const world = makeWorld(kind, (repository) => {
      repository.write('kept.txt', 'alpha beta\n');
      repository.write('moved.txt', Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n'));
      repository.write('changed.txt', 'old');
      repository.write('gone.txt', 'was here\n');
      repository.commit();
    });
    const seen: ChangeContent[] = [];
    const sighting: ContentSighting = {
      detector: 'merge-leftovers',
      path: 'changed.txt',
      side: 'added',
      line: 1,
      message: 'seen',
    };
    const workspace = await world.create({
      readContent: (content) => {
        seen.push(content);
        return Promise.resolve([sighting]);
      },
    });
    await world.shell(
      workspace.checkout,
      [
        'mv moved.txt renamed.txt',
        'printf new > changed.txt',
        'rm gone.txt',
        'ln -s /etc/passwd link',
        "echo gamma > 'with space'",
        'echo delta > "$(printf \'we"ird\\nname\')"',
        'printf "alpha\\000" > binary',
        'head -c 2000000 /dev/zero | tr "\\000" a > large.txt',
        "echo '* diff=evil' > .gitattributes",
      ].join('\n'),
    );
    const { change } = await workspace.collect(1, NEVER);
    const [content] = seen;
    if (content === undefined) throw new Error('nobody read anything');
    const of = (path: string): ChangedContent | undefined => content.files.find((file) => file.path === path);
    expect([text(of('changed.txt')?.before?.content), text(of('changed.txt')?.after?.content)]).toEqual(['old', 'new']);
    expect(of('gone.txt')?.after).toBeNull();
    expect(text(of('gone.txt')?.before?.content)).toBe('was here\n');
    expect(of('renamed.txt')).toMatchObject({ previousPath: 'moved.txt', kind: 'renamed' });
    expect(of('renamed.txt')?.before?.content).toEqual(of('renamed.txt')?.after?.content);
    // What it points at is nothing of the repository.
    expect(of('link')).toMatchObject({ before: null, after: null });
    expect(of('binary')?.after).toMatchObject({ bytes: 6 });
    expect(of('large.txt')?.after).toEqual({ bytes: 2_000_000, content: null });
    expect(change.sightings).toEqual([sighting]);

    expect(await content.base.paths()).toContain('gone.txt');
    expect(await content.head.paths()).not.toContain('gone.txt');
    expect(text(await content.base.read('gone.txt'))).toBe('was here\n');
    expect([await content.head.read('gone.txt'), await content.head.read('large.txt')]).toEqual([null, null]);
    expect((await content.head.read('large.txt', 2_000_000))?.length).toBe(2_000_000);
    expect(await content.head.read('large.txt', 1_999_999)).toBeNull();
    const mentions = await content.head.mentions(['alpha', 'gamma', 'delta', 'alph', 'nowhere', '']);
    expect(Object.fromEntries(mentions)).toEqual({
      alpha: ['kept.txt'],
      gamma: ['with space'],
      delta: ['we"ird\nname'],
      alph: [],
      nowhere: [],
    });
  });

  it('is read by nobody where nothing changed', async () => {
    const world = makeWorld('clone');
    let read = 0;
    const workspace = await world.create({ readContent: () => Promise.resolve([(read += 1)].slice(1) as never[]) });
    const { change } = await workspace.collect(1, NEVER);
    expect([read, change.fileCount, change.sightings]).toEqual([0, 0, undefined]);
  });
});
