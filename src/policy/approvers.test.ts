import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseApprovers } from './approvers.ts';
import { loadApprovers } from './load-approvers.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAI'.padEnd(68, 'x');

describe('a file of approvers', () => {
  it('gives keys to names, as OpenSSH reads them', () => {
    const text = `\uFEFF# who may say yes\n\nann,"Bob B." namespaces="git,loopwright" ssh-ed25519 ${KEY} ann@home\r\nkim ssh-rsa ${KEY}\nlee namespaces="git" ssh-ed25519 ${KEY}\n`;
    expect(parseApprovers(text)).toEqual({
      ok: true,
      keys: [
        { names: ['ann', 'Bob B.'], type: 'ssh-ed25519', key: KEY },
        { names: ['kim'], type: 'ssh-rsa', key: KEY },
      ],
    });
  });

  it.each([
    ['ann', 'expected NAME[,NAME] KEYTYPE KEY'],
    ['ann ssh-ed25519', 'expected NAME'],
    ['ann ssh-ed25519 short', 'expected NAME'],
    [`* ssh-ed25519 ${KEY}`, 'without patterns'],
    [`ann,!bob ssh-ed25519 ${KEY}`, 'without patterns'],
    [`ann, ssh-ed25519 ${KEY}`, 'without patterns'],
    [`"ann ssh-ed25519 ${KEY}`, 'a quote is not closed'],
    [`ann cert-authority ssh-ed25519 ${KEY}`, 'is not read here'],
    [`ann valid-before="20270101" ssh-ed25519 ${KEY}`, 'is not read here'],
    [`ann namespaces="loopwright" valid-after="1" ssh-ed25519 ${KEY}`, 'more than one word of options'],
  ])('is an error where a line cannot be read: %s', (line, words) => {
    const reading = parseApprovers(`\n${line}`);
    expect(reading.ok ? '' : reading.problem).toContain(words);
    expect(reading).toMatchObject({ ok: false, line: 2 });
  });
});

describe('who may sign', () => {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-approvers-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const host = join(root, 'approvers');
  const base = { readFile: async () => Buffer.from(`bob ssh-ed25519 ${KEY}`) };
  const names = async (env: Record<string, string>, from = base): Promise<readonly string[]> =>
    (await loadApprovers(env, from)).keys.flatMap((one) => one.names);

  it('is said by the host, or where it says nothing, by the base revision; never by both', async () => {
    expect(await names({})).toEqual(['bob']);
    writeFileSync(host, `ann ssh-ed25519 ${KEY}\n`);
    expect(await names({ LOOPWRIGHT_APPROVERS: host })).toEqual(['ann']);
    writeFileSync(host, '# nobody\n');
    expect(await names({ LOOPWRIGHT_APPROVERS: host })).toEqual([]);
  });

  it('is said by no file that others can write, that is missing although it was named, or that has an error', async () => {
    const code = { code: 'LW_APPROVERS_INVALID' };
    chmodSync(host, 0o666);
    await expect(names({ LOOPWRIGHT_APPROVERS: host })).rejects.toMatchObject(code);
    await expect(names({ LOOPWRIGHT_APPROVERS: join(root, 'none') })).rejects.toMatchObject(code);
    await expect(names({}, { readFile: async () => Buffer.from('ann') })).rejects.toThrow(
      /approvers of the base revision:1/,
    );
  });
});
