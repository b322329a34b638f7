import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addedFile, changedFile, contentOf } from '../../../test/fixtures/content.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { fingerprints, RUN_TOKENS } from './fingerprints.ts';
import { readDuplicates } from './index.ts';
import { tokensOf } from './tokens.ts';

const BODY = `export function parseHeader(text: string, limit: number): Header | null {
  const lines = text.split('\\n');
  const found: string[] = [];
  for (const line of lines) {
    if (line.length > limit) return null;
    const at = line.indexOf(':');
    if (at < 0 || line.startsWith('#')) continue;
    found.push(line.slice(0, at).trim());
  }
  if (found.length === 0) throw new Error('empty');
  return { names: found, count: found.length + 1 };
}
`;

const RENAMED = BODY.replaceAll('parseHeader', 'readTop')
  .replaceAll('lines', 'rows')
  .replaceAll('found', 'seen')
  .replaceAll('limit', 'most')
  .replaceAll("'empty'", "'nothing here'");

const OTHER = `export class Store {
  private readonly items = new Map<string, number>();
  add(name: string): void {
    this.items.set(name, (this.items.get(name) ?? 0) + 1);
  }
  get size(): number {
    return [...this.items.values()].reduce((sum, one) => sum + one, 0);
  }
  async save(): Promise<void> {
    await write('file', JSON.stringify([...this.items]));
  }
}
`;

async function seen(
  files: readonly ChangedContent[],
  around: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  return (await readDuplicates(contentOf(files, around))).map(
    ({ path, line, message }) => `${path}:${line ?? '-'} ${message}`,
  );
}

describe('code that is there already', () => {
  it.each([
    ['as it is', BODY],
    ['with other names and texts', RENAMED],
    ['laid out otherwise', RENAMED.replaceAll('  ', '\t').replaceAll(';\n', ';\n\n')],
    ['with comments', RENAMED.replaceAll(';\n', '; // why\n')],
  ])('is told of: %s', async (_, copy) => {
    const sightings = await seen([addedFile('src/b.ts', `${OTHER}${copy}`)], { 'src/a.ts': `const a = 1;\n${BODY}` });
    expect(sightings).toEqual([
      expect.stringMatching(/^src\/b\.ts:1[3-5] begins \d+ lines that are those at src\/a\.ts:[2-4], but/),
    ]);
  });

  it('in the same change, and in the same file', async () => {
    expect(await seen([addedFile('src/a.ts', BODY), addedFile('src/b.ts', RENAMED)])).toHaveLength(1);
    expect(await seen([changedFile('src/a.ts', BODY, `${BODY}${OTHER}${RENAMED}`)])).toEqual([
      expect.stringContaining('those at src/a.ts:1'),
    ]);
  });

  it.each([
    ['moved', [changedFile('src/a.ts', BODY, 'const a = 1;\n'), addedFile('src/b.ts', BODY)], {}],
    ['of its own', [addedFile('src/b.ts', OTHER)], { 'src/a.ts': BODY }],
    ['in another directory', [addedFile('lib/b.ts', BODY)], { 'src/a.ts': BODY }],
    ['copied before', [changedFile('src/b.ts', RENAMED, `${RENAMED}const a = 1;\n`)], { 'src/a.ts': BODY }],
    ['a test', [addedFile('src/b.test.ts', BODY)], { 'src/a.ts': BODY }],
    ['short', [addedFile('src/b.ts', BODY.split('\n').slice(0, 5).join('\n'))], { 'src/a.ts': BODY }],
    [
      'a table of values',
      [addedFile('src/b.ts', `export const B = [\n${"  ['b', 2],\n".repeat(60)}];\n`)],
      { 'src/a.ts': `export const A = [\n${"  ['a', 1],\n".repeat(60)}];\n` },
    ],
    [
      'imports',
      [addedFile('src/b.ts', "import { a } from 'b';\n".repeat(40))],
      { 'src/a.ts': "import { c } from 'd';\n".repeat(40) },
    ],
  ] as const)('is not told of where it is %s', async (_, files, around) => {
    expect(await seen(files, around)).toEqual([]);
  });
});

describe('fingerprints', () => {
  const tokens = tokensOf(BODY, { name: 'javascript', comment: '//' });

  it('of a text are among those of any text it stands in, but for its ends', () => {
    const whole = new Set(
      fingerprints(tokensOf(`${OTHER}${RENAMED}${OTHER}`, { name: 'javascript', comment: '//' })).map(
        ({ hash }) => hash,
      ),
    );
    const own = fingerprints(tokens);
    expect(own.length).toBeGreaterThan(3);
    expect(own.filter(({ hash }) => whole.has(hash)).length).toBeGreaterThanOrEqual(own.length - 2);
  });

  it('do not depend on what stood before: the hash that rolls is the hash of the run', () => {
    fc.assert(
      fc.property(fc.nat({ max: tokens.length - RUN_TOKENS - 12 }), (from) => {
        const rest = fingerprints(tokens.slice(from));
        const all = new Map(fingerprints(tokens).map(({ at, hash }) => [at, hash]));
        for (const { at, hash } of rest) {
          const same = all.get(at + from);
          if (same !== undefined) expect(hash).toBe(same);
        }
        expect(rest.some(({ at }) => all.has(at + from))).toBe(true);
      }),
    );
  });

  it('of whatever text are made in the end', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.constantFrom('//' as const, '#' as const), (text, comment) => {
        for (const { line } of tokensOf(text, { name: 'javascript', comment })) {
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      }),
    );
  });
});
