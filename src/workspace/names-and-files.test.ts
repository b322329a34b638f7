import { describe, expect, it } from 'vitest';
import { MAX_LISTED_FILES } from '../core/change.ts';
import { describeFiles } from './change.ts';
import type { DiffEntry } from './diff-parser.ts';
import { excludePattern } from './git-directory.ts';
import { decodeName, isObjectId, joinNul, splitNul, zeroLike } from './object-names.ts';
import { complaintsAsOddities } from './oddities.ts';
import { isRunId } from './state-directory.ts';

const entry = (name: string, over: Partial<DiffEntry> = {}): DiffEntry => ({
  kind: 'modified',
  oldMode: '100644',
  newMode: '100644',
  oldId: '',
  newId: '',
  name: Buffer.from(name),
  previousName: null,
  addedLines: 1,
  removedLines: 2,
  ...over,
});

describe('names', () => {
  it.each([
    ['plain', 'plain'],
    ['grüße/日本', 'grüße/日本'],
    ['50%', '50%'],
    ['\ufeffmark', '\ufeffmark'],
  ])('keeps %j exact', (text, path) => {
    expect(decodeName(Buffer.from(text))).toEqual({ path });
  });

  it.each([
    [[0x61, 0xff, 0x62], 'a%FFb'],
    [[0xc3], '%C3'],
    [[0xc3, 0xa9, 0xa9], 'é%A9'],
    [[0xed, 0xa0, 0x80], '%ED%A0%80'],
    [[0xf0, 0x9f, 0x98, 0x80, 0xfe], '😀%FE'],
  ])('escapes only the invalid bytes of %j', (bytes, path) => {
    const name = Buffer.from(bytes);
    expect(decodeName(name)).toEqual({ path, pathBytes: name.toString('base64') });
  });

  it('splits and joins at NUL', () => {
    const names = ['a', 'b\nc', 'd'].map((name) => Buffer.from(name));
    expect(splitNul(joinNul(names)).map(String)).toEqual(['a', 'b\nc', 'd']);
    expect(splitNul(Buffer.alloc(0))).toEqual([]);
    expect(splitNul(Buffer.from('unfinished')).map(String)).toEqual(['unfinished']);
  });

  it('knows object ids of both hashes', () => {
    expect([isObjectId('a'.repeat(40)), isObjectId('a'.repeat(64)), isObjectId('a'.repeat(41))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(zeroLike('a'.repeat(64))).toBe('0'.repeat(64));
  });

  it.each(['01jd', 'a-b', 'run1'])('takes %j as a run id', (id) => expect(isRunId(id)).toBe(true));
  it.each(['', '.', '..', 'a/b', 'A', '-a', 'a-', 'a b', 'a\n', 'x'.repeat(65)])('refuses %j as a run id', (id) =>
    expect(isRunId(id)).toBe(false),
  );

  it.each([
    ['node_modules', '/node_modules'],
    ['a b', '/a\\ b'],
    ['we[i]rd*?', '/we\\[i\\]rd\\*\\?'],
    ['back\\slash', '/back\\\\slash'],
  ])('excludes %j literally', (name, pattern) => expect(excludePattern(name)).toBe(pattern));
});

describe('the files of a change', () => {
  const classify = (path: string, existsOnBase: boolean) => ({
    protected: existsOnBase && path.startsWith('tests/'),
    inScope: !path.startsWith('secret/'),
    zones: path.startsWith('db/') ? ['data'] : [],
  });

  it('counts all of them and leaves binary ones out of the line counts', () => {
    const size = describeFiles([entry('a'), entry('b', { addedLines: null, removedLines: null })], classify);
    expect(size).toMatchObject({ fileCount: 2, addedLines: 1, removedLines: 2 });
    expect(size.files[1]).toMatchObject({ addedLines: null, removedLines: null });
  });

  it.each([
    ['a protected file that was edited', entry('tests/a'), { protected: true, inScope: true }],
    ['a new file beside protected ones', entry('tests/new', { kind: 'added' }), { protected: false }],
    [
      'a protected file that was renamed away',
      entry('src/a', { kind: 'renamed', previousName: Buffer.from('tests/a') }),
      { protected: true, previousPath: 'tests/a' },
    ],
    [
      'a copy of a protected file',
      entry('src/a', { kind: 'copied', previousName: Buffer.from('tests/a') }),
      { protected: false },
    ],
    [
      'a file moved out of scope',
      entry('secret/a', { kind: 'renamed', previousName: Buffer.from('a') }),
      { inScope: false },
    ],
    [
      'a file moved out of a zone',
      entry('a', { kind: 'renamed', previousName: Buffer.from('db/a') }),
      { zones: ['data'], protected: false },
    ],
  ])('judges %s', (_what, file, expected) => {
    expect(describeFiles([file], classify).files[0]).toMatchObject(expected);
  });

  it('bounds the list and puts first what policy has a word on', () => {
    const many = Array.from({ length: MAX_LISTED_FILES + 5 }, (_, index) => entry(`a${index}`));
    const size = describeFiles([...many, entry('tests/last')], classify);
    expect(size.fileCount).toBe(MAX_LISTED_FILES + 6);
    expect(size.files.length).toBe(MAX_LISTED_FILES);
    expect(size.files[0]?.path).toBe('tests/last');
    expect(size.addedLines).toBe(MAX_LISTED_FILES + 6);
  });

  it('never lets files that only ask for a look push one off the list that may not change', () => {
    const zoned = Array.from({ length: MAX_LISTED_FILES + 5 }, (_, index) => entry(`db/${index}`));
    const size = describeFiles([...zoned, entry('lib', { newMode: '160000' }), entry('secret/key')], classify);
    expect(size.files.slice(0, 2).map(({ path }) => path)).toEqual(['secret/key', 'lib']);
  });
});

describe('complaints of git', () => {
  it('become one oddity for each file', () => {
    const complaints = [
      "error: invalid path '.GIT'",
      "error: unable to add '.GIT' to index",
      'error: open("secret"): Permission denied',
      "error: unable to index file 'secret'",
      'error: t: can only add regular files, symbolic links or git-directories',
      "warning: could not open directory 'ud/': Permission denied",
      'warning: in the working copy of x, LF will be replaced',
      'error: something new',
    ];
    expect(complaintsAsOddities(complaints.join('\n'))).toEqual([
      '.GIT: git refuses this name',
      'secret: cannot be read, so it counts as it was on the base',
      't: is neither a file nor a link',
      'error: something new',
    ]);
  });
});
