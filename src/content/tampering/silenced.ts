/** New comments and casts that keep a tool from looking: more of a kind in a file than there were. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import { readingOf } from './languages.ts';
import type { ReadChange, ReadFile } from './reading.ts';
import { sightingIn } from './reading.ts';

const SILENCERS: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'a linter is told to look away',
    /\b(?:eslint|oxlint|biome|tslint|stylelint|deno-lint|rubocop|pylint|phpcs)[-:](?:disable|ignore)\b|\bbiome-ignore\b|#\s*(?:noqa|ruff:\s*noqa|flake8:\s*noqa|nosec|fmt:\s*off)\b|\/\/\s*nolint\b|\/\/\s*NOSONAR|#!?\[allow\(|@SuppressWarnings\b|#pragma warning disable|\[SuppressMessage\b|@(?:phpstan|psalm)-(?:ignore|suppress)\b|\/\/\s*noinspection\b/i,
  ],
  [
    'a compiler is told to look away',
    /@ts-(?:ignore|expect-error|nocheck)\b|#\s*(?:type|mypy|pyright|pyre)\s*:\s*ignore|\bas any\b|\bas unknown as\b|#\s*type:\s*ignore/,
  ],
  [
    'coverage is told to look away',
    /\b(?:istanbul|c8|v8|node:coverage)\s+(?:ignore|disable)\b|#\s*pragma:?\s*no\s*cover\b|\/\/\s*:nocov:|#\s*:nocov:|@codeCoverageIgnore|\[ExcludeFromCodeCoverage\]|coverage\(off\)/i,
  ],
];

function silencedIn({ path, content }: ReadFile): readonly ContentSighting[] {
  if (readingOf(path) === null) return [];
  return SILENCERS.flatMap(([what, pattern]) => {
    const fresh = content.added.filter(({ text }) => pattern.test(text));
    const before = content.removed.filter(({ text }) => pattern.test(text)).length;
    return fresh
      .slice(before)
      .map(({ line, text }) =>
        sightingIn('checks-silenced', path, { side: 'added', line }, `${what}: ${shown(text.trim())}`),
      );
  });
}

export function silencers({ files }: ReadChange): readonly ContentSighting[] {
  return files.flatMap(silencedIn);
}
