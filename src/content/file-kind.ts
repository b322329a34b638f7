/** What kind of file a path is, for readers of content. */
import { isTestPath } from '../core/test-path.ts';

/** How a language writes what readers look for. */
export interface Language {
  readonly name: 'javascript' | 'python' | 'go' | 'rust' | 'java' | 'ruby' | 'php' | 'c';
  /** Before the text of a comment that ends with its line. */
  readonly comment: '//' | '#';
}

const LANGUAGES: readonly (readonly [RegExp, Language])[] = [
  [/\.(?:[cm]?[jt]sx?|vue|svelte)$/i, { name: 'javascript', comment: '//' }],
  [/\.pyi?$/i, { name: 'python', comment: '#' }],
  [/\.go$/i, { name: 'go', comment: '//' }],
  [/\.rs$/i, { name: 'rust', comment: '//' }],
  [/\.(?:java|kts?|scala|groovy|cs)$/i, { name: 'java', comment: '//' }],
  [/\.(?:rb|rake)$/i, { name: 'ruby', comment: '#' }],
  [/\.php$/i, { name: 'php', comment: '//' }],
  [/\.(?:c|h|cc|cpp|cxx|hpp|m|mm|swift|dart)$/i, { name: 'c', comment: '//' }],
];

/** null: no source code that is known here. */
export function languageOf(path: string): Language | null {
  return LANGUAGES.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

const EXAMPLE =
  /(?:^|\/)(?:mocks?|__snapshots__|benchmarks?|bench|examples?|demos?|playgrounds?|samples?)\/|[._-](?:bench|stories)s?\.\w+$/i;

/** There repetition and printing are the custom. */
export function isTestOrExample(path: string): boolean {
  return isTestPath(path) || EXAMPLE.test(path);
}

const GENERATED_HEADER =
  /@generated\b|\bcode generated\b.{0,120}\bdo not edit\b|\b(?:auto(?:matically)?[- ]?)?generated\b.{0,200}\b(?:do not|don't) (?:edit|modify|change|touch)|\b(?:do not|don't) (?:edit|modify)\b.{0,200}\bgenerated\b/is;

/** A head of a file is what a tool writes first. */
export const HEAD_CHARACTERS = 1_000;

/** A tool says that it wrote this file. */
export function saysGenerated(text: string): boolean {
  return GENERATED_HEADER.test(text.slice(0, HEAD_CHARACTERS));
}

export function textOf(content: Uint8Array | null | undefined): string {
  return content == null ? '' : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
}
