import { hash as hashOf } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { piecesOf } from './pieces.ts';
import { decodeRecipe, encodeRecipe } from './recipe.ts';
import type { Entry } from './recipe.ts';
import { createRecording } from './recording.ts';
import type { Recording } from './recording.ts';

interface Shelf {
  readonly blobs: Map<string, Uint8Array>;
  readonly recording: Recording;
  /** What the blobs take as the store packs them. */
  storedBytes(): number;
}

function createShelf(): Shelf {
  const blobs = new Map<string, Uint8Array>();
  const recording = createRecording({
    async putBlobs(many) {
      return many.map((bytes) => {
        const hash = hashOf('sha256', bytes);
        if (!blobs.has(hash)) blobs.set(hash, Uint8Array.from(bytes));
        return hash;
      });
    },
    async getBlob(hash) {
      const bytes = blobs.get(hash);
      if (bytes === undefined) throw new Error(`no blob ${hash}`);
      return bytes;
    },
  });
  const packed = (bytes: Uint8Array): number => Math.min(bytes.length, zstdCompressSync(bytes).length);
  return { blobs, recording, storedBytes: () => [...blobs.values()].reduce((sum, bytes) => sum + packed(bytes), 0) };
}

async function roundTrip(bytes: Uint8Array): Promise<Uint8Array> {
  const { recording } = createShelf();
  return recording.rebuild((await recording.record(bytes)).recipe);
}

function joined(bytes: Uint8Array): Uint8Array {
  return Buffer.concat(piecesOf(bytes).map(({ start, end }) => bytes.subarray(start, end)));
}

const WORDS = 'function return const await import type the of module error test value file line result'.split(' ');

/** Text that compresses like code; the same for the same number. */
function prose(seed: number, bytes: number): string {
  let state = seed * 2_654_435_761 + 1;
  let text = '';
  while (text.length < bytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${WORDS[state % WORDS.length] ?? ''}${state % 7 === 0 ? `_${state % 1_000}` : ''} `;
  }
  return text.slice(0, bytes);
}

const TOOLS = Array.from({ length: 18 }, (_, at) => ({
  name: `tool${at}`,
  description: prose(1_000 + at, 1_800),
  input_schema: { type: 'object', properties: { path: { type: 'string', description: prose(at, 300) } } },
}));

/** As Claude Code sends: the cache mark moves to the last message with each turn, tools come after the messages. */
function prompt(turns: number): Uint8Array {
  const messages = Array.from({ length: turns * 2 + 1 }, (_, at) => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: [
      {
        type: 'text',
        text: prose(at, at === 0 ? 30_000 : 1_000 + ((at * 7_919) % 3_000)),
        ...(at === turns * 2 ? { cache_control: { type: 'ephemeral' } } : {}),
      },
    ],
  }));
  const system = [{ type: 'text', text: prose(77, 14_000), cache_control: { type: 'ephemeral' } }];
  const body = { model: 'claude-opus-4-8', messages, system, tools: TOOLS, metadata: { user_id: 'u' }, stream: true };
  return Buffer.from(JSON.stringify(body));
}

/** A JSON text with everything a client may write and nobody should. */
const oddJson = fc
  .letrec<{ value: string; list: string; object: string; text: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      tie('text'),
      fc.constantFrom('1', '-0', 'null', ' true\n'),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 6 }).map((values) => `[ ${values.join(' ,\t')} ]`),
    object: fc
      .array(fc.tuple(tie('text'), tie('value')), { maxLength: 5 })
      .map((pairs) => `{${pairs.map(([key, value]) => `${key}:\r\n${value}`).join(',')}}`),
    text: fc.oneof(
      fc.string().map((text) => JSON.stringify(text)),
      fc.constantFrom(String.raw`"\\\\"`, String.raw`"a\"],[{\\"`, String.raw`"\ud800\u0000\/"`, '"same"'),
      fc.integer({ min: 0, max: 3_000 }).map((length) => JSON.stringify('x"\\'.repeat(length))),
    ),
  }))
  .object.map((text) => Buffer.from(text));

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }),
  fc
    .array(fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', 'x'.repeat(300), 'y'.repeat(1_500), '\u00ff', ' '), {
      maxLength: 200,
    })
    .map((parts) => Buffer.from(parts.join(''), 'latin1')),
  oddJson,
);

describe('a body', () => {
  it('is the pieces it is cut into, in order and without gaps', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const pieces = piecesOf(bytes);
        expect(Buffer.from(joined(bytes)).equals(bytes)).toBe(true);
        pieces.forEach(({ start, end }, at) => {
          expect(end).toBeGreaterThan(start);
          expect(start).toBe(pieces[at - 1]?.end ?? 0);
        });
      }),
    );
  });

  it('is rebuilt byte for byte, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, async (bytes) => {
        expect(Buffer.from(await roundTrip(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('is rebuilt when it holds many elements, so that recipes hold recipes', async () => {
    const bytes = prompt(400);
    const { recording, blobs } = createShelf();
    const { recipe, references, bytes: length } = await recording.record(bytes);
    expect(Buffer.from(await recording.rebuild(recipe)).equals(bytes)).toBe(true);
    expect(length).toBe(bytes.length);
    expect(new Set(references)).toEqual(new Set(blobs.keys()));
    expect(decodeRecipe(blobs.get(recipe) ?? new Uint8Array(), recipe).some(({ kind }) => kind === 'recipe')).toBe(
      true,
    );
  });

  it('is rebuilt from the store by another process that opens it later', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'loopwright-recording-'));
    const file = join(directory, 'loopwright.db');
    const first = await openSqliteStore({ file, now: () => 1 });
    const recording = createRecording(first);
    const recipes = [];
    for (const turns of [0, 1, 40]) recipes.push((await recording.record(prompt(turns))).recipe);
    await first.close();
    const second = await openSqliteStore({ file, now: () => 2 });
    const later = createRecording(second);
    const rebuilt = await Promise.all(recipes.map((recipe) => later.rebuild(recipe)));
    expect(rebuilt.map((bytes) => hashOf('sha256', bytes))).toEqual(
      [0, 1, 40].map((turns) => hashOf('sha256', prompt(turns))),
    );
    await expect(later.rebuild('0'.repeat(64))).rejects.toMatchObject({ code: 'LW_BLOB_MISSING' });
    await second.close();
    rmSync(directory, { recursive: true });
  });

  it('names what an event has to name once', async () => {
    const { recording, blobs } = createShelf();
    const first = await recording.record(prompt(3));
    const again = await recording.record(prompt(3));
    const next = await recording.record(prompt(4));
    expect(first.newReferences).toEqual(first.references);
    expect(again).toEqual({ ...first, newReferences: [] });
    expect(next.newReferences.length).toBeLessThan(next.references.length / 2);
    expect(new Set([...first.references, ...next.newReferences])).toEqual(new Set(blobs.keys()));
  });

  it('that is empty, or nothing but an answer, is one too', async () => {
    expect(await roundTrip(new Uint8Array())).toHaveLength(0);
    const answer = Buffer.from(`event: message_start\ndata: {"a":[1,2]}\n\n`.repeat(200));
    expect(piecesOf(answer)).toHaveLength(1);
    expect(Buffer.from(await roundTrip(answer)).equals(answer)).toBe(true);
  });
});

describe('the prompts of a loop', () => {
  it('share their pieces: fifty of them take less than a twentieth', async () => {
    const shelf = createShelf();
    let rawBytes = 0;
    for (let turns = 0; turns < 50; turns += 1) {
      const bytes = prompt(turns);
      rawBytes += bytes.length;
      await shelf.recording.record(bytes);
    }
    expect(prompt(0).length).toBeGreaterThan(80_000);
    expect(shelf.storedBytes() * 20).toBeLessThan(rawBytes);
  });

  it('canary: the same prompts whole take far more', () => {
    const whole = Array.from({ length: 10 }, (_, turns) => prompt(turns));
    const packed = whole.reduce((sum, bytes) => sum + zstdCompressSync(bytes).length, 0);
    expect(packed * 10).toBeGreaterThan(whole.reduce((sum, bytes) => sum + bytes.length, 0));
  });

  it('one more turn adds its own text and about two kilobytes of recipe', async () => {
    const shelf = createShelf();
    await shelf.recording.record(prompt(150));
    const before = new Map(shelf.blobs);
    await shelf.recording.record(prompt(151));
    const added = [...shelf.blobs].filter(([hash]) => !before.has(hash)).map(([, bytes]) => bytes);
    const recipes = added.filter((bytes) => Buffer.from(bytes.subarray(0, 4)).equals(Buffer.from('LWR1')));
    expect(added.length).toBeLessThan(12);
    // The message that was the last one lost its cache mark; its text is not stored again.
    expect(added.filter((bytes) => Buffer.from(bytes).includes(prose(300, 500)))).toEqual([]);
    expect(added.filter((bytes) => Buffer.from(bytes).includes(prose(302, 500)))).toHaveLength(1);
    expect(recipes.reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThan(4_000);
  });
});

describe('hostile bodies', () => {
  it('of a hundred megabytes are cut into few pieces', () => {
    const filled = (size: number, begin: string, fill: string): Buffer => {
      const bytes = Buffer.alloc(size, fill);
      bytes.write(begin);
      return bytes;
    };
    const list = filled(100 * 1024 * 1024, '[', '1,');
    const open = filled(20 * 1024 * 1024, '[', '[');
    const quotes = filled(20 * 1024 * 1024, '[ ', String.raw`"\\",`);
    const text = filled(20 * 1024 * 1024, '{"', String.raw`\"`);
    for (const bytes of [list, open, quotes, text]) {
      const pieces = piecesOf(bytes);
      expect(pieces.length).toBeLessThan(2_000);
      expect(pieces.at(-1)?.end).toBe(bytes.length);
    }
  }, 60_000);

  it('that nest without end overflow nothing', async () => {
    const deep = Buffer.from(`{"messages":[${'[{"a":'.repeat(100_000)}`);
    expect(Buffer.from(await roundTrip(deep)).equals(deep)).toBe(true);
  });
});

describe('a recipe', () => {
  const someHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const entry: fc.Arbitrary<Entry> = fc.oneof(
    fc.record({
      kind: fc.constant('inline' as const),
      bytes: fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
    }),
    fc.record({ kind: fc.constantFrom('blob' as const, 'recipe' as const), hash: someHash, length: fc.nat(2 ** 50) }),
  );

  it('reads as it was written', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(decodeRecipe(encodeRecipe(entries), 'x')).toEqual(entries);
      }),
    );
  });

  it('that is damaged is refused by code, never read as something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const damaged of [bytes, Buffer.concat([Buffer.from('LWR1'), bytes])]) {
          try {
            expect(Buffer.from(encodeRecipe(decodeRecipe(damaged, 'x'))).length).toBeLessThanOrEqual(damaged.length);
          } catch (error) {
            expect(error).toMatchObject({ code: 'LW_BLOB_MISSING' });
          }
        }
      }),
    );
  });

  it('that names a blob of another length, or itself, is refused', async () => {
    const { recording, blobs } = createShelf();
    const hash = hashOf('sha256', 'abc');
    blobs.set(hash, Buffer.from('abc'));
    blobs.set('long', encodeRecipe([{ kind: 'blob', hash, length: 4 }]));
    const loop = '0'.repeat(64);
    blobs.set(loop, encodeRecipe([{ kind: 'recipe', hash: loop, length: 1 }]));
    await expect(recording.rebuild('long')).rejects.toMatchObject({ code: 'LW_BLOB_MISSING' });
    await expect(recording.rebuild(loop)).rejects.toMatchObject({ code: 'LW_BLOB_MISSING' });
  });
});
