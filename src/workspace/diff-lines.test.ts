import { describe, expect, it } from 'vitest';
import { KINDS, makeWorld, NEVER } from '../../test/fixtures/workspace-room.ts';
import type { FileDiff, RiskFinding } from '../core/risk.ts';
import type { DiffEntry } from './diff-parser.ts';
import { fileDiffs } from './diff-lines.ts';

const entry = (name: string, addedLines: number, removedLines: number, patch: Partial<DiffEntry> = {}): DiffEntry => ({
  kind: 'modified',
  oldMode: '100644',
  newMode: '100644',
  oldId: '1'.repeat(40),
  newId: '2'.repeat(40),
  name: Buffer.from(name),
  previousName: null,
  addedLines,
  removedLines,
  ...patch,
});

const diff = (...lines: readonly string[]): Uint8Array => Buffer.from(`${lines.join('\n')}\n`);

describe('the lines of a diff', () => {
  it('are numbered as in their own file', () => {
    const text = diff(
      'diff --git a/x b/x',
      '--- a/x',
      '+++ b/x',
      '@@ -3,3 +3,3 @@ f',
      ' one',
      '-two',
      '+TWO',
      ' three',
    );
    expect(fileDiffs([entry('x', 1, 1)], text)).toEqual([
      { path: 'x', added: [{ line: 4, text: 'TWO' }], removed: [{ line: 4, text: 'two' }], complete: true },
    ]);
  });

  it('are never taken for headers, whatever they say', () => {
    const text = diff(
      'diff --git a/x b/x',
      '--- a/x',
      '+++ b/x',
      '@@ -1,2 +1,3 @@',
      '--- a/y',
      '-diff --git a/y b/y',
      '+++ b/y',
      '+@@ -1 +1 @@',
      '+CREATE TABLE a',
      'diff --git a/z b/z',
      '--- a/z',
      '+++ b/z',
      '@@ -0,0 +1 @@',
      '+last',
    );
    const [x, z] = fileDiffs([entry('x', 3, 2), entry('z', 1, 0)], text);
    expect(x?.added.map((line) => line.text)).toEqual(['++ b/y', '@@ -1 +1 @@', 'CREATE TABLE a']);
    expect(x?.removed.map((line) => line.text)).toEqual(['-- a/y', 'diff --git a/y b/y']);
    expect(z).toMatchObject({ added: [{ line: 1, text: 'last' }], complete: true });
  });

  it('are incomplete where they do not add up to the counts of git', () => {
    const text = diff('diff --git a/x b/x', '--- a/x', '+++ b/x', '@@ -1 +1,9 @@', '-one', '+1', '[cut here]');
    const seen = fileDiffs([entry('x', 9, 1), entry('missing', 2, 0), entry('mode', 0, 0)], text);
    expect(seen.map(({ complete }) => complete)).toEqual([false, false, true]);
  });

  it('are none in a binary file, which another detector holds', () => {
    const nothing = { addedLines: null, removedLines: null };
    expect(fileDiffs([entry('x', 0, 0, nothing)], diff('GIT binary patch'))[0]?.complete).toBe(true);
  });
});

describe('the lines of a collected change', () => {
  it.each(KINDS)('are those of the tree, under any name and through renames (%s)', async (kind) => {
    const world = makeWorld(kind, (repository) => {
      repository.write('moved.txt', Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n'));
      repository.write('lines.txt', '-- a/x\nkept\r\nold end');
      repository.write('gone.txt', 'was here\n');
      repository.commit();
    });
    let seen: readonly FileDiff[] = [];
    const found: RiskFinding = {
      zone: 'here',
      rule: 'r',
      path: 'renamed.txt',
      side: 'added',
      line: 1,
      message: 'says so',
    };
    const workspace = await world.create({
      readRisks: (files) => {
        seen = files;
        return [found];
      },
    });
    await world.shell(
      workspace.checkout,
      [
        'git mv moved.txt renamed.txt 2>/dev/null || mv moved.txt renamed.txt',
        'echo added >> renamed.txt',
        "printf 'kept\\r\\nnew end\\n++ b/x\\n' > lines.txt",
        'rm gone.txt',
        'printf "caf\\303\\251\\n" > "$(printf \'we"ird\\tn\\303\\244me\\nx\')"',
        "echo spaced > 'with space'",
        'printf "\\000\\001" > binary',
        ': > empty',
      ].join('\n'),
    );
    const { change } = await workspace.collect(1, NEVER);
    const of = (path: string): FileDiff | undefined => seen.find((file) => file.path === path);
    expect(seen.every(({ complete }) => complete)).toBe(true);
    expect(of('lines.txt')?.removed.map(({ text }) => text)).toEqual(['-- a/x', 'old end']);
    expect(of('lines.txt')?.added.map(({ text }) => text)).toEqual(['new end', '++ b/x']);
    expect(of('gone.txt')).toMatchObject({ added: [], removed: [{ line: 1, text: 'was here' }] });
    expect(of('we"ird\tn\u00e4me\nx')?.added).toEqual([{ line: 1, text: 'caf\u00e9' }]);
    expect(of('with space')?.added).toEqual([{ line: 1, text: 'spaced' }]);
    expect(of('renamed.txt')?.added).toHaveLength(30);
    expect(of('renamed.txt')?.removed).toHaveLength(30);
    // What was found is kept with the change, and its zone with the file.
    expect(change.risks).toEqual([found]);
    expect(change.files.filter(({ zones }) => zones.length > 0).map(({ path, zones }) => [path, zones])).toEqual([
      ['renamed.txt', ['here']],
    ]);
  });
});
