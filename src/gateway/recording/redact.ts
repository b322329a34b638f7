/** Known secrets, taken out of what is about to be recorded. Exact values only; shapes of secrets are another's business. */

const REPLACEMENT = Buffer.from('[redacted by loopwright]').toString('latin1');

/** A base64 form shorter than this would be found in innocent text. */
const LEAST_BASE64_CHARS = 10;

/**
 * What an escape begins with in a JSON string, and in one inside it down to the fourth. Bounded, so that megabytes of
 * backslashes cost no more than other bytes.
 */
const ESCAPE = String.raw`\\{1,15}`;
const ESCAPED_BACKSLASH = String.raw`\\{1,16}`;

function literal(char: string): string {
  return char.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function hex(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0');
  return text.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Short escapes of JSON (RFC 8259, section 7). */
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '"': '"',
  '/': String.raw`\/`,
};

/** One character in every form it may take in a JSON string, a URL or plain text. Over bytes read as Latin-1. */
function charForms(char: string): string {
  const units = Array.from({ length: char.length }, (_, at) => `${ESCAPE}u${hex(char.charCodeAt(at), 4)}`).join('');
  if (char === '\\') return `(?:${units}|%5[cC]|${ESCAPED_BACKSLASH})`;
  const plain = [...Buffer.from(char)].map((byte) => `(?:${literal(String.fromCharCode(byte))}|%${hex(byte, 2)})`);
  const short = SHORT_ESCAPES[char];
  const forms = [plain.join(''), units, ...(short === undefined ? [] : [`${ESCAPE}${short}`])];
  // A form field may write a blank as a plus.
  return `(?:${[...forms, ...(char === ' ' ? [String.raw`\+`] : [])].join('|')})`;
}

const BASE64_FORMS: Readonly<Record<string, string>> = {
  '+': String.raw`(?:\+|-|%2[bB]|\\{1,15}u002[bB])`,
  '/': String.raw`(?:\\{0,15}\/|_|%2[fF]|\\{1,15}u002[fF])`,
};

/** The base64 letters that the secret alone decides, behind 0, 1 and 2 other bytes (`user:` before it). */
function base64Forms(secret: string): readonly string[] {
  const length = Buffer.byteLength(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString('base64');
    const decided = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + length) * 8) / 6));
    if (decided.length < LEAST_BASE64_CHARS) return [];
    return [Array.from(decided, (letter) => BASE64_FORMS[letter] ?? letter).join('')];
  });
}

/**
 * Replaces each secret by a mark, in the bytes of any text: as it is, percent-encoded in whole or in part, with any of its
 * characters escaped as in JSON (also JSON inside JSON), and in base64 or base64url at any alignment. Rejects an empty secret
 * with a `RangeError`. Where nothing is found the very same bytes come back.
 */
export function createRedaction(secrets: readonly string[]): (bytes: Uint8Array) => Uint8Array {
  if (secrets.includes('')) throw new RangeError('a secret to redact cannot be empty');
  // Longer ones first: a secret may begin with another.
  const forms = secrets
    .toSorted((a, b) => b.length - a.length)
    .flatMap((secret) => [Array.from(secret, charForms).join(''), ...base64Forms(secret)]);
  if (forms.length === 0) return (bytes) => bytes;
  const pattern = new RegExp(forms.join('|'), 'g');
  return (bytes) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const redacted = text.replace(pattern, REPLACEMENT);
    return redacted === text ? bytes : Buffer.from(redacted, 'latin1');
  };
}
