/** House style as a test, with the remedy in the message. */
import { readFileSync, globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const product = globSync('src/**/*.ts').filter((path) => !path.endsWith('.test.ts'));

interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  readonly canary: string;
}

const RULES: readonly Rule[] = [
  { what: 'unfinished work', pattern: /\b(TODO|FIXME|XXX|not implemented)\b/, canary: '// TODO later' },
  { what: 'module-level mutable state', pattern: /^(export )?let /m, canary: 'let count = 0;' },
  { what: 'an enum or namespace', pattern: /^(export )?(const )?(enum|namespace) /m, canary: 'export enum A {}' },
  { what: 'a default export', pattern: /^export default /m, canary: 'export default 1;' },
  { what: 'a shell option for spawn', pattern: /\bshell: true\b/, canary: 'spawn(a, { shell: true })' },
  { what: 'an ignored error', pattern: /catch\s*(\(\w*\))?\s*\{\s*\}/, canary: 'try { x() } catch {}' },
  { what: 'a suppressed type error', pattern: /@ts-(ignore|expect-error|nocheck)/, canary: '// @ts-ignore' },
  { what: 'any', pattern: /\bas any\b|: any\b/, canary: 'const x = y as any;' },
];

function filesWith(pattern: RegExp): string[] {
  return product.filter((path) => pattern.test(readFileSync(path, 'utf8')));
}

describe('tidy', () => {
  it('looked at the product', () => {
    expect(product.length).toBeGreaterThan(60);
  });

  it.each(RULES)('finds no $what', ({ pattern }) => {
    expect(filesWith(pattern)).toEqual([]);
  });

  it.each(RULES)('canary: would find $what', ({ pattern, canary }) => {
    expect(pattern.test(canary)).toBe(true);
  });

  it('keeps the heart readable in one sitting: evolve, decide and judge under 600 lines together', () => {
    const lines = ['evolve', 'decide', 'judge'].map(
      (name) => readFileSync(`src/core/${name}.ts`, 'utf8').trimEnd().split('\n').length,
    );
    expect(lines.every((count) => count > 50)).toBe(true);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(600);
  });

  it('has no room called utils, helpers, common or misc', () => {
    expect(product.filter((path) => /\/(utils?|helpers?|common|misc|shared)(\/|\.ts$)/.test(path))).toEqual([]);
  });

  it('keeps the same file names in every plugin folder', () => {
    for (const kind of ['drivers', 'checks', 'sandboxes', 'store', 'forges', 'migrations']) {
      const folders = globSync(`src/${kind}/*/`).map((path) => path.replace(/\/$/, ''));
      expect(folders.length).toBeGreaterThan(1);
      for (const folder of folders) expect(globSync(`${folder}/index.ts`)).toHaveLength(1);
    }
  });
});
