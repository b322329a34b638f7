import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import type { SecretRule } from '../core/secret-rule.ts';
import { agreedSecret, loadHostSecrets } from './host-secrets.ts';
import { parsePolicy } from './parse.ts';
import { resolveWithOrigins } from './resolve.ts';

const HEAD = 'version: 1\nchecks: { unit: npm test }\nnetwork: { allow: [a.example.com, "http://b.example.com"] }\n';

const room = mkdtempSync(join(tmpdir(), 'loopwright-secrets-'));
afterAll(() => rmSync(room, { recursive: true, force: true }));

function errors(text: string): string {
  try {
    parsePolicy(`${HEAD}${text}`, 'loopwright.yaml');
  } catch (error) {
    if (isLoopwrightError(error, 'LW_POLICY_INVALID')) return error.message;
    throw error;
  }
  return '';
}

function hostFile(text: string, mode = 0o600): Record<string, string> {
  const path = join(room, 'secrets.yaml');
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return { LOOPWRIGHT_SECRETS: path, HOME: '/home/me' };
}

describe('the secrets a policy names', () => {
  it('are for hosts or for checks, under a variable made of the name', () => {
    const file = parsePolicy(
      `${HEAD}secrets: { registry-token: { for: [A.example.com.] }, 2fa: { checks: [unit], variable: OTP } }\n`,
      'loopwright.yaml',
    );
    const { policy, origins } = resolveWithOrigins({ file, defaults: { agent: 'scripted' } });
    expect(policy.secrets).toEqual([
      { name: 'registry-token', variable: 'REGISTRY_TOKEN', hosts: ['a.example.com'], checks: [], reason: null },
      { name: '2fa', variable: 'OTP', hosts: [], checks: ['unit'], reason: null },
    ]);
    expect(origins['secrets.registry-token']).toBe('loopwright.yaml:4');
  });

  it.each([
    ['secrets: { t: {} }', '4:12 the secret `t` is for nothing'],
    ['secrets: { t: { for: [c.example.com] } }', 'no rule of `network.allow` lets TLS to c.example.com'],
    ['secrets: { t: { for: [b.example.com] } }', 'no rule of `network.allow` lets TLS to b.example.com'],
    ['secrets: { t: { for: ["*.example.com"] } }', 'is not the name of a host'],
    ['secrets: { t: { checks: [lint] } }', 'there is no check `lint`'],
    ['secrets: { t: { checks: [unit] }, u: { checks: [unit], variable: T } }', 'is set by `secrets.t` already'],
    ['environment: { T: "1" }\nsecrets: { t: { checks: [unit] } }', 'is set by `environment` already'],
    ['secrets: { t: { value: { env: T } } }', 'unknown key `value`'],
    ['secrets: { t: hunter2 }', 'expected a map'],
  ])('%s is refused', (text, message) => expect(errors(`${text}\n`)).toContain(message));
});

describe('the secrets of a host', () => {
  const RULE: SecretRule = { name: 'token', variable: 'TOKEN', hosts: ['a.example.com'], checks: [], reason: null };

  it('are read from its own file, and go nowhere it does not say', async () => {
    const env = hostFile(
      'version: 1\nsecrets:\n  token: { value: { file: ~/token }, hosts: [A.example.com], repositories: [/work/app] }\n',
    );
    const known = await loadHostSecrets(env);
    expect(known.get('token')).toEqual({
      source: { kind: 'file', path: '/home/me/token' },
      hosts: ['a.example.com'],
      checks: false,
      repositories: ['/work/app'],
    });
    expect(agreedSecret(known, RULE, '/work/app').hosts).toEqual(['a.example.com']);
    const refusals: readonly (readonly [SecretRule, string, string])[] = [
      [{ ...RULE, name: 'other' }, '/work/app', 'no secret of that name'],
      [
        { ...RULE, hosts: ['a.example.com', 'evil.example.net'] },
        '/work/app',
        'does not let it go to evil.example.net',
      ],
      [{ ...RULE, checks: ['unit'] }, '/work/app', 'does not give it to checks'],
      [RULE, '/work/other', 'does not give it to the repository'],
    ];
    for (const [rule, repository, problem] of refusals)
      expect(() => agreedSecret(known, rule, repository)).toThrow(problem);
  });

  it('are none where there is no file', async () => {
    expect((await loadHostSecrets({ HOME: join(room, 'nobody') })).size).toBe(0);
  });

  it.each([
    ['others can write it', 'version: 1\n', 0o666],
    [
      'a value stands in it',
      'version: 1\nsecrets: { token: { value: hunter2hunter2, hosts: [a.example.com] } }\n',
      0o600,
    ],
    ['there is no value to be had', 'version: 1\nsecrets: { token: { value: none } }\n', 0o600],
    ['it names an address', 'version: 1\nsecrets: { token: { value: { env: T }, hosts: [127.0.0.1] } }\n', 0o600],
  ])('are refused when %s, without repeating what it says', async (_, text, mode) => {
    const error = await loadHostSecrets(hostFile(text, mode)).catch((thrown: unknown) => thrown);
    expect(isLoopwrightError(error, 'LW_SECRETS_INVALID')).toBe(true);
    expect(String(error)).not.toContain('hunter2');
  });
});
