/** Archives as package registries serve them, made in memory: a registry needs no files, and no test a program for it. */
import { crc32, gzipSync } from 'node:zlib';

export type Files = Readonly<Record<string, string>>;

function tarEntry(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const head = Buffer.alloc(512);
  head.write(name, 0);
  const fields = [
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${content.length.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\0'],
    [263, '00'],
  ] as const;
  for (const [at, words] of fields) head.write(words, at);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A gzipped ustar archive. Names up to 100 bytes. */
export function tarball(files: Files): Buffer {
  const entries = Object.entries(files).map(([name, text]) => tarEntry(name, text));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1_024)]));
}

/** Numbers little endian, each with its width in bytes. */
function pack(...fields: readonly (readonly [value: number, bytes: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );
}

/** First of January 1980, where the format begins. */
const DATE = 0x21;

/** A zip archive, stored and not compressed (APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). */
export function zip(files: Files): Buffer {
  const [local, central]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [title, content] = [Buffer.from(name), Buffer.from(text)];
    const both = pack(
      [20, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [DATE, 2],
      [crc32(content), 4],
      [content.length, 4],
      [content.length, 4],
      [title.length, 2],
      [0, 2],
    );
    const entry = Buffer.concat([pack([0x04034b50, 4]), both, title, content]);
    const rest = pack([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]);
    central.push(pack([0x02014b50, 4], [20, 2]), both, rest, title);
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const count = Object.keys(files).length;
  const end = pack([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [directory.length, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...local, directory, end]);
}
