import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ApprovalSignature } from '../core/approval.ts';
import { statementText } from '../core/approval-statement.ts';
import type { ApprovalStatement } from '../core/approval-statement.ts';
import { openOwnKey, sshKeygenSigner, signatureProblem } from './index.ts';
import type { NamedKey } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'loopwright-signing-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const STATEMENT: ApprovalStatement = {
  run: '01run',
  diff: 'd'.repeat(64),
  policy: 'e'.repeat(64),
  decision: 'approved',
  by: 'ann',
  reason: 'looked at it, \u00e4\uD800',
  endRun: false,
  at: 1_000,
  expires: 2_000,
};
const TEXT = statementText(STATEMENT);

const ann = await openOwnKey(join(root, 'keys'), 'ann');
const SIGNED: ApprovalSignature = await ann.sign(TEXT);

function keyOf(name: string, blob: Buffer): NamedKey {
  return { names: [name], type: 'ssh-ed25519', key: blob.toString('base64') };
}

function problem(
  text: string,
  signature: ApprovalSignature,
  keys: readonly NamedKey[] = [keyOf('ann', ann.blob)],
): string | null {
  return signatureProblem({ by: 'ann', text, signature }, keys, 'approvers');
}

describe('a signature', () => {
  it('holds for its text, by a key that the name has', () => {
    expect(problem(TEXT, SIGNED)).toBeNull();
  });

  it('does not hold for a name without that key', async () => {
    const bob = await openOwnKey(join(root, 'keys'), 'bob');
    expect(problem(TEXT, SIGNED, [])).toBe('approvers names no key of ann');
    expect(problem(TEXT, SIGNED, [keyOf('bob', ann.blob)])).toBe('approvers names no key of ann');
    expect(problem(TEXT, SIGNED, [keyOf('ann', bob.blob)])).toContain('does not give the key SHA256:');
    expect(problem(TEXT, SIGNED, [{ ...keyOf('ann', ann.blob), type: 'ssh-rsa' }])).toContain('does not give');
    expect(problem(TEXT, { ...SIGNED, key: (await bob.sign(TEXT)).key })).toContain('names another key');
  });

  const changed: readonly (readonly [keyof ApprovalStatement, Partial<ApprovalStatement>])[] = [
    ['run', { run: '02run' }],
    ['diff', { diff: 'f'.repeat(64) }],
    ['policy', { policy: 'f'.repeat(64) }],
    ['decision', { decision: 'rejected' }],
    ['by', { by: 'Ann' }],
    ['reason', { reason: '' }],
    ['endRun', { endRun: true }],
    ['at', { at: 1_001 }],
    ['expires', { expires: 2_001 }],
  ];

  it.each(changed)('does not hold when %s is another', (_, patch) => {
    expect(problem(statementText({ ...STATEMENT, ...patch }), SIGNED)).toContain('not a signature of this decision');
  });

  it('canary: every field of a statement is in the table above', () => {
    expect(changed.map(([field]) => field).toSorted()).toEqual(Object.keys(STATEMENT).toSorted());
  });

  it('is refused when any character of it is another, and when any bit of its bytes is', () => {
    const { text } = SIGNED;
    const character = fc.integer({ min: 0, max: text.length - 1 });
    fc.assert(
      fc.property(character, fc.integer({ min: 0, max: 126 }), (at, code) => {
        const forged = `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`;
        return forged === text || problem(TEXT, { ...SIGNED, text: forged }) !== null;
      }),
      { numRuns: 500 },
    );
    const [, ...lines] = text.split('\n').slice(0, -1);
    const bytes = Buffer.from(lines.join(''), 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const armour =
        forged
          .toString('base64')
          .match(/.{1,70}/g)
          ?.join('\n') ?? '';
      const whole = `-----BEGIN SSH SIGNATURE-----\n${armour}\n-----END SSH SIGNATURE-----`;
      expect(problem(TEXT, { ...SIGNED, text: whole })).not.toBeNull();
    }
  });

  it.each(['', 'x', '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----', 'A'.repeat(10_000)])(
    'is nothing else: %#',
    (text) => expect(problem(TEXT, { ...SIGNED, text })).toContain('no Ed25519 signature'),
  );

  it('with more after it, or with blanks in it, is another spelling and refused', () => {
    for (const text of [`${SIGNED.text}\n`, ` ${SIGNED.text}`, SIGNED.text.replaceAll('\n', '\r\n')]) {
      expect(problem(TEXT, { ...SIGNED, text })).not.toBeNull();
    }
  });
});

describe('the own key of a person', () => {
  it('is made once, for them alone, and stays', async () => {
    const directory = join(root, 'fresh');
    const [one, other] = await Promise.all([openOwnKey(directory, '../Ann B.'), openOwnKey(directory, '../Ann B.')]);
    expect(one.blob).toEqual(other.blob);
    const names = readdirSync(directory);
    expect(names).toEqual(['..%2FAnn%20B..pem']);
    expect(statSync(join(directory, names[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect((await openOwnKey(directory, 'somebody else '.repeat(40))).blob).not.toEqual(one.blob);
  });

  it('is not believed when others can read it, when it is a link, or when it is damaged', async () => {
    const directory = join(root, 'bad');
    await openOwnKey(directory, 'ann');
    const path = join(directory, 'ann.pem');
    symlinkSync(path, join(directory, 'bob.pem'));
    await expect(openOwnKey(directory, 'bob')).rejects.toMatchObject({ code: 'LW_SIGNING_KEY' });
    chmodSync(path, 0o644);
    await expect(openOwnKey(directory, 'ann')).rejects.toThrow(/can be read by other users/);
    chmodSync(path, 0o600);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 60));
    await expect(openOwnKey(directory, 'ann')).rejects.toThrow(/is damaged/);
  });
});

const keygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

describe.skipIf(!keygen)('ssh-keygen (skipped where there is none)', () => {
  const env = { PATH: process.env['PATH'], HOME: root };
  const make = (type: string): string => {
    const path = join(root, `ssh-${type}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path], { env });
    return path;
  };

  it('verifies what is signed here', () => {
    const [approvers, signature] = [join(root, 'approvers'), join(root, 'statement.sig')];
    writeFileSync(approvers, `ann namespaces="loopwright" ssh-ed25519 ${ann.blob.toString('base64')}\n`);
    writeFileSync(signature, `${SIGNED.text}\n`);
    const args = ['-Y', 'verify', '-f', approvers, '-I', 'ann', '-n', 'loopwright', '-s', signature];
    expect(spawnSync('ssh-keygen', args, { env, input: TEXT }).status).toBe(0);
    expect(spawnSync('ssh-keygen', args, { env, input: `${TEXT} ` }).status).not.toBe(0);
  });

  it('signs what holds here, with an Ed25519 key and no other', async () => {
    const path = make('ed25519');
    const key = readFileSync(`${path}.pub`, 'utf8').split(' ')[1] ?? '';
    const signature = await sshKeygenSigner(path, env)(TEXT);
    expect(problem(TEXT, signature, [{ names: ['ann'], type: 'ssh-ed25519', key }])).toBeNull();
    expect(problem(`${TEXT} `, signature, [{ names: ['ann'], type: 'ssh-ed25519', key }])).not.toBeNull();
    await expect(sshKeygenSigner(make('ecdsa'), env)(TEXT)).rejects.toThrow(/no Ed25519 key/);
    await expect(sshKeygenSigner(join(root, 'missing'), env)(TEXT)).rejects.toMatchObject({ code: 'LW_SIGNING_KEY' });
    await expect(sshKeygenSigner(path, { PATH: '/nonexistent' })(TEXT)).rejects.toThrow(/no ssh-keygen on PATH/);
  });
});
