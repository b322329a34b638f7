/** Signs with the operator's own SSH key, by their own ssh-keygen: it knows their agent, and asks for a passphrase itself. */
import { spawn } from 'node:child_process';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { SignStatement } from '../ports/signing.ts';
import { fingerprint, NAMESPACE, parseArmoured } from './ssh-signature.ts';

const MAX_OUTPUT = 16_384;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn('ssh-keygen', args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => (texts.out = (texts.out + bytes.toString('latin1')).slice(0, MAX_OUTPUT)));
  child.stderr.on('data', (bytes: Buffer) => (texts.err = (texts.err + bytes.toString('utf8')).slice(0, MAX_OUTPUT)));
  child.on('error', reject);
  child.on('close', (code) => resolve({ code, ...texts }));
  // It may end before it read everything; its exit code tells.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)));
  child.stdin.end(input);
  return promise;
}

function refused(path: string, problem: string, cause?: unknown): LoopwrightError {
  return new LoopwrightError('LW_SIGNING_KEY', {
    message: `ssh-keygen could not sign with ${path}: ${problem}`,
    next: 'Name an Ed25519 key that `ssh-keygen -Y sign -n loopwright -f KEY` can use, or leave out `--key`.',
    cause,
  });
}

/** `path`: of the private key, or of the public one when an agent holds the private one. */
export function sshKeygenSigner(path: string, env: Readonly<Record<string, string | undefined>>): SignStatement {
  return async (text) => {
    const args = ['-Y', 'sign', '-q', '-n', NAMESPACE, '-f', path];
    const { code, out, err } = await run(args, text, env).catch((error: unknown) => {
      const missing = hasSystemCode(error, 'ENOENT');
      throw refused(path, missing ? 'there is no ssh-keygen on PATH' : String(error), error);
    });
    if (code !== 0) throw refused(path, err.trim() || `exit code ${String(code)}`);
    const signature = parseArmoured(out.trim());
    if (signature === null) throw refused(path, 'it is no Ed25519 key');
    return { key: fingerprint(signature.blob), text: out.trim() };
  };
}
