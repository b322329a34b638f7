/** Layers of a policy: a lower one only tightens, and one that loosens is refused with both places. */
import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../../core/errors.ts';
import type { LoopwrightError } from '../../core/errors.ts';
import type { LayerLevel } from '../../core/policy.ts';
import type { PolicyFile } from '../content.ts';
import { parsePolicy } from '../parse.ts';
import { resolveWithOrigins, type PolicyFlags, type ResolvedWithOrigins } from '../resolve.ts';
import { schemaLeaves, schemaRoot } from '../schema-walk.ts';
import { directedLeaves } from './directions.ts';
import { parseLayer } from './parse-layer.ts';
import { stackPolicies, type AppliedLayer } from './stack.ts';

function layer(text: string, level: LayerLevel = 'organisation'): AppliedLayer {
  const name = `${level}.yaml`;
  const { file } = parseLayer(`layer: ${level}\nversion: 1\n${text}\n`, name, `/etc/l/${name}`);
  return { record: { level, file: name, hash: 'a'.repeat(64) }, file, source: `/etc/l/${name}` };
}

const own = (text: string): PolicyFile => parsePolicy(`version: 1\n${text}\n`, 'loopwright.yaml');

interface Case {
  readonly upper: string;
  readonly lower: string;
  readonly className?: string;
  readonly flags?: PolicyFlags;
}

const CHECKS = 'checks: { unit: npm test }';

function resolved({ upper, lower, className, flags }: Case): ResolvedWithOrigins {
  const file = stackPolicies([layer(upper)], own(lower));
  return resolveWithOrigins({ file, className, flags, defaults: { agent: 'scripted' } });
}

function refusal(act: () => unknown): LoopwrightError {
  try {
    act();
  } catch (error) {
    if (isLoopwrightError(error, 'LW_POLICY_LOOSENED')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('every key has a direction', () => {
  it('in one table with the leaves of the schema', () => {
    const directed = [...directedLeaves().keys()];
    const known = schemaLeaves(schemaRoot()).flatMap(({ path, sameAs }) => (sameAs === null ? [path] : []));
    const within = (key: string, leaf: string): boolean =>
      key === leaf || key.startsWith(`${leaf}.`) || key.startsWith(`${leaf}[`);
    expect(known.length).toBeGreaterThan(80);
    expect(known.filter((leaf) => !directed.some((key) => within(key, leaf)))).toEqual([]);
    const repeated = /^classes\.\*\.(?:protect|paths|limits|resources|detectors|network|risk)\b/;
    expect(directed.filter((key) => !repeated.test(key) && !known.some((leaf) => within(key, leaf)))).toEqual([]);
  });
});

/** What the layer says, what loosens it, and what tightens it. One row for every key that has a direction. */
const ROWS: readonly (readonly [string, string, string | null, string | null])[] = [
  ['agent.driver', 'agent: claude', 'agent: codex', 'agent: claude'],
  [
    'agent.options',
    'agent: { driver: claude, options: { model: a } }',
    'agent: { driver: claude, options: { model: b } }',
    null,
  ],
  ['autonomy', 'autonomy: propose', 'autonomy: land', 'autonomy: report'],
  ['sandbox', 'sandbox: container', 'sandbox: none', 'sandbox: container'],
  ['sandbox', 'limits: { iterations: 3 }', 'sandbox: none', 'sandbox: container'],
  ['environment', 'environment: { A: "1" }', 'environment: { A: "2" }', 'environment: { B: "2" }'],
  ['checks.*.run', 'checks: { lint: eslint }', 'checks: { lint: "true" }', 'checks: { lint: eslint, more: x }'],
  ['checks.*.report', 'checks: { lint: eslint }', 'checks: { lint: { run: eslint, report: junit } }', null],
  [
    'checks.*.report-file',
    'checks: { l: { run: x, report: junit, report-file: a.xml } }',
    'checks: { l: { run: x, report: junit, report-file: b.xml } }',
    null,
  ],
  [
    'checks.*.timeout',
    'checks: { l: { run: x, timeout: 5m } }',
    'checks: { l: { run: x, timeout: 6m } }',
    'checks: { l: { run: x, timeout: 4m } }',
  ],
  [
    'checks.*.network',
    'checks: { l: x }',
    'network: { allow: [npm] }\nchecks: { l: { run: x, network: true } }',
    'checks: { l: { run: x, network: false } }',
  ],
  [
    'checks.*.repeat',
    'checks: { l: { run: x, repeat: 3 } }',
    'checks: { l: { run: x, repeat: 2 } }',
    'checks: { l: { run: x, repeat: 4 } }',
  ],
  [
    'checks.*.ratchet',
    'checks: { l: { run: x, report: number, ratchet: lower } }',
    'checks: { l: { run: x, report: number, ratchet: higher } }',
    null,
  ],
  ['checks.*.hidden', 'checks: { l: { run: x, hidden: [a] } }', null, 'checks: { l: { run: x, hidden: [b] } }'],
  ['protect.files', 'protect: { files: [gold/**] }', 'protect: { except: [gold/x] }', 'protect: { except: [other/x] }'],
  ['protect.except', 'protect: { except: [gen/**] }', 'protect: { except: [lib/**] }', 'protect: { except: [gen/a] }'],
  ['paths.allow', 'paths: { allow: [src/**] }', 'paths: { allow: [lib/**] }', 'paths: { allow: [src/a/**] }'],
  ['paths.deny', 'paths: { deny: [legacy/**] }', null, 'paths: { deny: [old/**] }'],
  [
    'paths.dependencies',
    'paths: { dependencies: [node_modules] }',
    'paths: { dependencies: [deps] }',
    'paths: { dependencies: [] }',
  ],
  ['paths.unmask', 'paths: { unmask: [.env.dev] }', 'paths: { unmask: [.env] }', 'paths: { unmask: [.env.dev] }'],
  ...['iterations', 'changed-files', 'changed-lines', 'tokens', 'cost-usd'].map(
    (key) => [`limits.${key}`, `limits: { ${key}: 5 }`, `limits: { ${key}: 6 }`, `limits: { ${key}: 4 }`] as const,
  ),
  ['limits.wall-time', 'limits: { wall-time: 5m }', 'limits: { wall-time: unlimited }', 'limits: { wall-time: 4m }'],
  ['limits.idle', 'limits: { idle: 5m }', 'limits: { idle: 6m }', 'limits: { idle: 4m }'],
  ['limits.output', 'limits: { output: 5 MiB }', 'limits: { output: 6 MiB }', 'limits: { output: 4 MiB }'],
  [
    'limits.egress-bytes',
    'limits: { egress-bytes: 5 MiB }',
    'limits: { egress-bytes: unlimited }',
    'limits: { egress-bytes: 4 MiB }',
  ],
  ...['class', 'repository', 'all'].map(
    (key) =>
      [
        `limits.daily-cost-usd.${key}`,
        `limits: { daily-cost-usd: { ${key}: 5 } }`,
        `limits: { daily-cost-usd: { ${key}: 6 } }`,
        `limits: { daily-cost-usd: { ${key}: 4 } }`,
      ] as const,
  ),
  ...['processes', 'files', 'deleted-files', 'open-files'].map(
    (key) =>
      [
        `resources.${key}`,
        `resources: { ${key}: 50 }`,
        `resources: { ${key}: 60 }`,
        `resources: { ${key}: 40 }`,
      ] as const,
  ),
  ...['memory', 'disk', 'file-size'].map(
    (key) =>
      [
        `resources.${key}`,
        `resources: { ${key}: 5 GiB }`,
        `resources: { ${key}: unlimited }`,
        `resources: { ${key}: 4 GiB }`,
      ] as const,
  ),
  [
    'resources.deleted-share',
    'resources: { deleted-share: 10% }',
    'resources: { deleted-share: 20% }',
    'resources: { deleted-share: 5% }',
  ],
  ['resources.cpu-time', 'resources: { cpu-time: 10m }', 'resources: { cpu-time: 20m }', 'resources: { cpu-time: 5m }'],
  [
    'detectors.repeated-failure',
    'detectors: { repeated-failure: 3 }',
    'detectors: { repeated-failure: off }',
    'detectors: { repeated-failure: 2 }',
  ],
  [
    'detectors.no-progress',
    'detectors: { no-progress: 3 }',
    'detectors: { no-progress: 4 }',
    'detectors: { no-progress: 2 }',
  ],
  [
    'detectors.protected-edit',
    'detectors: { protected-edit: hold }',
    'detectors: { protected-edit: note }',
    'detectors: { protected-edit: stop }',
  ],
  [
    'detectors.actions',
    'detectors: { actions: { cycle: hold } }',
    'detectors: { actions: { cycle: off } }',
    'detectors: { actions: { cycle: stop, file-scatter: off } }',
  ],
  [
    'detectors.steps',
    'detectors: { steps: { error-streak: 5 } }',
    'detectors: { steps: { error-streak: off } }',
    'detectors: { steps: { error-streak: 4, step-cycle: 9 } }',
  ],
  [
    'network.allow',
    'network: { allow: [npm, "*.example.com"] }',
    'network: { allow: [pypi] }',
    'network: { allow: [a.example.com] }',
  ],
  ['network.allow', 'network: { allow: [] }', 'network: { allow: [npm] }', 'network: { allow: [] }'],
  [
    'risk[].paths',
    'risk: [{ name: auth, approvals: 2 }]',
    'risk: [{ name: auth, paths: off }]',
    'risk: [{ name: auth, paths: [sso/**] }]',
  ],
  ['risk[].owners', 'risk: [{ name: auth, owners: ["@a"] }]', null, 'risk: [{ name: auth, owners: ["@b"] }]'],
  [
    'risk[].approvals',
    'risk: [{ name: auth, approvals: 2 }]',
    'risk: [{ name: auth, approvals: 1 }]',
    'risk: [{ name: auth, approvals: 3 }]',
  ],
  [
    'risk[].from',
    'risk: [{ name: auth, from: [ann, bob] }]',
    'risk: [{ name: auth, from: [ann, eve] }]',
    'risk: [{ name: auth, from: [ann] }]',
  ],
  [
    'risk[].checks',
    'checks: { lint: x }\nrisk: [{ name: auth, checks: [lint] }]',
    null,
    'checks: { unit: y }\nrisk: [{ name: auth, checks: [unit] }]',
  ],
  ['proof.mutants', 'proof: { mutants: 5 }', 'proof: { mutants: 0 }', 'proof: { mutants: 6 }'],
  [
    'commands.allow',
    'commands: { allow: [Bash(npm test)] }',
    'commands: { allow: [Bash(npm publish)] }',
    'commands: { allow: [Bash(npm test)] }',
  ],
  [
    'commands.allow',
    'commands: { unmatched: hold }',
    'commands: { allow: [Bash(npm test)] }',
    'commands: { unmatched: deny }',
  ],
  ['commands.ask', 'commands: { ask: [Bash(git push *)] }', null, 'commands: { ask: [Bash(npm publish)] }'],
  ['commands.deny', 'commands: { deny: [Bash(git push *)] }', null, 'commands: { deny: [Bash(npm publish)] }'],
  [
    'commands.unmatched',
    'commands: { unmatched: hold }',
    'commands: { unmatched: allow }',
    'commands: { unmatched: deny }',
  ],
  ['commands.unasked', 'commands: { unasked: refuse }', 'commands: { unasked: run }', null],
  ['models.metering', 'limits: { cost-usd: 5 }', 'models: { metering: agent-claims }', 'models: { metering: gateway }'],
  ['models.allow', 'models: { allow: [claude-*] }', 'models: { allow: [gpt-5] }', 'models: { allow: [claude-opus-4] }'],
  ...['input', 'output', 'cache-read', 'cache-write-5m', 'cache-write-1h', 'web-search-per-1000'].map(
    (key) =>
      [
        `models.prices.*.${key}`,
        'models: { prices: { m: { input: 1, output: 1 } } }',
        `models: { prices: { m: { input: 1, output: 1, ${key}: 0.5 } } }`.replace(
          /(input|output): 1, (.*)\1: 0\.5/,
          '$2$1: 0.5',
        ),
        'models: { prices: { m: { input: 1, output: 1 } } }',
      ] as const,
  ),
  ['models.prices.*.input', 'limits: { cost-usd: 5 }', 'models: { prices: { m: { input: 1, output: 1 } } }', null],
  [
    'models.multipliers',
    'models: { multipliers: { batch: 1 } }',
    'models: { multipliers: { fast: 0.5 } }',
    'models: { multipliers: { batch: 1 } }',
  ],
  [
    'models.unknown-price',
    'limits: { daily-cost-usd: { all: 9 } }',
    'models: { unknown-price: tokens-only }',
    'models: { unknown-price: refuse }',
  ],
  [
    'models.hosted-tools',
    'models: { hosted-tools: [] }',
    'models: { hosted-tools: [web_search] }',
    'models: { hosted-tools: [] }',
  ],
  ['models.max-output-tokens', 'models: { max-output-tokens: 1000 }', 'models: { max-output-tokens: 999 }', null],
  [
    'models.quota-attempts',
    'models: { quota-attempts: 5 }',
    'models: { quota-attempts: 6 }',
    'models: { quota-attempts: 4 }',
  ],
  [
    'secrets',
    'network: { allow: [{ host: a.b.c, methods: any }] }\nsecrets: { t: { for: [a.b.c] } }',
    'checks: { l: x }\nsecrets: { u: { checks: [l] } }',
    null,
  ],
  ['approvals.signed', 'approvals: { signed: true }', 'approvals: { signed: false }', 'approvals: { signed: true }'],
  ['approvals.expire', 'approvals: { expire: 2d }', 'approvals: { expire: 3d }', 'approvals: { expire: 1d }'],
  [
    'approvals.other-than-operator',
    'approvals: { other-than-operator: true }',
    'approvals: { other-than-operator: false }',
    null,
  ],
  ...['up', 'down'].map(
    (key) => [`migrations.${key}`, `migrations: { ${key}: make db }`, `migrations: { ${key}: 'true' }`, null] as const,
  ),
  ['migrations.database', 'migrations: { database: sqlite }', 'migrations: { database: postgresql }', null],
  ['review.minutes', 'review: { minutes: 30 }', 'review: { minutes: unlimited }', 'review: { minutes: 20 }'],
  ['publish.forge', 'publish: { forge: none }', 'publish: { forge: github }', 'publish: { forge: none }'],
  ['publish.repository', 'publish: { repository: a/b }', 'publish: { repository: a/c }', null],
  ['publish.target', 'publish: { target: next }', 'publish: { target: main }', 'publish: { target: next }'],
  [
    'publish.open-requests',
    'publish: { open-requests: 3 }',
    'publish: { open-requests: 4 }',
    'publish: { open-requests: 2 }',
  ],
  ['approvals.remind', 'approvals: { remind: 2d }', 'approvals: { remind: 3d }', 'approvals: { remind: 1d }'],
  [
    'classes.*.extends',
    'classes: { mine: { extends: docs } }',
    'classes: { mine: { extends: fix } }',
    'classes: { mine: { extends: docs } }',
  ],
  [
    'classes.*.baseline',
    'classes: { mine: { baseline: must-fail } }',
    'classes: { mine: { baseline: may-pass } }',
    null,
  ],
  [
    'classes.*.autonomy',
    'autonomy: propose',
    'classes: { mine: { autonomy: land } }',
    'classes: { mine: { autonomy: report } }',
  ],
  [
    'classes.*.checks',
    'checks: { lint: x }\nclasses: { mine: { checks: [lint] } }',
    null,
    'checks: { unit: y }\nclasses: { mine: { checks: [unit] } }',
  ],
];

/** Keys that restrict nothing, and the two that every file has. */
const FREE = ['version', 'owner', 'risk[].name', 'risk[].reason', 'classes.*.summary'];

describe('a lower layer', () => {
  it('is tried for every key of the schema', () => {
    const own = schemaLeaves(schemaRoot()).flatMap(({ path, sameAs }) => (sameAs === null ? [path] : []));
    const tried = new Set([...ROWS.map(([key]) => key), ...FREE]);
    expect(own.filter((key) => !tried.has(key))).toEqual([]);
  });

  it.each(ROWS.filter(([, , loose]) => loose !== null))('may not loosen %s: %s, then %s', (key, upper, lower) => {
    const error = refusal(() => stackPolicies([layer(upper)], own(lower ?? '')));
    expect(error.message).toMatch(/loopwright\.yaml:\d+:\d+ .* is looser than \/etc\/l\/organisation\.yaml:\d+:\d+,/);
    expect(key).not.toBe('');
  });

  it.each(ROWS.filter(([, , , tight]) => tight !== null))(
    'may tighten %s: %s, then %s and %s',
    (_, upper, _loose, lower) => {
      const file = stackPolicies([layer(upper)], own(lower ?? ''));
      expect(file?.stack?.layers).toHaveLength(1);
    },
  );
});

describe('a refusal', () => {
  it('has both places, both values and the fix, in words and as data', () => {
    const error = refusal(() => stackPolicies([layer('limits:\n  cost-usd: 5')], own('limits:\n  cost-usd: 20.50')));
    expect(error.message).toBe(
      'loopwright.yaml:3:13 `20.50` for `limits.cost-usd` is looser than /etc/l/organisation.yaml:4:13, where `limits.cost-usd` is `5`; a lower layer can only make it smaller: write `5` or less, or remove it',
    );
    expect(error.details).toEqual({
      loosened: [
        {
          key: 'limits.cost-usd',
          upper: { file: '/etc/l/organisation.yaml', line: 4, col: 13, text: '5' },
          lower: { file: 'loopwright.yaml', line: 3, col: 13, text: '20.50' },
        },
      ],
      contradictions: [],
    });
  });

  it('lists everything that is looser, each once', () => {
    const error = refusal(() =>
      stackPolicies(
        [layer('limits: { cost-usd: 5, iterations: 3 }\nsandbox: container')],
        own('limits: { cost-usd: 6, iterations: 4 }\nsandbox: none'),
      ),
    );
    expect(error.message.split('\n')).toHaveLength(3);
  });

  it('shows of an entry that does not say the key the entry, under its own name', () => {
    const error = refusal(() =>
      stackPolicies([layer('risk: [{ name: auth, approvals: 2 }]')], own('risk: [{ name: auth, paths: off }]')),
    );
    expect(error.message).toContain(
      '`off` for `risk[1].paths` is looser than /etc/l/organisation.yaml:3:8, where `risk[1]` is `',
    );
  });

  it('names the layer whose word is the tightest', () => {
    const layers = [layer('limits: { cost-usd: 5 }'), layer('limits: { cost-usd: 3 }', 'team')];
    expect(refusal(() => stackPolicies(layers, own('limits: { cost-usd: 4 }'))).message).toContain(
      '/etc/l/team.yaml:3:',
    );
    const loose = [layer('limits: { cost-usd: 5 }'), layer('limits: { cost-usd: 8 }', 'team')];
    expect(refusal(() => stackPolicies(loose, null)).message).toMatch(/^\/etc\/l\/team\.yaml:3:\d+ `8` for/);
  });

  it('comes for a class that is looser than what is above the file, or than its own layer', () => {
    const inClass = 'classes: { format: { limits: { changed-files: 900 } } }';
    refusal(() => stackPolicies([layer('limits: { changed-files: 100 }')], own(inClass)));
    const error = refusal(() => layer(`limits: { changed-files: 100 }\n${inClass}`));
    expect(error.message).toMatch(/^\/etc\/l\/organisation\.yaml:4:\d+ .*organisation\.yaml:3:/);
    // A repository that nobody restricts may be wider in a class, as before.
    expect(stackPolicies([], own(`limits: { changed-files: 100 }\n${inClass}`))?.stack).toBeUndefined();
  });

  it('comes for a class that starts from one of an upper layer', () => {
    const upper = layer('classes: { docs: { limits: { iterations: 2 } } }');
    refusal(() => stackPolicies([upper], own('classes: { mine: { extends: docs, limits: { iterations: 3 } } }')));
    refusal(() => stackPolicies([upper], own('classes: { docs: { extends: format } }')));
  });

  it('comes for a variable that decides what the command of a layer is', () => {
    const upper = 'checks: { scan: scan --all }';
    for (const name of ['PATH', 'LD_PRELOAD', 'NODE_OPTIONS']) {
      const error = refusal(() => resolved({ upper, lower: `environment: { ${name}: /tmp/x }\nchecks: { u: x }` }));
      expect(error.message).toMatch(
        new RegExp(`loopwright\\.yaml:2:\\d+ .*environment\\.${name}.*organisation\\.yaml:3:\\d+`),
      );
    }
    expect(resolved({ upper, lower: 'environment: { CI: "1" }' }).policy.environment).toEqual({ CI: '1' });
    expect(
      resolved({ upper: 'limits: { iterations: 3 }', lower: `environment: { PATH: /x }\n${CHECKS}` }),
    ).toBeTruthy();
  });

  it('comes for flags, with the flag in place of a file', () => {
    const one = { upper: 'limits: { cost-usd: 5 }\nagent: { driver: claude, options: { model: a } }', lower: CHECKS };
    const error = refusal(() => resolved({ ...one, flags: { limits: { costUsd: 6 } } }));
    expect(error.message).toBe(
      '--max-cost `$6.00` for `limits.cost-usd` is looser than /etc/l/organisation.yaml:3:21, where `limits.cost-usd` is `5`; a lower layer can only make it smaller: write `5` or less, or remove it',
    );
    refusal(() => resolved({ ...one, flags: { agent: 'codex' } }));
    refusal(() => resolved({ ...one, flags: { sandbox: 'none' } }));
    refusal(() => resolved({ ...one, flags: { agentOptions: { model: 'b' } } }));
    expect(resolved({ ...one, flags: { limits: { costUsd: 4 }, agent: 'claude' } }).policy.limits.costUsd).toBe(4);
    const ofClass = { upper: 'classes: { docs: { limits: { iterations: 2 } } }', lower: CHECKS, className: 'docs' };
    refusal(() => resolved({ ...ofClass, flags: { limits: { iterations: 3 } } }));
  });

  it('comes where two layers cannot both be kept', () => {
    const layers = [
      layer('risk: [{ name: auth, approvals: 3 }]'),
      layer('risk: [{ name: auth, from: [ann, bob] }]', 'team'),
    ];
    expect(refusal(() => stackPolicies(layers, null)).message).toBe(
      '/etc/l/organisation.yaml:3:33 and /etc/l/team.yaml:3:28 contradict each other: the zone `auth` asks for 3 approvals, and only ann, bob may give one',
    );
  });
});

describe('what layers say together', () => {
  it('is the tightest of each, with the place of whose word holds', () => {
    const { policy, origins } = resolved({
      upper: 'limits: { cost-usd: 5, iterations: 4 }\nprotect: [gold/**]\npaths: { deny: [legacy/**] }',
      lower: `${CHECKS}\nlimits: { cost-usd: 3 }\npaths: { deny: [old/**] }`,
    });
    expect(policy.limits).toMatchObject({ costUsd: 3, iterations: 4 });
    expect(policy.paths.deny).toEqual(['legacy/**', 'old/**']);
    expect(policy.protect).toContain('gold/**');
    expect(policy.layers).toEqual([{ level: 'organisation', file: 'organisation.yaml', hash: 'a'.repeat(64) }]);
    expect(origins).toMatchObject({
      'limits.costUsd': 'loopwright.yaml:3',
      'limits.iterations': 'organisation.yaml:3',
      'paths.deny': 'organisation.yaml:5, loopwright.yaml:4',
    });
  });

  it('holds where there is no policy in the repository', () => {
    const file = stackPolicies([layer(`${CHECKS}\nlimits: { iterations: 2 }`)], null);
    expect(resolveWithOrigins({ file, defaults: { agent: 'x' } }).policy.limits.iterations).toBe(2);
  });

  it('keeps the checks of a layer, whatever a class or a flag picks', () => {
    const upper = 'checks: { scan: security-scan }';
    const lower = `${CHECKS}\nclasses: { mine: { checks: [unit] } }`;
    const ids = (more: Partial<Case>): readonly string[] =>
      resolved({ upper, lower, ...more }).policy.checks.map(({ id }) => id);
    expect(ids({})).toEqual(['scan', 'unit']);
    expect(ids({ className: 'mine' })).toEqual(['unit', 'scan']);
    expect(ids({ flags: { checks: ['npm run other'] } })).toEqual(['npm-run-other', 'scan']);
  });

  it('keeps the paths of a zone of a layer, where a class gives it others', () => {
    const { policy } = resolved({
      upper: 'risk: [{ name: pay, paths: [pay/**], reason: money }, { name: auth, approvals: 2 }]',
      lower: `${CHECKS}\nclasses: { mine: { risk: [{ name: pay, paths: [x/**], reason: y }, { name: auth, paths: [sso/**] }] } }`,
      className: 'mine',
    });
    const zone = (name: string): readonly string[] => policy.risk.find((one) => one.name === name)?.paths ?? [];
    expect(zone('pay')).toEqual(['pay/**', 'x/**']);
    expect(zone('auth')).toEqual(
      expect.arrayContaining(['sso/**', '**/{securityconfig,websecurity,securityconfiguration}*.*']),
    );
  });

  it('gives a class of a layer what a repository tightens for everything', () => {
    const upper = 'classes: { docs: { limits: { iterations: 4 } } }';
    const { policy } = resolved({ upper, lower: `${CHECKS}\nlimits: { iterations: 2 }`, className: 'docs' });
    expect(policy.limits.iterations).toBe(2);
    refusal(() =>
      stackPolicies([layer('classes: { docs: { paths: { unmask: [a] } } }')], own('paths: { unmask: [b] }')),
    );
  });
});
