/** What a file is by its first bytes (file(1), `magic`). Pictures and fonts are content, and not among them. */

interface Magic {
  readonly at: number;
  readonly bytes: readonly number[];
  readonly what: string;
}

function bytesOf(text: string): readonly number[] {
  return Array.from(Buffer.from(text, 'latin1'));
}

const MAGIC: readonly Magic[] = [
  { at: 0, bytes: bytesOf('\u007fELF'), what: 'a compiled program' },
  { at: 0, bytes: bytesOf('MZ'), what: 'a compiled program' },
  { at: 0, bytes: [0xfe, 0xed, 0xfa, 0xce], what: 'a compiled program' },
  { at: 0, bytes: [0xfe, 0xed, 0xfa, 0xcf], what: 'a compiled program' },
  { at: 0, bytes: [0xce, 0xfa, 0xed, 0xfe], what: 'a compiled program' },
  { at: 0, bytes: [0xcf, 0xfa, 0xed, 0xfe], what: 'a compiled program' },
  { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe], what: 'a compiled program' },
  { at: 0, bytes: [0, 0x61, 0x73, 0x6d], what: 'a compiled program' },
  { at: 0, bytes: bytesOf('!<arch>\n'), what: 'a compiled library' },
  { at: 0, bytes: [0x50, 0x4b, 3, 4], what: 'an archive' },
  { at: 0, bytes: [0x1f, 0x8b], what: 'an archive' },
  { at: 0, bytes: bytesOf('BZh'), what: 'an archive' },
  { at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], what: 'an archive' },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'an archive' },
  { at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], what: 'an archive' },
  { at: 0, bytes: bytesOf('Rar!'), what: 'an archive' },
  { at: 257, bytes: bytesOf('ustar'), what: 'an archive' },
  { at: 0, bytes: bytesOf('SQLite format 3\0'), what: 'a database' },
];

/** A short text may begin with the letters of a short magic; what a tool made holds a NUL. */
const NUL_WITHIN_BYTES = 8_192;

/** null: nothing that is known here. */
export function binaryKind(content: Uint8Array): string | null {
  if (!content.subarray(0, NUL_WITHIN_BYTES).includes(0) && content[0] !== 0x1f) return null;
  const found = MAGIC.find(({ at, bytes }) => bytes.every((byte, index) => content[at + index] === byte));
  return found?.what ?? null;
}
