/**
 * Where calls of models go and where the keys for them are: built in, or said by a file of the host. Never by a repository,
 * which could then send the key of whoever runs it anywhere (docs/decisions/0011).
 */
import { LoopwrightError } from '../core/errors.ts';
import type { Provider } from '../ports/gateway.ts';
import { placedSource, readHostFile, type Environment, type HostFile } from './host-file.ts';

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

const PROVIDERS_FILE: HostFile = { variable: 'LOOPWRIGHT_PROVIDERS', name: 'providers.yaml', invalid };

/**
 * The providers of this host, by name: the built-in ones, changed by the file if there is one. Keys are not read. Rejects
 * with `LW_PROVIDERS_INVALID`, which names line and column, or says who else could have written the file.
 */
export async function loadProviders(env: Environment): Promise<readonly Provider[]> {
  const read = await readHostFile(PROVIDERS_FILE, env);
  if (read === null) return BUILT_IN;
  const { parseProviders } = await import('./parse-providers.ts');
  const builtIn = BUILT_IN.map(({ name }) => name);
  const { providers = {} } = parseProviders(read.text, read.path, builtIn);
  const byName = new Map(BUILT_IN.map((provider) => [provider.name, provider]));
  for (const [name, entry] of Object.entries(providers)) {
    if (entry === 'off') byName.delete(name);
    else {
      const { dialects, url, priceProvider } = entry;
      byName.set(name, {
        name,
        dialects,
        url,
        priceProvider,
        key: placedSource(PROVIDERS_FILE, entry.key, read.path, env),
      });
    }
  }
  return [...byName.values()];
}
