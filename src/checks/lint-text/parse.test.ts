import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readLintText } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readLintText(bytesOf(text)));

describe('lines of compilers and linters', () => {
  it.each([
    ['gcc', 'a.c:3:5: error: x undeclared', 'error a.c > x undeclared: a.c:3:5: x undeclared'],
    ['gcc without a column', 'a.c:3: fatal error: no b.h', 'error a.c > no b.h: a.c:3: no b.h'],
    ['clang', 'a.c:3:5: warning: x [-Wunused]', 'warning a.c > -Wunused: a.c:3:5: x [-Wunused]'],
    ['mypy', 'a.py:3: error: bad type  [assignment]', 'error a.py > assignment: a.py:3: bad type  [assignment]'],
    ['tsc', 'src/a.ts(3,5): error TS2322: bad', 'error src/a.ts > TS2322: src/a.ts:3:5: TS2322 bad'],
    ['tsc --pretty', 'src/a.ts:3:5 - error TS2322: bad', 'error src/a.ts > TS2322: src/a.ts:3:5: TS2322 bad'],
    ['MSBuild', 'C:\\w\\a.cs (10): error XXX: bad', 'error C:\\w\\a.cs > XXX: C:\\w\\a.cs:10: XXX bad'],
    ['MSBuild without a code', 'a.h(3,5): error : bad', 'error a.h > bad: a.h:3:5: bad'],
    ['Pylint', 'a.py:3: [E0213, f] bad', 'error a.py > E0213: a.py:3: E0213 bad'],
    ['Pylint about itself', 'a.py:3: [I1101, f] fyi', 'warning a.py > I1101: a.py:3: I1101 fyi'],
    ['Flake8', 'a.py:3:5: F401 not used', 'error a.py > F401: a.py:3:5: F401 not used'],
    [
      'a linker',
      "a.o: undefined reference to 'f'",
      "error a.o > undefined reference to 'f': a.o: undefined reference to 'f'",
    ],
    ['rustc', 'error[E0308]: bad\n  --> src/a.rs:3:5', 'error src/a.rs > E0308: src/a.rs:3:5: bad'],
    ['clippy', 'warning: odd\n --> src/a.rs:3:5', 'warning src/a.rs > odd: src/a.rs:3:5: odd'],
    ['colours', '\u001B[31ma.c:3:5: error: x\u001B[0m', 'error a.c > x: a.c:3:5: x'],
  ])('%s: %j', (_, text, line) => expect(read(text)).toEqual([line, 'examined unknown']));

  it.each([
    'a.py:3: note: see above',
    'warning: `x` (lib) generated 1 warning',
    'see https://e.org:443/x',
    '12:30:01 started',
    'Error: something broke',
  ])('pass by %j', (text) => expect(read(text)).toEqual(['examined unknown']));

  it.each([
    ['Success: no issues found in 12 source files', ['examined 12']],
    ['a.py:1: error: x\nFound 1 error in 1 file (checked 2 source files)', ['error a.py > x: a.py:1: x', 'examined 2']],
    ['Files:              105\nLines: 7\n', ['examined 105']],
    // The number may go on.
    ['Files:              105', ['examined unknown']],
  ])('learn what was examined from %j', (text, lines) => expect(read(text)).toEqual(lines));

  it.each(['<?xml version="1.0"?><a/>', '{"a":1}', '[{"a":1}]', '[]'])('are not %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is XML or JSON; another `report` reads it']),
  );
});
