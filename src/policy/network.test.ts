import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import { networkRuleFor } from '../core/network.ts';
import { describePolicy } from './describe.ts';
import { explainNetwork } from './explain-network.ts';
import { NETWORK_PRESETS } from './network-presets.ts';
import { parsePolicy } from './parse.ts';
import { resolveWithOrigins } from './resolve.ts';
import type { ResolvedWithOrigins } from './resolve.ts';

const HEAD = 'version: 1\nchecks: { unit: npm test }\n';

function resolve(text: string, className?: string): ResolvedWithOrigins {
  const file = parsePolicy(`${HEAD}${text}`, 'loopwright.yaml');
  return resolveWithOrigins({ file, className, defaults: { agent: 'scripted' } });
}

/** The errors, `LINE:COL message`. */
function errors(text: string): string {
  try {
    parsePolicy(`${HEAD}${text}`, 'loopwright.yaml');
  } catch (error) {
    if (isLoopwrightError(error, 'LW_POLICY_INVALID')) return error.message.replaceAll('loopwright.yaml:', '');
    throw error;
  }
  return '';
}

const hosts = (text: string, className?: string): readonly string[] =>
  (resolve(text, className).policy.network?.allow ?? []).map(({ host, port }) => `${host}:${port}`);

describe('network.allow', () => {
  it('is empty without configuration, and the bytes are limited all the same', () => {
    expect(resolve('').policy.network).toEqual({ allow: [], egressBytes: 2 ** 30 });
  });

  it('reads hosts, ports, plain requests and lists by name', () => {
    const { policy, origins } = resolve(
      'network:\n  allow:\n    - pypi\n    - API.Example.com.:8443\n    - { host: "http://*.example.com", methods: any, reason: Mirrors. }\n',
    );
    const [first, second, api, wild] = policy.network?.allow ?? [];
    expect([first, second]).toMatchObject([
      { port: 443, tls: true, methods: 'read-only', preset: 'pypi' },
      { preset: 'pypi' },
    ]);
    expect(api).toEqual({
      host: 'api.example.com',
      port: 8443,
      tls: true,
      methods: 'read-only',
      preset: null,
      reason: null,
    });
    expect(wild).toEqual({
      host: '*.example.com',
      port: 80,
      tls: false,
      methods: 'any',
      preset: null,
      reason: 'Mirrors.',
    });
    expect(origins['network.allow.2']).toBe('loopwright.yaml:6');
    expect(describePolicy(policy, origins)).toContain('pypi, api.example.com:8443, http://*.example.com (any method)');
  });

  it('of a class replaces that of the file, also by none', () => {
    const text =
      'network: { allow: [npm] }\nclasses: { deps: { network: { allow: [a.example.com] } }, closed: { network: { allow: [] } } }\n';
    expect(hosts(text)).toEqual(hosts('network: { allow: [npm] }\n'));
    expect(hosts(text, 'deps')).toEqual(['a.example.com:443']);
    expect(hosts(text, 'closed')).toEqual([]);
  });

  it('has lists of full names only, each of which a rule can be', () => {
    for (const name of Object.keys(NETWORK_PRESETS))
      expect(hosts(`network: { allow: [${name}] }\n`).length).toBeGreaterThan(0);
  });

  it.each([
    ['127.0.0.1', 'is an address; only names are allowed'],
    ['"[::1]:443"', 'is an address; only names are allowed'],
    ['2130706433', 'expected'],
    ['localhost', 'never reached'],
    ['localhost:8080', 'never reached'],
    ['metadata.google.internal', 'never reached'],
    ['169.254.169.254', 'is an address'],
    ['nmp', 'did you mean `npm`?'],
    ['"*.*.example.com"', 'may only stand alone'],
    ['"*"', 'may only stand alone'],
    ['"https://example.com/path"', 'has a path'],
    ['"ftp://example.com"', 'only `https` and `http`'],
    ['"example.com:0"', 'the port has to be'],
    ['"bücher.example"', 'xn--'],
  ])('refuses %s when the policy is read, with line and column', (host, message) => {
    expect(errors(`network:\n  allow:\n    - ${host}\n`)).toMatch(/^5:7 /);
    expect(errors(`network:\n  allow:\n    - ${host}\n`)).toContain(message);
  });

  it.each([
    ['[a.example.com, a.example.com]', '3:35 `a.example.com` never decides'],
    ['["*.example.com", a.example.com]', 'never decides: `*.example.com` allows everything'],
    ['[{ host: a.example.com, methods: any }, A.example.com]', 'never decides'],
    ['[yarn, npm]', '`npm` never decides: `yarn`'],
    ['[{ host: npm, methods: any }]', 'which are read-only'],
  ])('refuses rules of which one never decides: %s', (list, message) => {
    expect(errors(`network: { allow: ${list} }\n`)).toContain(message);
  });

  it('takes a narrower rule that allows more', () => {
    expect(errors('network: { allow: ["*.example.com", { host: a.example.com, methods: any }] }\n')).toBe('');
  });

  it('is a contradiction without a sandbox, and so is a check that would use it and finds none', () => {
    expect(errors('sandbox: none\nnetwork: { allow: [npm] }\n')).toContain('needs a sandbox');
    const check = 'version: 1\nchecks: { unit: { run: npm test, network: true } }\n';
    expect(() => parsePolicy(check, 'loopwright.yaml')).toThrow(/opens nothing/);
    const open = parsePolicy(`${check}network: { allow: [npm] }\n`, 'loopwright.yaml');
    const { policy } = resolveWithOrigins({ file: open, defaults: { agent: 'scripted' } });
    expect(policy.checks[0]).toMatchObject({ id: 'unit', network: true });
  });
});

describe('the rule for a destination', () => {
  const { network = { allow: [], egressBytes: 0 } } = resolve(
    'network: { allow: ["*.example.com", { host: a.example.com, methods: any }] }\n',
  ).policy;

  it('is the most generous that covers it, by port and by TLS', () => {
    const to = { host: 'a.example.com', port: 443, tls: true };
    expect(networkRuleFor(network, to)?.methods).toBe('any');
    expect(networkRuleFor(network, { ...to, host: 'b.example.com' })?.methods).toBe('read-only');
    for (const other of [{ port: 80 }, { tls: false }, { host: 'example.com' }, { host: 'evilexample.com' }])
      expect(networkRuleFor(network, { ...to, ...other })).toBeNull();
  });

  it('is what `policy explain` shows, with its line', () => {
    const file = parsePolicy(
      `${HEAD}network:\n  allow:\n    - { host: a.example.com, reason: Docs. }\n`,
      'loopwright.yaml',
    );
    expect(explainNetwork(file, null, 'A.example.com')).toMatchObject({
      decision: 'allow',
      rule: { rule: 'a.example.com', reason: 'Docs.', origin: 'loopwright.yaml:5' },
    });
    for (const subject of ['b.example.com', 'http://a.example.com', '127.0.0.1', 'npm'])
      expect(explainNetwork(file, null, subject)).toMatchObject({ decision: 'deny', rule: null });
  });
});
