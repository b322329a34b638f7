import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RESOURCES } from '../core/resource.ts';
import { isLoopwrightError, type ErrorCode } from '../core/errors.ts';
import { LIMIT_NAMES } from '../core/limit.ts';
import { canonicalJson } from './canonical.ts';
import { BUILT_IN_CLASSES, DETECTOR_ACTIONS } from './classes.ts';
import { pathClassifier } from './classify.ts';
import { parsePolicy } from './parse.ts';
import { explainPolicy, hashPolicy, resolvePolicy, resolveWithOrigins, type PolicyRequest } from './resolve.ts';

const file = (text: string): ReturnType<typeof parsePolicy> => parsePolicy(`version: 1\n${text}`, 'loopwright.yaml');
const FLAGS = { agent: 'command', agentOptions: { argv: ['fixer', '--go'] }, checks: ['npm test'] };

function failure(request: PolicyRequest): { code: ErrorCode; message: string; next: string } {
  try {
    resolvePolicy(request);
  } catch (error) {
    if (isLoopwrightError(error)) return { code: error.code, message: error.message, next: error.next };
    throw error;
  }
  throw new Error('the request was resolved');
}

describe('without any configuration', () => {
  const policy = resolvePolicy({ file: null, flags: FLAGS });

  it('every limit is on and finite, for every class', () => {
    for (const className of BUILT_IN_CLASSES.keys()) {
      const { limits } = resolvePolicy({ file: null, className, flags: FLAGS });
      expect(Object.keys(limits).sort()).toEqual([...LIMIT_NAMES].sort());
      expect(LIMIT_NAMES.filter((name) => !Number.isFinite(limits[name]))).toEqual([]);
    }
  });

  it('is exactly this, but for the long lists', () => {
    expect({ ...policy, protect: policy.protect.length > 40, risk: policy.risk.map((zone) => zone.name) }).toEqual({
      version: 1,
      class: {
        name: 'fix',
        summary: 'Repair what a red check shows, without touching what proves it.',
        baseline: 'must-fail',
        autonomy: 'propose',
      },
      agent: { driver: 'command', options: { argv: ['fixer', '--go'] } },
      owner: null,
      checks: [{ id: 'npm-test', run: 'npm test', report: 'exit-code', reportFile: null, timeoutMs: 600_000 }],
      protect: true,
      paths: { allow: ['**'], deny: [], dependencies: ['node_modules', '.venv', 'vendor/bundle'], unmask: [] },
      sandbox: 'bubblewrap',
      environment: {},
      limits: {
        iterations: 5,
        wallTimeMs: 3_600_000,
        idleMs: 600_000,
        changedFiles: 50,
        changedLines: 1_500,
        outputBytes: 16_777_216,
        tokens: 10_000_000,
        costUsd: 5,
      },
      proof: { mutants: 3 },
      review: { minutes: 90 },
      resources: DEFAULT_RESOURCES,
      dailyCostUsd: { class: 20, repository: 50, all: 100 },
      commands: { deny: [], ask: [], allow: [], unmatched: 'allow', unasked: 'run' },
      network: { allow: [], egressBytes: 2 ** 30 },
      secrets: [],
      models: {
        metering: 'gateway',
        allow: ['**'],
        prices: {},
        multipliers: {},
        unknownPrice: 'refuse',
        hostedTools: [],
        maxOutputTokens: 131_072,
        quotaAttempts: 10,
      },
      detectors: {
        repeatedFailureIterations: 3,
        noProgressIterations: 2,
        protectedEdit: 'hold',
        actions: DETECTOR_ACTIONS,
        steps: {},
      },
      risk: [
        'infrastructure',
        'ci',
        'check-settings',
        'manifest',
        'dependencies',
        'auth',
        'payments',
        'migrations',
        'agent-settings',
        'secrets',
        'customer-facing',
        'public-api',
      ],
      approvals: { signed: false, expireMs: 604_800_000, otherThanOperator: false, remindMs: 86_400_000 },
      publish: { forge: 'none', repository: null, target: null, openRequests: 5 },
    });
  });

  it('is frozen all the way down, and shares nothing with what it was made from', () => {
    const argv = ['a'];
    const own = resolvePolicy({ file: null, flags: { ...FLAGS, agentOptions: { argv } } });
    argv.push('b');
    expect(own.agent.options).toEqual({ argv: ['a'] });
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(own)).toBe(true);
    expect(
      frozen(resolvePolicy({ file: file('checks: { a: b }\nenvironment: { A: b }'), flags: { agent: 'x' } })),
    ).toBe(true);
    expect(Object.isFrozen([...BUILT_IN_CLASSES.values()][0]?.protect)).toBe(false);
  });

  it('is plain data: it survives a log', () => {
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});

describe('where a value comes from', () => {
  const text = [
    'limits: { changed-files: 20, idle: 2m }',
    'checks:',
    '  unit:',
    '    run: pytest --junitxml=r.xml',
    '    timeout: 1m',
    'classes:',
    '  format:',
    '    limits: { idle: 3m }',
  ].join('\n');
  const request: PolicyRequest = {
    file: file(text),
    className: 'format',
    flags: { agent: 'command', limits: { costUsd: 'unlimited' } },
  };
  const { policy, origins } = resolveWithOrigins(request);

  it('goes default, built-in class, file, class in the file, flag', () => {
    const shown = LIMIT_NAMES.map((name) => [name, policy.limits[name], origins[`limits.${name}`]]);
    expect(shown).toEqual([
      ['iterations', 3, 'class format'],
      ['wallTimeMs', 3_600_000, 'default'],
      ['idleMs', 180_000, 'loopwright.yaml:9'],
      ['changedFiles', 20, 'loopwright.yaml:2'],
      ['changedLines', 30_000, 'class format'],
      ['outputBytes', 16_777_216, 'default'],
      ['tokens', 10_000_000, 'default'],
      ['costUsd', 'unlimited', '--max-cost'],
    ]);
  });

  it('is told for everything else', () => {
    expect(explainPolicy(request)).toMatchObject({
      'class.name': '--class',
      'agent.driver': '--agent',
      'agent.options': 'default',
      'checks.unit.run': 'loopwright.yaml:5',
      'checks.unit.report': 'loopwright.yaml:4',
      'checks.unit.timeoutMs': 'loopwright.yaml:6',
      protect: 'class format',
      sandbox: 'default',
      'risk.ci': 'default',
    });
  });

  it('covers every leaf of the policy', () => {
    const covered = (path: string): boolean =>
      Object.keys(origins).some((key) => path === key || path.startsWith(`${key}.`));
    const paths = [
      'owner',
      'sandbox',
      'protect',
      'agent.driver',
      'agent.options',
      'class.name',
      'class.summary',
      'class.baseline',
    ];
    for (const [section, value] of Object.entries({
      paths: policy.paths,
      limits: policy.limits,
      approvals: policy.approvals ?? {},
      detectors: policy.detectors,
      'detectors.actions': policy.detectors.actions ?? {},
    })) {
      paths.push(...Object.keys(value).map((key) => `${section}.${key}`));
    }
    paths.push(
      ...policy.checks.flatMap(({ id }) =>
        ['run', 'report', 'reportFile', 'timeoutMs'].map((key) => `checks.${id}.${key}`),
      ),
    );
    paths.push(...policy.risk.map((zone) => `risk.${zone.name}`));
    // Its leaves are listed by themselves.
    const whole = 'detectors.actions';
    expect(paths.filter((path) => path !== whole && !covered(path))).toEqual([]);
  });

  it('lets a person at the terminal go in either direction', () => {
    for (const iterations of [1, 99, 'unlimited'] as const) {
      const flags = { ...FLAGS, limits: { iterations } };
      expect(resolvePolicy({ file: file('limits: { iterations: 10 }'), flags }).limits.iterations).toBe(iterations);
    }
  });
});

describe('checks', () => {
  it('of the command line replace those of the file', () => {
    const policy = resolvePolicy({
      file: file('checks: { unit: npm test }'),
      flags: { ...FLAGS, checks: ['make a', 'make a', '!!'] },
    });
    expect(policy.checks.map(({ id, run }) => [id, run])).toEqual([
      ['make-a', 'make a'],
      ['make-a-2', 'make a'],
      ['check-3', '!!'],
    ]);
  });

  it('are the ones the class picks, through every class it extends', () => {
    const text =
      'checks: { unit: a, lint: b, docs: c }\nclasses: { one: { checks: [lint, unit] }, two: { extends: one } }';
    const ids = (className: string): string[] =>
      resolvePolicy({ file: file(text), className, flags: { agent: 'x' } }).checks.map(({ id }) => id);
    expect([ids('one'), ids('two'), ids('fix')]).toEqual([
      ['lint', 'unit'],
      ['lint', 'unit'],
      ['unit', 'lint', 'docs'],
    ]);
  });

  it('have to be there', () => {
    const expected = {
      code: 'LW_NO_ACCEPTANCE',
      message: 'the task has no check, so nothing could ever be accepted',
      next: [
        'Do one of these:',
        "  - name a check for this run: loopwright run --check 'npm test' GOAL",
        '  - let loopwright propose a policy from what the repository already says: loopwright init',
        '  - write it into loopwright.yaml and commit it: `checks: { unit: npm test }`',
      ].join('\n'),
    };
    expect(failure({ file: null, flags: { agent: 'x' } })).toEqual(expected);
    expect(failure({ file: file('checks: {}'), flags: { agent: 'x' } })).toEqual(expected);
    expect(failure({ file: null, flags: { agent: 'x', checks: ['npm test', ' '] } })).toMatchObject({
      code: 'LW_USAGE',
      message: '--check number 2 is empty',
    });
  });
});

describe('agent', () => {
  const own = file('agent: { driver: command, options: { argv: [a], env: b } }\nchecks: { unit: t }');

  it('keeps the options of the file for the driver they were written for', () => {
    const options = (flags: PolicyRequest['flags']): unknown => resolvePolicy({ file: own, flags }).agent;
    expect(options(undefined)).toEqual({ driver: 'command', options: { argv: ['a'], env: 'b' } });
    expect(options({ agentOptions: { argv: ['z'] } })).toEqual({
      driver: 'command',
      options: { argv: ['z'], env: 'b' },
    });
    expect(options({ agent: 'command' })).toEqual({ driver: 'command', options: { argv: ['a'], env: 'b' } });
    expect(options({ agent: 'scripted' })).toEqual({ driver: 'scripted', options: {} });
  });

  it('falls back to the one the host names, or is asked for', () => {
    const checks = ['t'];
    expect(resolvePolicy({ file: null, flags: { checks }, defaults: { agent: 'found' } }).agent.driver).toBe('found');
    expect(failure({ file: null, flags: { checks } })).toEqual({
      code: 'LW_AGENT_UNKNOWN',
      message: 'no agent is named, neither by `--agent` nor by `agent` in loopwright.yaml',
      next: 'Name one: `loopwright run --agent NAME GOAL`, or any program: `loopwright run --agent command GOAL -- PROGRAM ARGS`. `loopwright agents` lists them; `loopwright agents install pi` installs one, which then needs no name.',
    });
  });
});

describe('classes', () => {
  it('that nobody described', () => {
    expect(failure({ file: file('classes: { nightly: {} }'), className: 'refactr', flags: FLAGS })).toEqual({
      code: 'LW_CLASS_UNKNOWN',
      message: 'there is no task class "refactr"; did you mean `refactor`?',
      next: 'Known classes are fix, refactor, format, codemod, dependencies, tests, docs, wiring, migration, nightly. Name one with `--class`, or describe it under `classes` in loopwright.yaml.',
    });
    expect(failure({ file: null, className: 'constructor', flags: FLAGS }).message).toBe(
      'there is no task class "constructor"',
    );
  });

  it('build on each other, the special one last', () => {
    const text = [
      'classes:',
      '  format: { limits: { idle: 1m, iterations: 9 }, protect: [a] }',
      '  night: { extends: format, limits: { iterations: 2 }, protect: [b], summary: Night. }',
      '  fix: { extends: night, baseline: must-fail }',
    ].join('\n');
    const policy = resolvePolicy({ file: file(text), className: 'fix', flags: FLAGS });
    expect(policy.class).toMatchObject({ name: 'fix', summary: 'Night.', baseline: 'must-fail' });
    expect([policy.limits.idleMs, policy.limits.iterations, policy.limits.changedFiles]).toEqual([60_000, 2, 1_000]);
    expect(policy.protect.slice(-2)).toEqual(['a', 'b']);
  });

  it('narrow their scope by what the file allows, unless a class of the file says its own', () => {
    const classify = (text: string, className: string): ((path: string) => boolean) => {
      const decide = pathClassifier(resolvePolicy({ file: file(text), className, flags: FLAGS }));
      return (path) => decide(path, true).inScope;
    };
    const docs = classify('paths: { allow: [packages/a] }', 'docs');
    expect(['packages/a/README.md', 'packages/b/README.md', 'packages/a/index.ts'].map(docs)).toEqual([
      true,
      false,
      false,
    ]);
    const own = classify(
      'paths: { allow: [packages/a], deny: [site/old] }\nclasses: { docs: { paths: { allow: [site] } } }',
      'docs',
    );
    expect(['site/a.tsx', 'site/old/a.tsx', 'packages/a/README.md'].map(own)).toEqual([true, false, false]);
    const fix = classify('paths: { allow: [src], deny: [src/gen] }', 'fix');
    expect(['src/a.ts', 'SRC/a.ts', 'src/Gen/a.ts', 'lib/a.ts'].map(fix)).toEqual([true, false, false, false]);
  });

  it('cannot take the protection off the policy itself', () => {
    const policy = resolvePolicy({ file: file('protect: { except: ["**"] }'), flags: FLAGS });
    const decide = pathClassifier(policy);
    expect([decide('loopwright.yaml', true).protected, decide('tests/a.py', true).protected]).toEqual([true, false]);
  });
});

describe('the hash', () => {
  const shuffled = (value: unknown, seed: number): unknown => {
    if (Array.isArray(value)) return value.map((inner) => shuffled(inner, seed));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, shuffled(inner, seed)] as const);
    return Object.fromEntries(seed % 2 === 0 ? entries.toReversed() : entries.slice(1).concat(entries.slice(0, 1)));
  };

  it('does not depend on the order of keys', () => {
    const policy = resolvePolicy({ file: null, flags: FLAGS });
    expect(hashPolicy(policy)).toMatch(/^[0-9a-f]{64}$/);
    fc.assert(
      fc.property(fc.integer(), (seed) => hashPolicy(shuffled(policy, seed) as typeof policy) === hashPolicy(policy)),
    );
  });

  it('is the same for the same rules, and another for other rules', () => {
    const hash = (text: string): string => hashPolicy(resolvePolicy({ file: file(text), flags: FLAGS }));
    expect(hash('limits: { idle: 90s }\nowner: a')).toBe(hash('owner: a # why\nlimits:\n  idle: 1m30s'));
    expect(hash('protect: [a, b]')).not.toBe(hash('protect: [b, a]'));
    expect(hash('')).toBe(hash('limits: { iterations: 5 }'));
  });

  it('rests on a text that is the data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
        expect(canonicalJson(JSON.parse(canonicalJson(plain)))).toBe(canonicalJson(plain));
      }),
    );
  });

  it('resolving is a function: the same request gives the same policy', () => {
    const request: PolicyRequest = {
      file: file('limits: { idle: 1m }\nrisk: [{ name: ci, paths: off }]'),
      flags: FLAGS,
    };
    expect(resolvePolicy(request)).toEqual(resolvePolicy(request));
    expect(hashPolicy(resolvePolicy(request))).toBe(hashPolicy(resolvePolicy(request)));
  });
});

describe('autonomy', () => {
  const level = (text: string, className = 'fix'): unknown => {
    const file = parsePolicy(`version: 1\nchecks: { t: npm test }\n${text}`, 'loopwright.yaml');
    const { policy, origins } = resolveWithOrigins({ file, className, flags: { agent: 'command' } });
    return [policy.class.autonomy, origins['class.autonomy']];
  };

  it('is to propose, unless somebody writes otherwise', () => {
    expect(level('')).toEqual(['propose', 'default']);
    expect(level('classes: { docs: { autonomy: land } }', 'docs')).toEqual(['land', 'loopwright.yaml:3']);
    expect(level('classes: { docs: { autonomy: land } }', 'fix')).toEqual(['propose', 'default']);
  });

  it('of a class never passes that of the repository', () => {
    expect(level('autonomy: report\nclasses: { fix: { autonomy: land } }')).toEqual(['report', 'loopwright.yaml:3']);
    expect(level('autonomy: land\nclasses: { fix: { autonomy: report } }')).toEqual(['report', 'loopwright.yaml:4']);
  });
});

describe('what a risk zone asks for', () => {
  const zoneOf = (text: string, className: string): unknown => {
    const file = parsePolicy(`version: 1\nchecks: { t: npm test, u: npm run u }\n${text}`, 'loopwright.yaml');
    return resolvePolicy({ file, className, flags: { agent: 'command' } }).risk.find(({ name }) => name === 'auth');
  };

  it('only grows from the file to the class', () => {
    const text = [
      'risk: [{ name: auth, approvals: 2, from: [ann, bob, eve] }]',
      'classes: { docs: { risk: [{ name: auth, approvals: 1, from: [bob, ann] }] } }',
    ].join('\n');
    expect(zoneOf(text, 'docs')).toMatchObject({ approvals: 2, from: ['bob', 'ann'], readsDiff: true });
    expect(zoneOf(text, 'fix')).toMatchObject({ approvals: 2, from: ['ann', 'bob', 'eve'] });
  });

  it('adds its checks to those of the command line', () => {
    const file = parsePolicy(
      'version: 1\nchecks: { t: npm test, u: npm run u }\nrisk: [{ name: auth, checks: [u] }]\n',
      'loopwright.yaml',
    );
    const ids = (risk: typeof file): readonly string[] =>
      resolvePolicy({ file: risk, flags: { agent: 'command', checks: ['npm run given'] } }).checks.map(({ id }) => id);
    expect(ids(file)).toEqual(['npm-run-given', 'u']);
  });
});

describe('what no rule decides', () => {
  it.each([
    ['', 'allow'],
    ['commands: { deny: [Read(.env)] }\n', 'allow'],
    ['commands: { ask: ["Bash(git push *)"] }\n', 'allow'],
    ['commands: { deny: [Read(.env)], allow: ["Bash(npm test *)"] }\n', 'hold'],
    ['sandbox: none\ncommands: { deny: [Read(.env)] }\n', 'hold'],
    ['commands: { deny: [Read(.env)], unmatched: deny }\n', 'deny'],
  ])('under %j is %s', (section, unmatched) => {
    const file = parsePolicy(`version: 1\nchecks: { unit: npm test }\n${section}`, 'loopwright.yaml');
    expect(resolvePolicy({ file, defaults: { agent: 'scripted' } }).commands.unmatched).toBe(unmatched);
  });
});
