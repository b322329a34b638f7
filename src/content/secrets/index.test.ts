import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFile, contentOf } from '../../../test/fixtures/content.ts';
import { readSecrets } from './index.ts';

/** Written in pieces, so that no file of this repository holds the shape of a credential. */
function pieces(...parts: readonly string[]): string {
  return parts.join('');
}

const HEX = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const WORD = 'q7Rk2mZx9Lw4Tn8Vb3Hc6Jd1Fg5Sp0Ya7Ue2Io4';

const SECRETS: readonly (readonly [string, string])[] = [
  ['a private key', pieces('-----BEGIN RSA ', `PRIVATE KEY-----\n${WORD}${WORD}`)],
  ['an Anthropic API key', pieces('sk-', 'ant-api03-', WORD)],
  ['a GitHub token', pieces('gh', 'p_', WORD.slice(0, 36))],
  ['an AWS access key', pieces('AK', 'IAQ7RKZMXJLWPTNVBH')],
  ['a SendGrid API key', pieces('S', 'G.', WORD.slice(0, 22), '.', `${WORD}Qwer`)],
  ['a Slack webhook', pieces('https://hooks.slack', '.com/services/T9QKZ2MXL/B7RKZMXJL/', WORD.slice(0, 24))],
  ['a PyPI token', pieces('py', 'pi-AgEIcHlwaS5vcmc', WORD, WORD)],
  ['an Azure storage key', pieces('Account', 'Key=', `${WORD}${WORD}Qw7Er9Tz`, '==')],
  ['a DigitalOcean token', pieces('dop', '_v1_', HEX)],
  ['a Telegram bot token', pieces('731846205', ':AA', WORD.slice(0, 33))],
  ['an address with a password in it', pieces('postgres://app:', WORD.slice(0, 12), '@db.prod.acme.io/app')],
  ['a value that looks random, beside a name that says secret', pieces('const api', `Key = '${WORD}';`)],
];

async function seen(path: string, before: string | null, after: string): Promise<readonly string[]> {
  const sightings = await readSecrets(contentOf([changedFile(path, before, after)]));
  return sightings.map(({ line, message }) => `${line ?? 0}: ${message}`);
}

describe('credentials in added lines', () => {
  it.each(SECRETS)('%s', async (what, text) => {
    expect(await seen('src/a.ts', 'a\n', `a\nx ${text}\n`)).toEqual([`2: adds what has the shape of ${what}`]);
  });

  it.each(SECRETS)('nothing of %s is repeated', async (_, text) => {
    const words = (await seen('src/a.ts', null, `x ${text}\n`)).join();
    const parts = text.split(/[^A-Za-z0-9]+/).filter((part) => part.length > 8 && !/^services$/.test(part));
    expect(parts.filter((part) => words.includes(part))).toEqual([]);
  });

  it.each(SECRETS)('%s that was there before is no news', async (_, text) => {
    expect(await seen('src/a.ts', `x ${text}\n`, `x ${text}\nmore\n`)).toEqual([]);
    expect(await seen('src/a.ts', `x ${text}\n`, `moved\nx ${text}\n`)).toEqual([]);
    expect(await seen('src/a.ts', `x ${text}\n`, 'x\n')).toEqual([]);
  });

  it('one that moves from one file to another is no news either', async () => {
    const [, text = ''] = SECRETS[2] ?? [];
    const files = [changedFile('a.ts', `${text}\n`, ''), changedFile('b.ts', '', `${text}\n`)];
    expect(await readSecrets(contentOf(files))).toEqual([]);
  });

  it.each([
    ['a name of a kind of key', "if (text.startsWith('-----BEGIN PRIVATE KEY-----'))"],
    ['a placeholder', pieces('const token = "', 'your-token-goes-here-0123"')],
    ['an example of a vendor', pieces('AK', 'IAIOSFODNN7EXAMPLE')],
    ['a variable', 'const apiKey = process.env.API_KEY_OF_THE_SERVICE;'],
    ['a template', 'url = `postgres://${user}:${password}@db.prod.acme.io/app`'],
    ['a password on one machine', 'DATABASE_URL=postgres://postgres:hunter22x@localhost:5432/app'],
    ['a service of a compose file', 'DATABASE_URL=postgres://app:hunter22x@db:5432/app'],
    ['an obvious password', 'mysql://root:root@db.prod.acme.io/app'],
    ['a path', "const secretFile = '/var/run/secrets/kubernetes2/token9';"],
    ['words', "const tokenDescription = 'the-name-of-a-thing-2';"],
    ['a checksum', `"integrity": "sha512-${WORD}${WORD}"`],
    ['a commit', `uses: actions/checkout@${HEX.slice(0, 40)}`],
  ])('%s is none', async (_, text) => {
    expect(await seen('src/a.ts', null, `${text}\n`)).toEqual([]);
  });

  it('a value that only its name gives away counts outside of tests and documents', async () => {
    const line = pieces('const api', `Key = '${WORD}';\n`);
    expect(await seen('src/a.ts', null, line)).toHaveLength(1);
    for (const path of ['test/a.ts', 'src/a.test.ts', 'docs/a.md', 'yarn.lock', 'tests/test_a.py', 'fixtures/a.json']) {
      expect(await seen(path, null, line)).toEqual([]);
    }
  });

  it('a certain shape counts everywhere', async () => {
    const [, text = ''] = SECRETS[2] ?? [];
    expect(await seen('docs/a.md', null, `${text}\n`)).toHaveLength(1);
  });

  it('a file full of them is told of a few times', async () => {
    const [, text = ''] = SECRETS[2] ?? [];
    const many = Array.from({ length: 50 }, (_, n) => `${text}${n}\n`).join('');
    expect(await seen('a.ts', null, many)).toHaveLength(5);
  });

  it('whatever a line holds, it is read to its end, and nothing long of it is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 300 }), async (text) => {
        for (const words of await seen('src/a.ts', null, `token = "${text}"\n`)) expect(words.length).toBeLessThan(120);
      }),
    );
  });
});
