import { describe, expect, it } from 'vitest';
import { addedFile, changedFile, contentOf } from '../../../test/fixtures/content.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { readLeftBehind } from './index.ts';

async function seen(file: ChangedContent): Promise<readonly string[]> {
  const sightings = await readLeftBehind(contentOf([file]));
  return sightings.map(({ detector, line, message }) => `${detector} ${line ?? '-'}: ${message}`);
}

function edit(path: string, more: string, before = 'a\n'): ChangedContent {
  return changedFile(path, before, `${before}${more}\n`);
}

describe('breakpoints and prints', () => {
  it.each([
    ['src/a.ts', '  debugger;', 'breakpoint'],
    ['a.py', 'import pdb; pdb.set_trace()', 'breakpoint'],
    ['a.py', '    breakpoint()', 'breakpoint'],
    ['a.rb', '  binding.pry', 'breakpoint'],
    ['a.rs', '    let x = dbg!(y);', 'breakpoint'],
    ['a.php', '  var_dump($x);', 'breakpoint'],
    ['src/a.ts', '  console.log(x);', 'debugging'],
    ['a.py', '    print(x)', 'debugging'],
    ['a.go', '\tfmt.Println(x)', 'debugging'],
    ['A.java', '  System.out.println(x);', 'debugging'],
    ['src/cli/a.ts', "  console.log('DEBUG', x);", 'debugging'],
    ['scripts/a.py', "print('>>> here')", 'debugging'],
  ])('%s: %s', async (path, line, what) => {
    expect(await seen(edit(path, line))).toEqual([expect.stringMatching(new RegExp(`^left-behind 2: .*${what}`))]);
    // It was there before.
    expect(await seen(changedFile(path, `${line}\n`, `a\n${line}\n`))).toEqual([]);
  });

  it.each([
    ['a file that prints', edit('src/a.ts', '  console.log(x);', 'console.error(1)\n')],
    ['a new file', addedFile('src/a.ts', 'console.log(x);\n')],
    ['a script', edit('scripts/a.ts', '  console.log(x);')],
    ['a test', edit('src/a.test.ts', '  console.log(x);')],
    ['a word', edit('src/a.ts', "const word = 'debugger';")],
    ['a document', edit('a.md', 'console.log(x);')],
  ])('%s may', async (_, file) => {
    expect(await seen(file)).toEqual([]);
  });
});

describe('code in comments', () => {
  it.each([
    ['a.ts', ['// const a = 1;', '// if (a) {', '//   b();', '// }'], 'begins code in a comment'],
    ['a.py', ['# x = 1', '# y = foo(x)', '# return y + x)'], 'begins code in a comment'],
    ['a.go', ['\t// a := 1;', '\t// b(a);', '\t// return b;'], 'begins code in a comment'],
  ])('%s', async (path, lines, what) => {
    expect(await seen(edit(path, lines.join('\n')))).toEqual([`left-behind 2: ${what}`]);
  });

  it('says where code was switched off', async () => {
    const before = 'const a = 1;\nb(a);\nreturn b;\n';
    const after = '// const a = 1;\n// b(a);\n// return b;\n';
    expect(await seen(changedFile('a.ts', before, after))).toEqual([
      'left-behind 1: switches code off by making it a comment',
    ]);
  });

  it.each([
    ['words', ['// This is how it works.', '// First it reads the file;', '// then it closes it again.']],
    ['an example', ['// For example:', '// const a = 1;', '// b(a);', '// c(b);']],
    ['two lines', ['// const a = 1;', '// b(a);']],
    ['documentation', ['/// let a = 1;', '/// b(a);', '/// c(b);']],
    ['a list', ['// - one thing', '// - another thing', '// - a third thing']],
    ['a licence', ['// Copyright (c) 2024 A. Nother', '// All rights reserved.', '// SPDX: MIT']],
    ['settings of tools', ['// @ts-check', '// eslint-disable-next-line', '// prettier-ignore']],
  ])('%s is none', async (_, lines) => {
    expect(await seen(edit('a.ts', lines.join('\n')))).toEqual([]);
  });
});

describe('notes on the work itself', () => {
  const notes = '# Fix\n\n## Root cause\n\nIt was wrong.\n\n## Changes made\n\n- a\n\n## Next steps\n';
  it('are scratch', async () => {
    expect(await seen(addedFile('IMPLEMENTATION.md', notes))).toEqual([
      'scratch-files -: reads like notes on the work itself, which nobody asked for; remove it',
    ]);
  });

  it.each([
    ['where a repository keeps such texts', addedFile('docs/adr/0001.md', notes)],
    ['in the changelog', addedFile('CHANGELOG.md', notes)],
    ['that were there before', edit('notes.md', notes)],
    ['of another kind', addedFile('guide.md', '# Guide\n\n## Install\n\n## Use\n')],
    ['with one such heading', addedFile('guide.md', '# Guide\n\n## Next steps\n')],
  ])('%s are not', async (_, file) => {
    expect(await seen(file)).toEqual([]);
  });
});
