/**
 * Where calls of models go and where the keys for them are: built in, or said by a file of the host. Never by a repository,
 * which could then send the key of whoever runs it anywhere (docs/decisions/0011).
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { fileDistrust } from '../core/file-trust.ts';
import type { KeySource, Provider } from '../ports/gateway.ts';
import { decodeText, MAX_POLICY_BYTES } from './policy-bytes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The public addresses of the vendors and the variables their own clients read. */
const BUILT_IN: readonly Provider[] = [
  {
    name: 'anthropic',
    dialects: ['anthropic-messages'],
    url: 'https://api.anthropic.com',
    priceProvider: null,
    key: { kind: 'env', name: 'ANTHROPIC_API_KEY' },
  },
  {
    name: 'openai',
    dialects: ['openai-responses', 'openai-chat'],
    url: 'https://api.openai.com',
    priceProvider: null,
    key: { kind: 'env', name: 'OPENAI_API_KEY' },
  },
  {
    name: 'google',
    dialects: ['gemini'],
    url: 'https://generativelanguage.googleapis.com',
    priceProvider: null,
    key: { kind: 'env', name: 'GEMINI_API_KEY' },
  },
];

function invalid(path: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_PROVIDERS_INVALID', { message: `${path} ${problem}`, next, details: { path } });
}

function absolute(variable: string, path: string): string {
  if (isAbsolute(path)) return path;
  throw invalid(`${variable} is "${path}", which`, 'is not an absolute path', `Set ${variable} to an absolute path.`);
}

interface Place {
  readonly path: string;
  /** Somebody named this very file, so it has to be there. */
  readonly named: boolean;
}

/** `$LOOPWRIGHT_PROVIDERS`, else in `$XDG_CONFIG_HOME/loopwright`, else in `~/.config/loopwright` (XDG base directories 0.8). */
function placeOf(env: Environment): Place | null {
  const { LOOPWRIGHT_PROVIDERS: named = '', XDG_CONFIG_HOME: config = '', HOME: home = '' } = env;
  if (named !== '') return { path: absolute('LOOPWRIGHT_PROVIDERS', named), named: true };
  if (config !== '') {
    return { path: join(absolute('XDG_CONFIG_HOME', config), 'loopwright', 'providers.yaml'), named: false };
  }
  if (home === '') return null;
  return { path: join(absolute('HOME', home), '.config', 'loopwright', 'providers.yaml'), named: false };
}

/** null where there is no such file and nobody named it. */
async function readPlace({ path, named }: Place): Promise<Uint8Array | null> {
  try {
    // Without blocking: opening a pipe would otherwise wait for its writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    const facts = { isFile: stats.isFile(), mode: stats.mode, uid: stats.uid };
    const distrust = fileDistrust(facts, process.getuid?.() ?? null, false);
    if (distrust !== null) {
      const next = distrust.remedy === null ? 'Make a file of your own there.' : `Run: ${distrust.remedy} ${path}`;
      throw invalid(path, distrust.problem, next);
    }
    // One byte more than fits, so that what is too long shows as too long.
    const bytes = new Uint8Array(MAX_POLICY_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null || code.startsWith('LW_')) throw error;
    if (!named && (code === 'ENOENT' || code === 'ENOTDIR')) return null;
    throw invalid(path, `cannot be read (${code})`, 'Make the file readable for you, or unset what names it.');
  }
}

/** `~/` is our home; what else is relative is beside the file that says it. */
function keyPath(path: string, file: string, env: Environment): string {
  if (!path.startsWith('~/')) return resolve(dirname(file), path);
  const { HOME: home = '' } = env;
  if (home !== '') return join(absolute('HOME', home), path.slice(2));
  throw invalid(file, 'names a key in `~/`, but HOME is not set', 'Set HOME, or write the path out.');
}

function placedKey(key: KeySource, file: string, env: Environment): KeySource {
  return key.kind === 'file' ? { kind: 'file', path: keyPath(key.path, file, env) } : key;
}

/**
 * The providers of this host, by name: the built-in ones, changed by the file if there is one. Keys are not read. Rejects
 * with `LW_PROVIDERS_INVALID`, which names line and column, or says who else could have written the file.
 */
export async function loadProviders(env: Environment): Promise<readonly Provider[]> {
  const place = placeOf(env);
  const bytes = place === null ? null : await readPlace(place);
  if (place === null || bytes === null) return BUILT_IN;
  const decoded = decodeText(bytes);
  if (!decoded.ok) {
    throw invalid(place.path, decoded.problem, `Save it as UTF-8 text of at most ${MAX_POLICY_BYTES / 1024} KiB.`);
  }
  const { parseProviders } = await import('./parse-providers.ts');
  const builtIn = BUILT_IN.map(({ name }) => name);
  const { providers = {} } = parseProviders(decoded.text, place.path, builtIn);
  const byName = new Map(BUILT_IN.map((provider) => [provider.name, provider]));
  for (const [name, entry] of Object.entries(providers)) {
    if (entry === 'off') byName.delete(name);
    else {
      const { dialects, url, priceProvider } = entry;
      byName.set(name, { name, dialects, url, priceProvider, key: placedKey(entry.key, place.path, env) });
    }
  }
  return [...byName.values()];
}
