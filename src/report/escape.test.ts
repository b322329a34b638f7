import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOSTILE, UNSAFE_FOR_TERMINAL } from '../../test/fixtures/hostile.ts';
import {
  clip,
  escapeHtml,
  excerpt,
  markdownCode,
  markdownFence,
  markdownLine,
  markdownText,
  prose,
  tail,
  visible,
  visibleBlock,
} from './escape.ts';

/** Unicode without limits, lone surrogates included. */
const ANY_TEXT = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

describe('hidden characters', () => {
  test.each([
    ['src/\u202Etxt.exe', 'src/\\u{202e}txt.exe'],
    ['\u001B[2Jx', '\\x1b[2Jx'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['nul\0', 'nul\\x00'],
    ['zero\u200Bwidth', 'zero\\u{200b}width'],
    ['lone\uD800', 'lone\\u{d800}'],
    ['tag\u{E0041}', 'tag\\u{e0041}'],
    ['Grüße 日本 👍️ naïve', 'Grüße 日本 👍️ naïve'],
  ])('are spelled out in identifiers: %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('are spelled out in prose, on one line', () => {
    expect(prose('  one\n\n\ttwo \u001B[31mred\u001B[0m\u001B[2J ')).toBe('one two red\\x1b[2J');
  });

  test('are spelled out in blocks, which keep their lines', () => {
    expect(visibleBlock('\u001B[1mbold\u001B[22m\r\n50%\r100%\n\tx\u0007')).toBe('bold\n50%\n100%\n\tx\\x07');
  });

  test('never get through, whatever the text', () => {
    fc.assert(
      fc.property(ANY_TEXT, (text) => {
        for (const shown of [visible(text), prose(text), visibleBlock(text).replaceAll('\t', '')]) {
          expect(shown).not.toMatch(UNSAFE_FOR_TERMINAL);
        }
      }),
    );
  });
});

describe('bounds', () => {
  test('clip shortens by whole characters and says so', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('abcd', 4)).toBe('abcd');
    expect(clip('👍👍👍', 3)).toBe('👍👍👍');
    expect(clip('👍👍👍', 2)).toBe('👍…');
  });

  test('excerpt keeps the first lines and counts the rest', () => {
    expect(excerpt('\n\n  one\ntwo long\nthree\n\n', 2, 6)).toEqual({ lines: ['  one', 'two l…'], cutLines: 1 });
    expect(excerpt('', 2, 6)).toEqual({ lines: [], cutLines: 0 });
  });

  test('tail keeps the last lines and counts the rest', () => {
    expect(tail('one\ntwo\nthree\n\n', 2, 100)).toEqual({ lines: ['two', 'three'], cutLines: 1 });
    expect(tail('one\ntwo\nthree', 9, 7)).toEqual({ lines: ['…', 'three'], cutLines: 1 });
    expect(tail('', 2, 100).lines).toEqual([]);
  });
});

describe('HTML', () => {
  test.each(HOSTILE)('no text can open a tag, a comment or an entity, or leave an attribute: %#', (text) => {
    const escaped = escapeHtml(text);
    expect(escaped).not.toMatch(/[<>"']/);
    expect(escaped).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
    expect(escaped).not.toMatch(UNSAFE_FOR_TERMINAL);
  });
});

describe('Markdown code spans', () => {
  test.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`all`', '`` `all` ``'],
    ['``` `', '```` ``` ` ````'],
    ['a|b', '<code>a&#124;b</code>'],
    ['line\nbreak', '`line\\nbreak`'],
    ['', '<code></code>'],
    ['  ', '<code>&#32;&#32;</code>'],
  ])('%j becomes %s', (text, span) => {
    expect(markdownCode(text)).toBe(span);
  });

  /** What would end the span early, or end the line or the table cell it stands in. */
  function breaks(span: string): readonly string[] {
    if (span.startsWith('<code>')) return span.slice(6, -7).match(/[<>`|*_[\]\\\n]/g) ?? [];
    const [fence = ''] = /^`+/.exec(span) ?? [];
    const inside = span.endsWith(fence) ? span.slice(fence.length, -fence.length) : fence;
    const runs = inside.match(/`+/g) ?? [];
    return [...runs.filter((run) => run.length === fence.length), ...(inside.match(/[\n|]/g) ?? [])];
  }

  test('cannot be closed from inside', () => {
    expect([breaks('`a`b`'), breaks('`a|b`'), breaks('<code>a<b</code>')]).toEqual([['`'], ['|'], ['<']]);
    const text = fc.string({ unit: fc.constantFrom('`', 'a', ' ', '|', '<', '\n', '\\') });
    fc.assert(fc.property(text, (sample) => breaks(markdownCode(sample)).length === 0));
  });
});

describe('Markdown prose', () => {
  test.each([
    ['**bold** _it_ `code`', '\\*\\*bold\\*\\* \\_it\\_ \\`code\\`'],
    ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['[x](http://e.example)', '\\[x\\](http:<!-- -->//e.example)'],
    ['@octocat fixes #1, GH-2', '@<!-- -->octocat fixes #<!-- -->1, GH-<!-- -->2'],
    ['www.e.example', 'www<!-- -->.e.example'],
    ['a | b', 'a \\| b'],
  ])('%j becomes %s', (text, shown) => {
    expect(markdownText(text)).toBe(shown);
  });

  test.each([
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['+ item', '\\+ item'],
    ['1. item', '1\\. item'],
    ['12) item', '12\\) item'],
    ['===', '\\==='],
    ['---', '\\---'],
    ['    indented', 'indented'],
    ['words', 'words'],
  ])('%j at the start of a line becomes %s', (text, shown) => {
    expect(markdownLine(markdownText(text))).toBe(shown);
  });

  test('a fence is longer than anything in it', () => {
    expect(markdownFence('a\n`````\nb', 'text')).toBe('``````text\na\n`````\nb\n``````');
    expect(markdownFence('plain\n\n', '')).toBe('```\nplain\n```');
  });

  test('a fence of more than three ticks has no line that is a command to a forge', () => {
    expect(markdownFence('/usr/bin', '')).toBe('```\n/usr/bin\n```');
    expect(markdownFence('```\n/close\n/merge', '')).toBe('````\n```\n /close\n /merge\n````');
  });
});
