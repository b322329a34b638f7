/** Bytes of a report to text. Reports come in whatever encoding the tool or the shell's redirection chose. */
import { VISIBLE_ESCAPE } from './excerpt.ts';

export type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unknown-encoding'; readonly label: string };

const DECLARATION_BYTES = 256;

function marked(bytes: Uint8Array): string | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  // Every report in these formats begins with an ASCII character, so a zero beside it gives UTF-16 away.
  if (a !== undefined && a !== 0 && b === 0) return 'utf-16le';
  if (a === 0 && b !== undefined && b !== 0) return 'utf-16be';
  return null;
}

function declared(bytes: Uint8Array): string | null {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION_BYTES));
  const label = /<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']+)["']/.exec(start)?.[1];
  if (label === undefined) return null;
  // The declaration was readable as single bytes, so it lies; .NET writes this into UTF-8 files.
  return /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function decodeAs(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A byte-order mark decides, then the XML declaration, then UTF-8. Bad bytes become U+FFFD: test output is noisy. */
export function decodeReport(bytes: Uint8Array): Decoded {
  const label = marked(bytes) ?? declared(bytes) ?? 'utf-8';
  const text = decodeAs(label, bytes);
  return text === null ? { kind: 'unknown-encoding', label } : { kind: 'text', text };
}

function isXmlChar(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

function visible(code: number): string {
  return code === 0x1b ? VISIBLE_ESCAPE : '\uFFFD';
}

/**
 * Replaces what XML forbids but test runners write (escape sequences, NUL, references to them). Replaced and never removed:
 * `]` + NUL + `]>` inside a CDATA section would become its end, and test output could then write markup of its own.
 */
export function toleratedXml(text: string): string {
  const raw = text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, (char) =>
    visible(char.charCodeAt(0)),
  );
  if (!raw.includes('&#')) return raw;
  return raw.replace(/&#(?:x([0-9a-f]+)|([0-9]+));/gi, (reference: string, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return isXmlChar(code) ? reference : visible(code);
  });
}
