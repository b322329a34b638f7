/** Files of the host that say where secret things are: found, believed and read in one way (docs/decisions/0011). */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { LoopwrightError } from '../core/errors.ts';
import { fileDistrust } from '../core/file-trust.ts';
import { systemCode } from '../core/system-code.ts';
import type { KeySource } from '../ports/gateway.ts';
import { decodeText, MAX_POLICY_BYTES } from './policy-bytes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface HostFile {
  /** The variable that names it. */
  readonly variable: string;
  /** Its name in the directory of the user's configuration. */
  readonly name: string;
  /** `path problem` in one sentence, and what to do. */
  readonly invalid: (path: string, problem: string, next: string) => LoopwrightError;
}

export interface Place {
  readonly path: string;
  /** Somebody named this very file, so it has to be there. */
  readonly named: boolean;
}

function absolute(kind: HostFile, variable: string, path: string): string {
  if (isAbsolute(path)) return path;
  throw kind.invalid(
    `${variable} is "${path}", which`,
    'is not an absolute path',
    `Set ${variable} to an absolute path.`,
  );
}

/** What the variable names, else in `$XDG_CONFIG_HOME/loopwright`, else in `~/.config/loopwright` (XDG base directories 0.8). */
function placeOf(kind: HostFile, env: Environment): Place | null {
  const { XDG_CONFIG_HOME: config = '', HOME: home = '' } = env;
  const named = env[kind.variable] ?? '';
  if (named !== '') return { path: absolute(kind, kind.variable, named), named: true };
  if (config !== '')
    return { path: join(absolute(kind, 'XDG_CONFIG_HOME', config), 'loopwright', kind.name), named: false };
  if (home === '') return null;
  return { path: join(absolute(kind, 'HOME', home), '.config', 'loopwright', kind.name), named: false };
}

/** One byte more than fits, so that what is too long shows as too long. */
async function readBounded(file: FileHandle): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_POLICY_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length);
  }
}

/** null where there is no such file and nobody named it. `flags`: how else it is opened, such as `O_NOFOLLOW`. */
export async function readTrusted(kind: HostFile, { path, named }: Place, flags = 0): Promise<Uint8Array | null> {
  try {
    // Without blocking: opening a pipe would otherwise wait for its writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
    const stats = await file.stat();
    const facts = { isFile: stats.isFile(), mode: stats.mode, uid: stats.uid };
    const distrust = fileDistrust(facts, process.getuid?.() ?? null, false);
    if (distrust === null) return await readBounded(file);
    const next = distrust.remedy === null ? 'Make a file of your own there.' : `Run: ${distrust.remedy} ${path}`;
    throw kind.invalid(path, distrust.problem, next);
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    if (!named && (code === 'ENOENT' || code === 'ENOTDIR')) return null;
    if (code === 'ELOOP') throw kind.invalid(path, 'is a symbolic link', 'Put the file itself there.');
    const mend = code === 'ENOENT' ? 'Make the file' : 'Make the file readable for you';
    throw kind.invalid(path, `cannot be read (${code})`, `${mend}, or unset what names it.`);
  }
}

/** null where there is none. Rejects with what `invalid` makes. */
export async function readHostFile(
  kind: HostFile,
  env: Environment,
): Promise<{ readonly path: string; readonly text: string } | null> {
  const place = placeOf(kind, env);
  const bytes = place === null ? null : await readTrusted(kind, place);
  if (place === null || bytes === null) return null;
  const decoded = decodeText(bytes);
  if (decoded.ok) return { path: place.path, text: decoded.text };
  const next = `Save it as UTF-8 text of at most ${MAX_POLICY_BYTES / 1024} KiB.`;
  throw kind.invalid(place.path, decoded.problem, next);
}

/** `~/` is our home; what else is relative is beside the file that says it. */
function keyPath(kind: HostFile, { path, file }: { path: string; file: string }, env: Environment): string {
  if (!path.startsWith('~/')) return resolve(dirname(file), path);
  const { HOME: home = '' } = env;
  if (home !== '') return join(absolute(kind, 'HOME', home), path.slice(2));
  throw kind.invalid(file, 'names a key in `~/`, but HOME is not set', 'Set HOME, or write the path out.');
}

/** The source with its path absolute; `file`: the file that names it. */
export function placedSource(kind: HostFile, source: KeySource, file: string, env: Environment): KeySource {
  if (source.kind !== 'file') return source;
  return { kind: 'file', path: keyPath(kind, { path: source.path, file }, env) };
}
