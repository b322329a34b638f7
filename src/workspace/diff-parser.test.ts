import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import { parseDiff, parseTree } from './diff-parser.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ZERO = '0'.repeat(40);

function fields(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(part), Buffer.of(0)]));
}

describe('the diff parser', () => {
  it('reads nothing as nothing', () => {
    expect(parseDiff(Buffer.alloc(0))).toEqual([]);
  });

  it.each([
    ['added', `:000000 100644 ${ZERO} ${B} A`, '000000', '100644'],
    ['deleted', `:100755 000000 ${A} ${ZERO} D`, '100755', '000000'],
    ['modified', `:100644 100755 ${A} ${B} M`, '100644', '100755'],
    ['type-changed', `:100644 120000 ${A} ${B} T`, '100644', '120000'],
    ['added', `:000000 160000 ${ZERO} ${B} A`, '000000', '160000'],
    ['modified', `:100664 100600 ${A} ${B} M`, '100644', '100644'],
  ])('reads %s from %s', (kind, raw, oldMode, newMode) => {
    const [entry] = parseDiff(fields(raw, 'name', '3\t4\tname'));
    expect(entry).toMatchObject({ kind, oldMode, newMode, addedLines: 3, removedLines: 4, previousName: null });
    expect(entry?.name.toString()).toBe('name');
  });

  it('reads renames and copies with both names, and binary counts as unknown', () => {
    const output = fields(
      `:100644 100644 ${A} ${A} R100`,
      'old',
      'new',
      `:100644 100644 ${A} ${B} C075`,
      'from',
      'to',
      `:100644 100644 ${A} ${B} M`,
      'image',
      '0\t0\t',
      'old',
      'new',
      '5\t1\t',
      'from',
      'to',
      '-\t-\timage',
    );
    const brief = parseDiff(output).map((entry) => [
      entry.kind,
      entry.previousName?.toString(),
      entry.name.toString(),
      entry.addedLines,
      entry.removedLines,
    ]);
    expect(brief).toEqual([
      ['renamed', 'old', 'new', 0, 0],
      ['copied', 'from', 'to', 5, 1],
      ['modified', undefined, 'image', null, null],
    ]);
  });

  it.each([
    'with\ttab',
    'with\nnewline',
    'with "quotes"',
    ':100644 looks like a record',
    '-\t-\tlike counts',
    ' space ',
  ])('takes the name %j as it is', (name) => {
    const [entry] = parseDiff(fields(`:100644 100644 ${A} ${B} M`, name, `1\t0\t${name}`));
    expect(entry?.name.toString()).toBe(name);
    expect(entry?.addedLines).toBe(1);
  });

  it('takes names that are not UTF-8 byte by byte', () => {
    const name = Buffer.from([0x61, 0xff, 0xfe]);
    const [entry] = parseDiff(fields(`:100644 100644 ${A} ${B} M`, name));
    expect(entry?.name.equals(name)).toBe(true);
    expect(entry?.addedLines).toBeNull();
  });

  it.each([
    ['an unknown status', fields(`:100644 100644 ${A} ${B} X`, 'name')],
    ['an unknown mode', fields(`:100644 123456 ${A} ${B} M`, 'name')],
    ['a missing name', fields(`:100644 100644 ${A} ${B} M`)],
    ['a missing count', fields(`:100644 100644 ${A} ${B} M`, 'a', `:100644 100644 ${A} ${B} M`, 'b', '1\t1\ta')],
    ['a garbled count', fields(`:100644 100644 ${A} ${B} M`, 'a', 'one\t1\ta')],
    ['a garbled record', fields(':nonsense', 'a')],
  ])('refuses %s', (_what, output) => {
    expect(() => parseDiff(output)).toThrow(expect.toSatisfy((error) => isLoopwrightError(error, 'LW_GIT_FAILED')));
  });

  it('reads trees without their directories', () => {
    const output = fields(`100644 blob ${A}\tfile\twith tab`, `040000 tree ${B}\tdirectory`, `160000 commit ${B}\tsub`);
    expect(parseTree(output).map((entry) => [entry.mode, entry.name.toString()])).toEqual([
      ['100644', 'file\twith tab'],
      ['160000', 'sub'],
    ]);
  });
});
