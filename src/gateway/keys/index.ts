/** Fetches a key from where the host says it is. Nothing else reads keys, and nothing keeps them but who asked. */
import { unreachable } from '../../core/errors.ts';
import type { KeySource, Secret } from '../../ports/gateway.ts';
import { runKeyCommand } from './key-command.ts';
import { readKeyFile } from './key-file.ts';
import { createSecret } from './secret.ts';
import { keyUnavailable } from './unavailable.ts';

/** Tokens of clouds have some kilobytes; a header of HTTP holds no more than this with most servers. */
const MAX_KEY_BYTES = 16 * 1024;

/** For a command, ms. A person who has to be asked for a fingerprint takes seconds; a program that hangs takes for ever. */
const COMMAND_DEADLINE_MS = 10_000;

export interface KeyOptions {
  /** For a command, ms. Default: 10 s. */
  readonly deadlineMs?: number;
}

/** One line end after the key is what editors and `echo` leave; anything else that is no plain character is a mistake. */
function keyOf(raw: string, where: string): Secret {
  const value = raw.replace(/\r?\n$/, '');
  const refuse = (problem: string): never => {
    throw keyUnavailable(where, problem, 'It has to be one line of plain characters, the key and nothing else.');
  };
  if (value === '') return refuse('it is empty');
  if (value.length > MAX_KEY_BYTES) return refuse(`it is longer than ${MAX_KEY_BYTES} bytes`);
  // What may stand in a header as a token. A line end would begin another header.
  if (/[\r\n]/.test(value)) return refuse('it has more than one line');
  if (!/^[\x21-\x7e]+$/.test(value)) return refuse('it has a space, a control character, or one that is not ASCII');
  return createSecret(value);
}

/**
 * The key, or null for a provider that asks for none. Rejects with `LW_KEY_UNAVAILABLE`: not there, not readable, readable
 * by others, not one line. No error holds the key or any part of it.
 */
export async function readKey(
  source: KeySource,
  env: Readonly<Record<string, string | undefined>>,
  options: KeyOptions = {},
): Promise<Secret | null> {
  switch (source.kind) {
    case 'none':
      return null;
    case 'env': {
      const where = `the variable ${source.name}`;
      const value = env[source.name];
      if (value !== undefined) return keyOf(value, where);
      throw keyUnavailable(where, 'it is not set', `Set ${source.name}, or say in providers.yaml where the key is.`);
    }
    case 'file':
      return keyOf(decode(await readKeyFile(source.path, MAX_KEY_BYTES)), `the file ${source.path}`);
    case 'command': {
      const bounds = { deadlineMs: options.deadlineMs ?? COMMAND_DEADLINE_MS, outputBytes: MAX_KEY_BYTES };
      return keyOf(decode(await runKeyCommand(source.argv, env, bounds)), `the command ${source.argv[0]}`);
    }
  }
  return unreachable(source, 'source of a key');
}

/** Byte by byte, so that nothing is replaced or dropped: what is not ASCII is refused afterwards. */
function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
