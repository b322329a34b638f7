/** The first words of a TLS client (RFC 8446, section 4.1.2), read as far as the name it asks for. Pure. */

export type Hello =
  /** Not all of it is there yet. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'hello'; readonly serverName: string | null; readonly encrypted: boolean }
  | { readonly kind: 'other'; readonly problem: string };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
/** `encrypted_client_hello`: the name that counts would be hidden. */
const ENCRYPTED_HELLO = 0xfe0d;

/** A hello with post-quantum keys has some 2 KB; what is longer is not a client's. */
export const MAX_HELLO_BYTES: number = 16 * 1024;

const other = (problem: string): Hello => ({ kind: 'other', problem });

/** Reads numbers and slices; `bad` once anything does not fit. */
function createReader(bytes: Buffer): {
  readonly bad: () => boolean;
  readonly left: () => number;
  readonly number: (size: 1 | 2 | 3) => number;
  readonly block: (size: number) => Buffer;
} {
  let at = 0;
  let broken = false;
  const block = (size: number): Buffer => {
    if (at + size > bytes.length) broken = true;
    const slice = bytes.subarray(at, at + size);
    at += size;
    return slice;
  };
  return {
    bad: () => broken,
    left: () => Math.max(0, bytes.length - at),
    number: (size) => {
      const slice = block(size);
      return slice.length < size ? 0 : slice.readUIntBE(0, size);
    },
    block,
  };
}

/** The handshake, out of however many records it was cut into. */
function handshakeOf(bytes: Buffer): { readonly whole: Buffer | null; readonly problem: string | null } {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== HANDSHAKE) return { whole: null, problem: 'it does not begin with TLS' };
    if (bytes.length < at + 5) break;
    if (bytes[at + 1] !== 3) return { whole: null, problem: 'it is no TLS that is known' };
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0) return { whole: null, problem: 'it has an empty record' };
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  const joined = Buffer.concat(parts);
  if (joined.length > 0 && joined[0] !== CLIENT_HELLO)
    return { whole: null, problem: 'it does not begin with a client hello' };
  if (joined.length < 4) return { whole: null, problem: null };
  const wanted = 4 + joined.readUIntBE(1, 3);
  if (wanted > MAX_HELLO_BYTES) return { whole: null, problem: 'its client hello is too long' };
  return { whole: joined.length < wanted ? null : joined.subarray(4, wanted), problem: null };
}

/** The one host name of the extension; null where it is not exactly one. */
function serverNameIn(extension: Buffer): string | null {
  const reader = createReader(extension);
  const list = createReader(reader.block(reader.number(2)));
  const type = list.number(1);
  const name = list.block(list.number(2));
  const exact = !reader.bad() && !list.bad() && reader.left() === 0 && list.left() === 0;
  return exact && type === 0 ? name.toString('latin1') : null;
}

/** Nothing is taken on trust: lengths have to fit exactly, and no extension may stand twice. */
export function readClientHello(bytes: Buffer): Hello {
  const { whole, problem } = handshakeOf(bytes);
  if (problem !== null) return other(problem);
  if (whole === null)
    return bytes.length > MAX_HELLO_BYTES ? other('its client hello is too long') : { kind: 'partial' };
  const reader = createReader(whole);
  reader.block(2 + 32);
  reader.block(reader.number(1));
  reader.block(reader.number(2));
  reader.block(reader.number(1));
  const extensions = createReader(reader.block(reader.number(2)));
  if (reader.bad() || reader.left() > 0) return other('its client hello cannot be read');
  const seen = new Set<number>();
  let serverName: string | null = null;
  while (extensions.left() > 0) {
    const type = extensions.number(2);
    const body = extensions.block(extensions.number(2));
    if (extensions.bad() || seen.has(type)) return other('its client hello cannot be read');
    seen.add(type);
    if (type === SERVER_NAME) serverName = serverNameIn(body);
  }
  return { kind: 'hello', serverName, encrypted: seen.has(ENCRYPTED_HELLO) };
}
