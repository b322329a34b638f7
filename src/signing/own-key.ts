/** The key that loopwright makes for an operator who has none of their own: below the state directory, for this user alone. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { fileDistrust } from '../core/file-trust.ts';
import { systemCode } from '../core/system-code.ts';
import type { SignStatement } from '../ports/signing.ts';
import { armoured, fingerprint, keyBlob, signedBytes } from './ssh-signature.ts';

/** A file name for any name of a person. */
const MAX_PLAIN_NAME = 80;

function fileOf(directory: string, operator: string): string {
  const plain = encodeURIComponent(operator.toWellFormed());
  const name = plain.length <= MAX_PLAIN_NAME ? plain : createHash('sha256').update(operator).digest('hex');
  return join(directory, `${name}.pem`);
}

function unusable(path: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_SIGNING_KEY', {
    message: `the signing key ${path} ${problem}`,
    next,
    details: { path },
  });
}

/** null where there is none yet. */
async function readKeyFile(path: string): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { mode, uid, ...stats } = await file.stat();
    const facts = { isFile: (mode & constants.S_IFMT) === constants.S_IFREG && stats.size < 10_000, mode, uid };
    const distrust = fileDistrust(facts, process.getuid?.() ?? null, true);
    if (distrust === null) return await file.readFile('utf8');
    throw unusable(
      path,
      distrust.problem,
      `Make sure that nobody else has it, then ${distrust.remedy ?? 'remove'} it.`,
    );
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    if (code === null) throw error;
    throw unusable(path, `cannot be read (${code})`, 'Make it a plain file that only you can read.');
  }
}

/** Put in place whole, or not at all; whoever is second uses the key of the first. */
async function makeKeyFile(directory: string, path: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.draft-${randomBytes(8).toString('hex')}`);
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

function parseKey(path: string, pem: string): KeyObject {
  const damaged = (cause?: unknown): LoopwrightError => {
    const next = 'Remove it; a new one is made, whose public half `approvers` then has to name.';
    return new LoopwrightError('LW_SIGNING_KEY', { message: `the signing key ${path} is damaged`, next, cause });
  };
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw damaged(error);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw damaged();
  return key;
}

export interface OwnKey {
  /** Of the public half, as SSH writes it. */
  readonly blob: Buffer;
  readonly sign: SignStatement;
}

/** Makes the key on first use. Rejects with `LW_SIGNING_KEY` for one that others can read. */
export async function openOwnKey(directory: string, operator: string): Promise<OwnKey> {
  const path = fileOf(directory, operator);
  if ((await readKeyFile(path)) === null) await makeKeyFile(directory, path);
  const key = parseKey(path, (await readKeyFile(path)) ?? '');
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const blob = keyBlob(Buffer.from(x, 'base64url'));
  const hash = 'sha512';
  return {
    blob,
    sign: async (text) => {
      const signature = sign(null, signedBytes(text, hash), key);
      return { key: fingerprint(blob), text: armoured({ blob, hash, signature }) };
    },
  };
}
