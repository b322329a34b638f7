/**
 * Signatures as `ssh-keygen -Y sign` makes them (OpenSSH, PROTOCOL.sshsig, version 1), with Ed25519 keys. The same bytes
 * can be checked without loopwright: `ssh-keygen -Y verify`. Pure; every other spelling of a signature is refused, so one
 * that was touched anywhere does not hold.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

export const NAMESPACE = 'loopwright';
export const KEY_TYPE = 'ssh-ed25519';

const MAGIC = 'SSHSIG';
const VERSION = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Far above the 400 or so characters of a real one. */
const MAX_ARMOUR = 4_000;
const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
/** As OpenSSH breaks them. */
const LINE = 70;

function sshString(bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

interface Reader {
  /** null when there is not that much. */
  string(): Buffer | null;
  take(count: number): Buffer | null;
  atEnd(): boolean;
}

function readFrom(bytes: Buffer): Reader {
  let at = 0;
  const take = (count: number): Buffer | null => {
    if (bytes.length - at < count) return null;
    at += count;
    return bytes.subarray(at - count, at);
  };
  return {
    take,
    string() {
      const length = take(4)?.readUInt32BE() ?? null;
      return length === null ? null : take(length);
    },
    atEnd: () => at === bytes.length,
  };
}

/** The public key as SSH writes it, from its 32 bytes. */
export function keyBlob(raw: Uint8Array): Buffer {
  return Buffer.concat([sshString(KEY_TYPE), sshString(raw)]);
}

/** The 32 bytes of an Ed25519 key; null for anything else. */
export function rawKey(blob: Buffer): Buffer | null {
  const reader = readFrom(blob);
  if (reader.string()?.toString('latin1') !== KEY_TYPE) return null;
  const raw = reader.string();
  return raw?.length === KEY_BYTES && reader.atEnd() ? raw : null;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

type HashName = 'sha256' | 'sha512';

/** What the key signs for a text. */
export function signedBytes(text: string, hash: HashName): Buffer {
  const digest = createHash(hash).update(text, 'utf8').digest();
  return Buffer.concat([Buffer.from(MAGIC), sshString(NAMESPACE), sshString(''), sshString(hash), sshString(digest)]);
}

export interface SshSignature {
  /** Of the public key. */
  readonly blob: Buffer;
  readonly hash: HashName;
  /** 64 bytes. */
  readonly signature: Buffer;
}

export function armoured({ blob, hash, signature }: SshSignature): string {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(VERSION);
  const body = Buffer.concat([
    Buffer.from(MAGIC),
    version,
    sshString(blob),
    sshString(NAMESPACE),
    sshString(''),
    sshString(hash),
    sshString(Buffer.concat([sshString(KEY_TYPE), sshString(signature)])),
  ]);
  const lines = body.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [BEGIN, ...lines, END].join('\n');
}

function innerSignature(bytes: Buffer | null): Buffer | null {
  if (bytes === null) return null;
  const reader = readFrom(bytes);
  if (reader.string()?.toString('latin1') !== KEY_TYPE) return null;
  const raw = reader.string();
  return raw?.length === SIGNATURE_BYTES && reader.atEnd() ? raw : null;
}

/** The parts of the armour, whatever they say; null where it is cut short or longer. */
function partsOf(bytes: Buffer): SshSignature | null {
  const reader = readFrom(bytes);
  reader.take(MAGIC.length + 4);
  const blob = reader.string();
  reader.string();
  reader.string();
  const hash = reader.string()?.toString('latin1');
  const signature = innerSignature(reader.string());
  if (blob === null || signature === null || rawKey(blob) === null) return null;
  return hash === 'sha256' || hash === 'sha512' ? { blob, hash, signature } : null;
}

/**
 * null for what is no such signature, or is spelled in another way than the one above: it is written again from its parts
 * and compared, which also is the test of everything that is the same in all of them.
 */
export function parseArmoured(text: string): SshSignature | null {
  if (text.length > MAX_ARMOUR || !text.startsWith(BEGIN) || !text.endsWith(END)) return null;
  const parts = partsOf(Buffer.from(text.slice(BEGIN.length, -END.length), 'base64'));
  return parts !== null && armoured(parts) === text ? parts : null;
}

/** Whether the key that the signature names signed exactly this text. Whose key it is, is another question. */
export function holdsFor(text: string, { blob, hash, signature }: SshSignature): boolean {
  const raw = rawKey(blob);
  if (raw === null) return false;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return verify(null, signedBytes(text, hash), createPublicKey({ key: jwk, format: 'jwk' }), signature);
}
