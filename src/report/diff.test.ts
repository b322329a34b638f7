import { describe, expect, test } from 'vitest';
import { readDiff } from './diff.ts';

describe('reading a diff for display', () => {
  test('tells headers from content that looks like them', () => {
    const [file] = readDiff('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n---- old\n++++ new\n context\n');
    expect(file).toEqual({
      name: 'x',
      addedLines: 1,
      removedLines: 1,
      lines: [
        { kind: 'header', text: 'diff --git a/x b/x' },
        { kind: 'header', text: '--- a/x' },
        { kind: 'header', text: '+++ b/x' },
        { kind: 'hunk', text: '@@ -1,2 +1,2 @@' },
        { kind: 'removed', text: '---- old' },
        { kind: 'added', text: '++++ new' },
        { kind: 'context', text: ' context' },
      ],
    });
  });

  test.each([
    ['diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x', 'a'],
    ['diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b', 'b'],
    ['diff --git a/i.png b/i.png\nBinary files a/i.png and b/i.png differ', 'a/i.png b/i.png'],
  ])('names a file that has no ordinary header: %#', (text, name) => {
    expect(readDiff(text).map((file) => file.name)).toEqual([name]);
  });

  test('shows a carriage return and hidden characters, and keeps tabs', () => {
    const [file] = readDiff('diff --git a/x b/x\n@@ -1 +1 @@\n+\tone\r\n+\u202Etwo');
    expect(file?.lines.slice(2).map(({ text }) => text)).toEqual(['+\tone\\r', '+\\u{202e}two']);
  });

  test('reads nothing out of nothing, and nothing out of text that is no diff', () => {
    expect(readDiff('')).toEqual([]);
    expect(readDiff('hello\nworld')).toEqual([]);
  });

  test('is not fooled by content that quotes a diff', () => {
    const files = readDiff('diff --git a/x b/x\n@@ -1 +1,2 @@\n diff --git a/evil b/evil\n+diff --git a/y b/y');
    expect(files.map(({ name, lines }) => [name, lines.length])).toEqual([['a/x b/x', 4]]);
  });
});
