/** Where the host says keys are: from which file, what it may say, and what is never repeated of it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLoopwrightError, type LoopwrightError } from '../core/errors.ts';
import type { Provider } from '../ports/gateway.ts';
import { loadProviders } from './providers.ts';
import { urlProblem } from './provider-url.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'loopwright-providers-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(text: string, mode = 0o644): string {
  const path = join(home, 'providers.yaml');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function load(text: string): Promise<readonly Provider[]> {
  return loadProviders({ LOOPWRIGHT_PROVIDERS: write(text), HOME: home });
}

async function refusal(env: Record<string, string>): Promise<LoopwrightError> {
  const error: unknown = await loadProviders(env).catch((caught: unknown) => caught);
  if (isLoopwrightError(error, 'LW_PROVIDERS_INVALID')) return error;
  throw new Error(`not refused: ${inspect(error)}`);
}

/** The message, without the path of the file. */
async function refused(providers: string): Promise<string> {
  const path = write(`version: 1\nproviders:\n${providers}`);
  return (await refusal({ LOOPWRIGHT_PROVIDERS: path })).message.replaceAll(`${path}:`, '');
}

const names = (providers: readonly Provider[]): readonly string[] => providers.map(({ name }) => name);
const mine = '  mine: { dialect: openai-chat, url: "https://a.example", key: none }\n';

describe('where the file is', () => {
  it('nowhere: the built-in providers', async () => {
    const providers = await loadProviders({ HOME: home });
    expect(providers).toEqual([
      expect.objectContaining({
        name: 'anthropic',
        dialects: ['anthropic-messages'],
        url: 'https://api.anthropic.com',
      }),
      expect.objectContaining({ name: 'openai', dialects: ['openai-responses', 'openai-chat'] }),
      expect.objectContaining({ name: 'google', key: { kind: 'env', name: 'GEMINI_API_KEY' } }),
    ]);
    expect(await loadProviders({})).toEqual(providers);
  });

  it.each([
    [['.config', 'loopwright'], () => ({ HOME: home })],
    [['xdg', 'loopwright'], () => ({ HOME: '/nowhere', XDG_CONFIG_HOME: join(home, 'xdg') })],
    [['xdg', 'loopwright'], () => ({ XDG_CONFIG_HOME: join(home, 'xdg'), LOOPWRIGHT_PROVIDERS: '' })],
  ])('%j', async (parts, env) => {
    mkdirSync(join(home, ...parts), { recursive: true });
    writeFileSync(join(home, ...parts, 'providers.yaml'), `version: 1\nproviders:\n${mine}`);
    expect(names(await loadProviders(env()))).toEqual(['anthropic', 'openai', 'google', 'mine']);
  });

  it('by name comes first, and then it has to be there', async () => {
    expect(names(await load(`version: 1\nproviders:\n${mine}`))).toContain('mine');
    const gone = join(home, 'gone.yaml');
    expect((await refusal({ LOOPWRIGHT_PROVIDERS: gone })).message).toBe(`${gone} cannot be read (ENOENT)`);
    expect((await refusal({ LOOPWRIGHT_PROVIDERS: home })).message).toBe(`${home} is not a plain file`);
  });

  it.each(['LOOPWRIGHT_PROVIDERS', 'XDG_CONFIG_HOME', 'HOME'])(
    'never relative, which may be inside a repository: %s',
    async (name) => {
      expect((await refusal({ [name]: 'providers.yaml' })).message).toBe(
        `${name} is "providers.yaml", which is not an absolute path`,
      );
    },
  );
});

describe('who could have written it', () => {
  it.each([0o666, 0o664, 0o622])('others, by mode %o: it is not believed', async (mode) => {
    const error = await refusal({ LOOPWRIGHT_PROVIDERS: write('version: 1\n', mode) });
    expect(error.message).toMatch(/can be written by other users \(mode 6[26][246]\)$/);
    expect(error.next).toBe(`Run: chmod go-w ${join(home, 'providers.yaml')}`);
  });

  it.each([0o600, 0o644])('only we, by mode %o: it is read', async (mode) => {
    expect(await loadProviders({ LOOPWRIGHT_PROVIDERS: write('version: 1\n', mode) })).toHaveLength(3);
  });
});

describe('what it says', () => {
  it('adds, replaces and removes by name', async () => {
    const providers = await load(
      [
        'version: 1',
        'providers:',
        '  google: off',
        '  anthropic: { dialect: anthropic-messages, url: "https://proxy.example/v1/", key: { file: keys/a } }',
        '  local: { dialects: [openai-chat, openai-responses, openai-chat], url: "http://127.0.0.1:8080", key: none }',
        '  vault: { dialect: bedrock, url: "http://10.0.0.1", insecure: true, price-provider: aws, key: { command: [pass, show, a] } }',
        '  home: { dialect: vertex, url: "https://v.example", key: { file: ~/k } }',
      ].join('\n'),
    );
    expect(names(providers)).toEqual(['anthropic', 'openai', 'local', 'vault', 'home']);
    expect(providers.filter(({ name }) => name !== 'openai')).toEqual([
      {
        name: 'anthropic',
        dialects: ['anthropic-messages'],
        url: 'https://proxy.example/v1',
        priceProvider: null,
        key: { kind: 'file', path: join(home, 'keys/a') },
      },
      {
        name: 'local',
        dialects: ['openai-chat', 'openai-responses'],
        url: 'http://127.0.0.1:8080',
        priceProvider: null,
        key: { kind: 'none' },
      },
      {
        name: 'vault',
        dialects: ['bedrock'],
        url: 'http://10.0.0.1',
        priceProvider: 'aws',
        key: { kind: 'command', argv: ['pass', 'show', 'a'] },
      },
      expect.objectContaining({ name: 'home', key: { kind: 'file', path: join(home, 'k') } }),
    ]);
  });

  it.each([
    [
      '  nobody: off\n',
      '3:3 there is no built-in provider of this name to turn off; known are anthropic, openai, google',
    ],
    [
      '  a: { url: "https://a.example", key: none }\n',
      '3:6 `providers.a`: give `dialect`, or a list as `dialects`, and not both',
    ],
    [
      '  a: { dialect: gemni, url: "https://a.example", key: none }\n',
      '3:17 `providers.a.dialect`: expected `anthropic-messages` or `openai-responses` or `openai-chat` or `gemini` or `bedrock` or `vertex`, not text; did you mean `gemini`?',
    ],
    [
      '  a: { dialect: gemini, url: "http://a.example", key: none }\n',
      '3:30 `providers.a.url`: over plain `http` everybody on the way reads the key; write `https://`, or add `insecure: true`',
    ],
    [
      '  a: { dialect: gemini, url: "https://a.example" }\n',
      '3:6 `providers.a.key` is missing: expected where the key is: `{ env: NAME }`, `{ file: PATH }`, `{ command: [PROGRAM, ARGUMENT] }` or `none`; the key itself is never written here',
    ],
    [
      '  a: { dialect: gemini, url: "https://a.example", key: hunter2 }\n',
      '3:56 `providers.a.key`: expected where the key is: `{ env: NAME }`, `{ file: PATH }`, `{ command: [PROGRAM, ARGUMENT] }` or `none`; the key itself is never written here, not text',
    ],
    [
      '  a: { dialect: gemini, url: "https://a.example", key: { env: A, file: b } }\n',
      '3:56 `providers.a.key`: say where the key is once: `{ env: NAME }`, `{ file: PATH }`, `{ command: [PROGRAM, ARGUMENT] }` or `none`',
    ],
    [
      '  a: { dialect: gemini, url: "https://a.example", key: { command: [./key] } }\n',
      '3:68 `providers.a.key.command[0]`: the program is a relative path; write it absolute, or a bare name that is looked up in PATH',
    ],
    [
      '  a: { dialect: gemini, url: "https://a.example", key: { command: pass show a } }\n',
      '3:67 `providers.a.key.command`: expected a list, not text',
    ],
    [
      '  a: { dialect: gemini, url: "https://a.example", key: none, token: x }\n',
      '3:62 unknown key `token` in `providers.a`; known keys are `dialect`, `dialects`, `url`, `insecure`, `price-provider`, `key`',
    ],
    ['  A: off\n', '3:3 a name has small letters, digits and `-`, at most 64, starting with a letter or digit'],
  ])('refuses %s', async (text, message) => expect(await refused(text)).toBe(message));

  it('refuses another version, and what is no text', async () => {
    expect((await refusal({ LOOPWRIGHT_PROVIDERS: write('version: 2\n') })).message).toContain(
      ':1:10 version 2 is not known',
    );
    expect((await refusal({ LOOPWRIGHT_PROVIDERS: write('a\0b') })).message).toContain('holds a zero byte at offset 1');
    expect((await refusal({ LOOPWRIGHT_PROVIDERS: write(`#${'x'.repeat(300_000)}`) })).message).toContain(
      'at most 262144 are read',
    );
    expect((await refusal({ LOOPWRIGHT_PROVIDERS: write('') })).message).toContain(
      'the smallest providers.yaml is `version: 1`',
    );
  });
});

describe('addresses', () => {
  it.each([
    ['https://api.example.com', null],
    ['http://localhost:1', null],
    ['http://127.9.9.9', null],
    ['http://[::1]:80/x', null],
    ['http://127.0.0.1.example.com', /plain `http`/],
    ['http://localhost.example.com', /plain `http`/],
    ['https://user:pass@a.example', /login/],
    ['https://a.example?key=x', /query/],
    ['https://a.example#x', /fragment/],
    ['ftp://a.example', /begin with/],
    ['file:///etc/passwd', /begin with/],
    ['api.example.com', /not an address/],
  ])('%s', (url, expected) => {
    const problem = urlProblem(url, false);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toMatch(expected);
  });

  it('over plain http only where a person says so', () => {
    expect(urlProblem('http://10.0.0.1', true)).toBeNull();
    expect(urlProblem('ftp://10.0.0.1', true)).not.toBeNull();
  });
});

describe('a key that somebody typed into the file', () => {
  const KEY = 'Hunter2CorrectHorse';
  const everything = (error: unknown): string =>
    `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`;
  const PLACES: readonly (readonly [string, string])[] = [
    ['as the key', `  a: { dialect: gemini, url: "https://a.example", key: ${KEY} }`],
    ['as the variable', `  a: { dialect: gemini, url: "https://a.example", key: { env: "${KEY}-1" } }`],
    ['under another name', `  a: { dialect: gemini, url: "https://a.example", key: { value: ${KEY} } }`],
    ['as a name', `  a: { dialect: gemini, url: "https://a.example", key: { ${KEY}: x } }`],
    ['as a name, twice', `  a: { dialect: gemini, url: "https://a.example", key: { ${KEY}: x, ${KEY}: y } }`],
    ['as the dialect', `  a: { dialect: ${KEY}, url: "https://a.example", key: none }`],
    ['in the address', `  a: { dialect: gemini, url: "https://x:${KEY}@a.example", key: none }`],
    ['in the query', `  a: { dialect: gemini, url: "https://a.example?key=${KEY}", key: none }`],
    ['as the address', `  a: { dialect: gemini, url: ${KEY}, key: none }`],
    ['as an alias', `  a: { dialect: gemini, url: "https://a.example", key: *${KEY} }`],
    ['as an anchor', `  a: { dialect: gemini, url: "https://a.example", key: &${KEY} none }`],
    ['as a tag', `  a: { dialect: gemini, url: "https://a.example", key: !${KEY} none }`],
    ['in place of the provider', `  a: ${KEY}`],
    ['after a mistake of YAML', `  a: "x" ${KEY}`],
    ['after a bracket', `  a: [x] ${KEY}`],
    ['in a block header', `  a: |${KEY}\n    x`],
    ['as an escape', `  a: "\\${KEY}"`],
    ['as a directive', `%${KEY}\n---`],
    ['as text of known shape', `  a: { dialect: gemini, url: "https://a.example", key: sk-ant-api03-${KEY}${KEY} }`],
  ];

  it.each(PLACES)('%s is not repeated', async (_, text) => {
    const path = write(`version: 1\nproviders:\n${text}\n`);
    expect(everything(await refusal({ LOOPWRIGHT_PROVIDERS: path }))).not.toContain(KEY);
  });

  it('is not repeated, wherever in the file it stands', async () => {
    const text = `version: 1\nproviders:\n  a: { dialect: gemini, url: "https://a.example", key: { env: A } }\n`;
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.constantFrom('', ' ', '"', ': ', '{', '*', '&'), async (at, mark) => {
        const path = write(`${text.slice(0, at)}${mark}${KEY}${mark}${text.slice(at)}`);
        const result: unknown = await loadProviders({ LOOPWRIGHT_PROVIDERS: path }).catch((caught: unknown) => caught);
        if (!(result instanceof Error)) return;
        refusals += 1;
        expect(everything(result)).not.toContain(KEY);
      }),
    );
    expect(refusals).toBeGreaterThan(10);
  });

  it('canary: this look finds it where it is', () => {
    expect(everything(new Error('x', { cause: { at: KEY } }))).toContain(KEY);
  });
});
