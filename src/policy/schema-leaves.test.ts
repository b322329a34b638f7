/**
 * Every key of the policy has an effect. The table below is compared with the schema itself, so a key that is added
 * without a row here, or a row without a key, fails.
 */
import { describe, expect, it } from 'vitest';
import { COMMANDS, MODELS } from '../../test/fixtures/policy-leaves.ts';
import type { Row } from '../../test/fixtures/policy-leaves.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { parseCodeOwners } from './code-owners.ts';
import { parsePolicy } from './parse.ts';
import { hashPolicy, resolvePolicy } from './resolve.ts';
import { schemaLeaves, schemaRoot } from './schema-walk.ts';

const CODE_OWNERS = parseCodeOwners('/vault @acme/security');

const CHECK = 'checks: { unit: { run: npm test } }\n';

function resolve(text: string, className?: string): ResolvedPolicy {
  const file = parsePolicy(`version: 1\n${text}`, 'loopwright.yaml');
  return resolvePolicy({ file, className, defaults: { agent: 'scripted' }, codeOwners: CODE_OWNERS });
}

const zone =
  (name: string) =>
  (policy: ResolvedPolicy): unknown =>
    policy.risk.find((entry) => entry.name === name);

/** Keys that a class repeats: checked once for the file and once inside a class. */
const SHARED: Readonly<Record<string, Row>> = {
  'protect.files': {
    yaml: 'protect: { files: [golden.json] }',
    read: (policy) => policy.protect.includes('golden.json'),
    before: false,
    after: true,
  },
  'protect.except': {
    yaml: 'protect: { except: [src/test] }',
    read: (policy) => policy.protect.slice(-2),
    before: ['{.github/,docs/,.gitlab/,}CODEOWNERS', 'loopwright.yaml'],
    after: ['!src/test', 'loopwright.yaml'],
  },
  'paths.allow': {
    yaml: 'paths: { allow: [src/**] }',
    read: (policy) => policy.paths.allow,
    before: ['**'],
    after: ['src/**'],
  },
  'paths.deny': {
    yaml: 'paths: { deny: [legacy/**] }',
    read: (policy) => policy.paths.deny,
    before: [],
    after: ['legacy/**'],
  },
  'paths.dependencies': {
    yaml: 'paths: { dependencies: [deps] }',
    read: (policy) => policy.paths.dependencies,
    before: ['node_modules', '.venv', 'vendor/bundle'],
    after: ['deps'],
  },
  'paths.unmask': {
    yaml: 'paths: { unmask: [.env.development] }',
    read: (policy) => policy.paths.unmask,
    before: [],
    after: ['.env.development'],
  },
  'resources.memory': {
    yaml: 'resources: { memory: 2 GiB }',
    read: (p) => p.resources?.memoryBytes,
    before: 8 * 2 ** 30,
    after: 2 * 2 ** 30,
  },
  'resources.processes': {
    yaml: 'resources: { processes: 50 }',
    read: (p) => p.resources?.processes,
    before: 1_000,
    after: 50,
  },
  'resources.disk': {
    yaml: 'resources: { disk: unlimited }',
    read: (p) => p.resources?.writtenBytes,
    before: 20 * 2 ** 30,
    after: 'unlimited',
  },
  'resources.files': {
    yaml: 'resources: { files: 5k }',
    read: (p) => p.resources?.writtenFiles,
    before: 1_000_000,
    after: 5_000,
  },
  'resources.deleted-files': {
    yaml: 'resources: { deleted-files: 10 }',
    read: (p) => p.resources?.deletedFiles,
    before: 500,
    after: 10,
  },
  'resources.deleted-share': {
    yaml: 'resources: { deleted-share: 10% }',
    read: (p) => p.resources?.deletedPercent,
    before: 50,
    after: 10,
  },
  'resources.open-files': {
    yaml: 'resources: { open-files: 256 }',
    read: (p) => p.resources?.openFiles,
    before: 65_536,
    after: 256,
  },
  'resources.file-size': {
    yaml: 'resources: { file-size: 1 GiB }',
    read: (p) => p.resources?.fileBytes,
    before: 8 * 2 ** 30,
    after: 2 ** 30,
  },
  'resources.cpu-time': {
    yaml: 'resources: { cpu-time: 10m }',
    read: (p) => p.resources?.cpuTimeMs,
    before: 4 * 3_600_000,
    after: 600_000,
  },
  'limits.iterations': { yaml: 'limits: { iterations: 9 }', read: (p) => p.limits.iterations, before: 5, after: 9 },
  'limits.wall-time': {
    yaml: 'limits: { wall-time: 2h }',
    read: (p) => p.limits.wallTimeMs,
    before: 3_600_000,
    after: 7_200_000,
  },
  'limits.idle': { yaml: 'limits: { idle: 1m }', read: (p) => p.limits.idleMs, before: 600_000, after: 60_000 },
  'limits.changed-files': {
    yaml: 'limits: { changed-files: 7 }',
    read: (p) => p.limits.changedFiles,
    before: 50,
    after: 7,
  },
  'limits.changed-lines': {
    yaml: 'limits: { changed-lines: 1k }',
    read: (p) => p.limits.changedLines,
    before: 1_500,
    after: 1_000,
  },
  'limits.output': {
    yaml: 'limits: { output: 1 MiB }',
    read: (p) => p.limits.outputBytes,
    before: 16_777_216,
    after: 1_048_576,
  },
  'limits.tokens': {
    yaml: 'limits: { tokens: unlimited }',
    read: (p) => p.limits.tokens,
    before: 10_000_000,
    after: 'unlimited',
  },
  'limits.cost-usd': { yaml: 'limits: { cost-usd: 0.50 }', read: (p) => p.limits.costUsd, before: 5, after: 0.5 },
  'limits.daily-cost-usd.class': {
    yaml: 'limits: { daily-cost-usd: { class: 3 } }',
    read: (p) => p.dailyCostUsd,
    before: { class: 20, repository: 50, all: 100 },
    after: { class: 3, repository: 50, all: 100 },
  },
  'limits.daily-cost-usd.repository': {
    yaml: 'limits: { daily-cost-usd: { repository: $30 } }',
    read: (p) => p.dailyCostUsd.repository,
    before: 50,
    after: 30,
  },
  'limits.daily-cost-usd.all': {
    yaml: 'limits: { daily-cost-usd: { all: unlimited } }',
    read: (p) => p.dailyCostUsd.all,
    before: 100,
    after: 'unlimited',
  },
  'limits.egress-bytes': {
    yaml: 'limits: { egress-bytes: 10 MiB }',
    read: (p) => p.network?.egressBytes,
    before: 2 ** 30,
    after: 10 * 2 ** 20,
  },
  'network.allow': {
    yaml: 'network: { allow: [a.example.com] }',
    read: (p) => p.network?.allow.map(({ host }) => host),
    before: [],
    after: ['a.example.com'],
  },
  'detectors.repeated-failure': {
    yaml: 'detectors: { repeated-failure: 6 }',
    read: (p) => p.detectors.repeatedFailureIterations,
    before: 3,
    after: 6,
  },
  'detectors.no-progress': {
    yaml: 'detectors: { no-progress: off }',
    read: (p) => p.detectors.noProgressIterations,
    before: 2,
    after: 'off',
  },
  'detectors.protected-edit': {
    yaml: 'detectors: { protected-edit: stop }',
    read: (p) => p.detectors.protectedEdit,
    before: 'hold',
    after: 'stop',
  },
  'detectors.steps': {
    yaml: 'detectors: { steps: { error-streak: 20, step-cycle: off } }',
    read: (p) => p.detectors.steps,
    before: {},
    after: { 'error-streak': 20, 'step-cycle': 'off' },
  },
  'detectors.actions': {
    yaml: 'detectors: { actions: { scratch-files: off } }',
    read: (p) => [p.detectors.actions?.['scratch-files'], p.detectors.actions?.cycle],
    before: ['hold', 'stop'],
    after: ['off', 'stop'],
  },
  'risk[].name': {
    yaml: 'risk: [{ name: prompts, paths: [prompts/**], reason: They steer. }]',
    read: (policy) => policy.risk.length,
    before: 12,
    after: 13,
  },
  'risk[].paths': {
    yaml: 'risk: [{ name: auth, paths: off }]',
    read: (p) => zone('auth')(p) === undefined,
    before: false,
    after: true,
  },
  'risk[].reason': {
    yaml: 'risk: [{ name: ci, reason: Ask Kim. }]',
    read: (policy) => (zone('ci')(policy) as { reason: string }).reason,
    before: 'It decides what is checked, published and deployed after the merge, with credentials.',
    after: 'Ask Kim.',
  },
  'risk[].owners': {
    yaml: "risk: [{ name: auth, owners: ['@acme/security'] }]",
    read: (policy) => zone('auth')(policy),
    before: expect.not.objectContaining({ owned: expect.anything() }),
    after: expect.objectContaining({ owners: ['@acme/security'], owned: ['vault', 'vault/**'] }),
  },
  'risk[].approvals': {
    yaml: 'risk: [{ name: auth, approvals: 2 }]',
    read: (policy) => zone('auth')(policy),
    before: expect.not.objectContaining({ approvals: 2 }),
    after: expect.objectContaining({ approvals: 2 }),
  },
  'risk[].from': {
    yaml: 'risk: [{ name: auth, from: [kim, lee] }]',
    read: (policy) => zone('auth')(policy),
    before: expect.not.objectContaining({ from: expect.anything() }),
    after: expect.objectContaining({ from: ['kim', 'lee'] }),
  },
  'risk[].checks': {
    yaml: 'risk: [{ name: auth, checks: [login] }]',
    checks: 'checks: { unit: npm test, login: npm run login }\nclasses: { fix: { checks: [unit] } }\n',
    inClass:
      'checks: { unit: npm test, login: npm run login }\nclasses: { fix: { checks: [unit] }, mine: { checks: [unit], risk: [{ name: auth, checks: [login] }] } }',
    read: (policy) => policy.checks.map(({ id }) => id),
    before: ['unit'],
    after: ['unit', 'login'],
  },
};

const AUTONOMY = (policy: ResolvedPolicy): unknown => policy.class.autonomy;

const ROWS: Readonly<Record<string, Row>> = {
  ...SHARED,
  ...MODELS,
  ...COMMANDS,
  'agent.driver': {
    yaml: 'agent: { driver: command }',
    read: (p) => p.agent.driver,
    before: 'scripted',
    after: 'command',
  },
  'agent.options': {
    yaml: 'agent: { driver: scripted, options: { steps: [1, { b: null }] } }',
    read: (policy) => policy.agent.options,
    before: {},
    after: { steps: [1, { b: null }] },
  },
  owner: { yaml: 'owner: "@acme/web"', read: (policy) => policy.owner, before: null, after: '@acme/web' },
  sandbox: { yaml: 'sandbox: none', read: (policy) => policy.sandbox, before: 'bubblewrap', after: 'none' },
  environment: {
    yaml: 'environment: { TZ: UTC }',
    read: (policy) => policy.environment,
    before: {},
    after: { TZ: 'UTC' },
  },
  'checks.*.run': {
    yaml: '',
    checks: 'checks: { unit: { run: make test } }',
    read: (policy) => policy.checks[0]?.run,
    before: 'npm test',
    after: 'make test',
  },
  'checks.*.report': {
    yaml: '',
    checks: 'checks: { unit: { run: npm test, report: tap } }',
    read: (policy) => policy.checks[0]?.report,
    before: 'exit-code',
    after: 'tap',
  },
  'checks.*.report-file': {
    yaml: '',
    checks: 'checks: { unit: { run: npm test, report: junit, report-file: "out/*.xml" } }',
    read: (policy) => policy.checks[0]?.reportFile,
    before: null,
    after: 'out/*.xml',
  },
  'checks.*.timeout': {
    yaml: '',
    checks: 'checks: { unit: { run: npm test, timeout: 90s } }',
    read: (policy) => policy.checks[0]?.timeoutMs,
    before: 600_000,
    after: 90_000,
  },
  secrets: {
    yaml: 'network: { allow: [a.example.com] }\nsecrets: { token: { for: [a.example.com], reason: Ours. } }',
    read: (policy) => policy.secrets,
    before: [],
    after: [{ name: 'token', variable: 'TOKEN', hosts: ['a.example.com'], checks: [], reason: 'Ours.' }],
  },
  'approvals.signed': {
    yaml: 'approvals: { signed: true }',
    read: (policy) => policy.approvals?.signed,
    before: false,
    after: true,
  },
  'approvals.expire': {
    yaml: 'approvals: { expire: 12h }',
    read: (policy) => policy.approvals?.expireMs,
    before: 604_800_000,
    after: 43_200_000,
  },
  'approvals.other-than-operator': {
    yaml: 'approvals: { other-than-operator: true }',
    read: (policy) => policy.approvals?.otherThanOperator,
    before: false,
    after: true,
  },
  'approvals.remind': {
    yaml: 'approvals: { remind: 2h }',
    read: (policy) => policy.approvals?.remindMs,
    before: 86_400_000,
    after: 7_200_000,
  },
  'publish.forge': {
    yaml: 'publish: { forge: gitlab }',
    read: (policy) => policy.publish?.forge,
    before: 'none',
    after: 'gitlab',
  },
  'publish.repository': {
    yaml: 'publish: { repository: acme/tools/shop }',
    read: (policy) => policy.publish?.repository,
    before: null,
    after: 'acme/tools/shop',
  },
  'publish.target': {
    yaml: 'publish: { target: release/2 }',
    read: (policy) => policy.publish?.target,
    before: null,
    after: 'release/2',
  },
  'publish.open-requests': {
    yaml: 'publish: { open-requests: 2 }',
    read: (policy) => policy.publish?.openRequests,
    before: 5,
    after: 2,
  },
  'checks.*.network': {
    yaml: 'network: { allow: [npm] }',
    checks: 'checks: { unit: { run: npm test, network: true } }',
    read: (policy) => policy.checks[0]?.network,
    before: undefined,
    after: true,
  },
  'checks.*.repeat': {
    yaml: '',
    checks: 'checks: { unit: { run: npm test, repeat: 5 } }',
    read: (policy) => policy.checks[0]?.repeat,
    before: undefined,
    after: 5,
  },
  'checks.*.ratchet': {
    yaml: '',
    checks: 'checks: { size: { run: wc -c dist/a.js, report: number, ratchet: lower } }',
    read: (policy) => policy.checks[0]?.ratchet,
    before: undefined,
    after: 'lower',
  },
  'checks.*.hidden': {
    yaml: '',
    checks: 'checks: { unit: { run: npm test, hidden: [held/**] } }',
    read: (policy) => [policy.checks[0]?.hidden, policy.protect.includes('held/**')],
    before: [undefined, false],
    after: [['held/**'], true],
  },
  'proof.mutants': {
    yaml: 'proof: { mutants: 5 }',
    read: (policy) => policy.proof?.mutants,
    before: 3,
    after: 5,
  },
  'review.minutes': {
    yaml: 'review: { minutes: 45 }',
    read: (policy) => policy.review?.minutes,
    before: 90,
    after: 45,
  },
  'migrations.database': {
    yaml: 'migrations: { database: sqlite }',
    read: (policy) => policy.migrations?.database,
    before: undefined,
    after: 'sqlite',
  },
  'migrations.up': {
    yaml: 'migrations: { up: bin/rails db:migrate }',
    read: (policy) => policy.migrations?.up,
    before: undefined,
    after: 'bin/rails db:migrate',
  },
  'migrations.down': {
    yaml: 'migrations: { down: bin/rails db:rollback }',
    read: (policy) => policy.migrations?.down,
    before: undefined,
    after: 'bin/rails db:rollback',
  },
  'classes.*.extends': {
    yaml: 'classes: { fix: { extends: format } }',
    read: (policy) => policy.limits.changedFiles,
    before: 50,
    after: 1_000,
  },
  'classes.*.summary': {
    yaml: 'classes: { fix: { summary: Ours. } }',
    read: (policy) => policy.class.summary,
    before: 'Repair what a red check shows, without touching what proves it.',
    after: 'Ours.',
  },
  autonomy: { yaml: 'autonomy: land', read: AUTONOMY, before: 'propose', after: 'land' },
  'classes.*.autonomy': {
    yaml: 'classes: { fix: { autonomy: report } }',
    read: AUTONOMY,
    before: 'propose',
    after: 'report',
  },
  'classes.*.baseline': {
    yaml: 'classes: { fix: { baseline: may-pass } }',
    read: (policy) => policy.class.baseline,
    before: 'must-fail',
    after: 'may-pass',
  },
  'classes.*.checks': {
    yaml: 'classes: { fix: { checks: [lint] } }',
    checks: 'checks: { unit: { run: npm test }, lint: eslint . }',
    read: (policy) => policy.checks.map((check) => check.id),
    before: ['unit'],
    after: ['lint'],
  },
};

const leaves = schemaLeaves(schemaRoot());

describe('every key has an effect', () => {
  it.each(Object.entries(ROWS))('%s', (_, row) => {
    const plain = resolve(CHECK);
    const changed = resolve(`${row.checks ?? CHECK}\n${row.yaml}`);
    expect(row.read(plain)).toEqual(row.before);
    expect(row.read(changed)).toEqual(row.after);
    expect(hashPolicy(changed)).not.toBe(hashPolicy(plain));
  });

  it.each(Object.entries(SHARED))('%s, inside a class, for that class only', (_, row) => {
    const text = row.inClass ?? `${CHECK}classes: { mine: { ${row.yaml} } }`;
    const read = (className: string): unknown => row.read(resolve(text, className));
    expect(read('mine')).toEqual(row.after);
    expect(read('fix')).toEqual(row.before);
  });

  it.each(['2', '"1"', 'x'])('version %s is not read', (version) => {
    expect(() => parsePolicy(`version: ${version}`, 'loopwright.yaml')).toThrow('is not known');
  });
});

describe('the table of keys', () => {
  const covered = new Set(['version', ...Object.keys(ROWS)]);
  const sharedSections = new Set(Object.keys(SHARED).map((path) => path.split(/[.[]/)[0]));

  it('covers every leaf of the schema, and nothing else', () => {
    expect(leaves.length).toBeGreaterThan(30);
    const own = leaves.filter((leaf) => leaf.sameAs === null).map((leaf) => leaf.path);
    expect([...covered].sort()).toEqual([...own].sort());
  });

  it('covers every section that a class repeats', () => {
    const repeated = leaves.flatMap((leaf) => (leaf.sameAs === null ? [] : [leaf.sameAs]));
    expect(new Set(repeated)).toEqual(sharedSections);
  });

  it('stays small enough to know', () => {
    // docs/decisions/0019 says why it is more than the 60 of the design.
    expect(leaves.length).toBeLessThanOrEqual(99);
  });

  it('has a description and a default for every key', () => {
    expect(leaves.filter((leaf) => !/^.{10,}\.$/.test(leaf.node.description ?? ''))).toEqual([]);
    const silent = leaves.filter(
      ({ node, sameAs }) => sameAs === null && node.default === undefined && node.preset === undefined,
    );
    expect(silent.map((leaf) => leaf.path)).toEqual([
      'version',
      'checks.*.run',
      'risk[].name',
      'models.prices.*.input',
      'models.prices.*.output',
    ]);
  });

  it('would notice a key that is missing from it', () => {
    const without = new Set([...covered].filter((path) => path !== 'owner'));
    expect(leaves.filter((leaf) => leaf.sameAs === null && !without.has(leaf.path)).map((leaf) => leaf.path)).toEqual([
      'owner',
    ]);
  });
});
