/** The small parts around the policy: bytes, words, reports of commands, descriptions, and what importing costs. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import type { BaseReader } from '../ports/workspace.ts';
import { DETECTOR_ACTIONS } from './classes.ts';
import { describePolicy, summarizePolicy } from './describe.ts';
import { policyJsonSchema, policyReference } from './json-schema.ts';
import { loadPolicy } from './load.ts';
import { nearest } from './nearest.ts';
import { parsePolicy } from './parse.ts';
import { decodePolicy } from './policy-bytes.ts';
import { reportOfCommand } from './report-format.ts';
import { resolveWithOrigins } from './resolve.ts';
import { schemaLeaves, schemaRoot } from './schema-walk.ts';
import { secretShape } from '../core/secret-shapes.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function reader(content: Uint8Array | null): BaseReader {
  return { readFile: async () => content, readAll: async () => new Map(), listFiles: async () => [] };
}

describe('loading from the base revision', () => {
  it('gives null where there is no policy', async () => expect(await loadPolicy(reader(null))).toBeNull());

  it('gives the policy', async () => {
    expect((await loadPolicy(reader(text('\ufeffversion: 1\r\n'))))?.content).toEqual({ version: 1 });
  });

  it.each([
    ['not UTF-8', bytes(0x76, 0x3a, 0xff), 'loopwright.yaml is not valid UTF-8'],
    ['an overlong form', bytes(0xc0, 0xaf), 'loopwright.yaml is not valid UTF-8'],
    ['UTF-16', bytes(0xff, 0xfe, 0x76, 0), 'loopwright.yaml is UTF-16; it has to be UTF-8'],
    ['binary', bytes(0x7f, 0x45, 0, 1), 'loopwright.yaml holds a zero byte at offset 2, so it is not text'],
    ['10 MB', new Uint8Array(10_000_000).fill(0x20), 'loopwright.yaml has 10000000 bytes; at most 262144 are read'],
  ])('refuses %s', async (_, content, message) => {
    const error: unknown = await loadPolicy(reader(content)).catch((caught: unknown) => caught);
    expect(isLoopwrightError(error, 'LW_POLICY_UNREADABLE') && { message: error.message, next: error.next }).toEqual({
      message,
      next: 'Save loopwright.yaml as UTF-8 text of at most 256 KiB and commit it; a run reads it from the base revision.',
    });
  });

  it('keeps text as it is', () => expect(decodePolicy(text('é\n'), 'f')).toBe('é\n'));
});

describe('the nearest word', () => {
  it.each([
    ['chekcs', 'checks'],
    ['wallTime', 'wall-time'],
    ['WALL_TIME', 'wall-time'],
    ['cost', 'cost-usd'],
    ['xyz', null],
    ['', null],
    ['x'.repeat(10_000), null],
  ])('of %.20s is %s', (word, expected) =>
    expect(nearest(word, ['checks', 'wall-time', 'cost-usd', 'idle'])).toBe(expected),
  );
});

describe('what a command says of its report', () => {
  it.each([
    ['npm test', 'exit-code', null],
    ['node --test --test-reporter=tap', 'tap', null],
    ['npm test -- --test-reporter tap', 'tap', null],
    ['node --test --test-reporter=tap --test-reporter-destination=out.tap', 'exit-code', null],
    ['node --test --test-reporter=spec', 'exit-code', null],
    ['node --test --test-reporter=tap --test-reporter=spec', 'exit-code', null],
    ['node --test --test-reporter=tap | tee log', 'exit-code', null],
    ['build && node --test --test-reporter=tap', 'exit-code', null],
    ['pytest --junitxml=out/r.xml', 'junit', 'out/r.xml'],
    ['build && pytest --junitxml r.xml -q', 'junit', 'r.xml'],
    ['pytest --junit-xml="my.xml"', 'junit', 'my.xml'],
    ['pytest --junitxml=/tmp/r.xml', 'exit-code', null],
    ['pytest --junitxml=../r.xml', 'exit-code', null],
    ['pytest --junitxml=$OUT', 'exit-code', null],
    ['vitest run --reporter=junit --outputFile=r.xml', 'junit', 'r.xml'],
    ['jest --json --outputFile=r.json', 'jest-json', 'r.json'],
    ['npx jest --json', 'jest-json', null],
    ['jest --json --outputFile=../r.json', 'exit-code', null],
    ['vitest run --reporter=json --outputFile=r.json', 'jest-json', 'r.json'],
    ['vitest run --reporter=json --reporter=junit --outputFile.junit=r.xml', 'junit', 'r.xml'],
    ['go test -json ./...', 'go-test-json', null],
    ['go test -race -json ./... | tee log', 'exit-code', null],
    ['CGO_ENABLED=0 go test -json ./...', 'go-test-json', null],
    ['go test ./... -run json', 'exit-code', null],
    ['mocha -R json', 'mocha-json', null],
    ['npx playwright test --reporter=json', 'playwright-json', null],
    ['bundle exec rspec --format json --out r.json', 'rspec-json', 'r.json'],
    ['eslint . -f json -o lint.json', 'eslint-json', 'lint.json'],
    ['node_modules/.bin/eslint --format=json src', 'eslint-json', null],
    ['eslint --format checkstyle src', 'checkstyle', null],
    ['eslint src', 'exit-code', null],
    ['stylelint -f json "**/*.css"', 'exit-code', null],
    ['stylelint -f json -o s.json "**/*.css"', 'stylelint-json', 's.json'],
    ['golangci-lint run --output.json.path=stdout', 'golangci-json', null],
    ['semgrep scan --config auto --json', 'semgrep-json', null],
    ['trivy fs --format json .', 'trivy-json', null],
    ['npm audit --json', 'npm-audit', null],
    ['ruff check --output-format json', 'exit-code', null],
    ['phpunit --log-junit r.xml', 'junit', 'r.xml'],
  ])('%s: %s %s', (run, report, reportFile) => expect(reportOfCommand(run)).toEqual({ report, reportFile }));
});

describe('credentials', () => {
  it('are known by their shape, and words are not', () => {
    expect(secretShape(`sk-ant-api03-${'x'.repeat(30)}`)).toBe('an Anthropic API key');
    expect(secretShape(`AKIA${'A1B2C3D4'.repeat(2)}`)).toBe('an AWS access key');
    expect(secretShape('-----BEGIN RSA PRIVATE KEY-----')).toBe('a private key');
    const words = [
      'npm test',
      'sk-learn',
      'ask-for-it-in-a-very-long-kebab-name',
      'ghp_short',
      'https://example.com/eyJ',
    ];
    expect(words.filter((word) => secretShape(word) !== null)).toEqual([]);
  });
});

describe('in words', () => {
  const source =
    'version: 1\nowner: kim\nlimits:\n  wall-time: 20m\nchecks:\n  unit: pytest --junitxml=r.xml\npaths: { allow: [src] }\n';
  const { policy, origins } = resolveWithOrigins({
    file: parsePolicy(source, 'loopwright.yaml'),
    className: 'docs',
    flags: { agent: 'command', limits: { costUsd: 0.5 }, sandbox: 'none' },
  });

  const presets = (wanted: string): string =>
    Object.entries(DETECTOR_ACTIONS)
      .filter(([id, action]) => action === wanted && id !== 'tests-green-on-base')
      .map(([id]) => id)
      .join(', ');

  it('a policy says what is not default, and from where', () => {
    expect(describePolicy(policy, origins)).toBe(
      [
        'class               docs: Write or correct documentation.  (--class)',
        'baseline            may-pass: checks have to get no worse, test by test  (class docs)',
        'autonomy            propose: a person lands it',
        'agent               command  (--agent)',
        'owner               kim  (loopwright.yaml:2)',
        'sandbox             none: NOTHING IS CONFINED  (--sandbox)',
        'checks              unit: pytest --junitxml=r.xml  [junit r.xml, 10m]  (loopwright.yaml:6)',
        'protected           **/test/**, **/tests/**, **/__tests__/**, **/__mocks__/**, and 57 more  (class docs)',
        'may change          **/*.{md,mdx,markdown,rst,adoc,asciidoc}, docs/**, doc/**, **/{README,CHANGELOG,CONTRIBUTING,LICENSE,NOTICE,AUTHORS,SECURITY}{,.txt}  (class docs)',
        'may not change      **, except src  (loopwright.yaml:7)',
        'dependencies        node_modules, .venv, vendor/bundle',
        'may read secrets    none',
        'environment         none',
        'limits              iterations     5',
        '                    wall time      20m  (loopwright.yaml:4)',
        '                    idle           10m',
        '                    changed files  100  (class docs)',
        '                    changed lines  5,000  (class docs)',
        '                    output         16 MiB',
        '                    tokens         10,000,000',
        '                    cost           $0.50  (--max-cost)',
        'cost per day        class          $20.00',
        '                    repository     $50.00',
        '                    all            $100.00',
        'models              counted by     gateway',
        '                    allowed        **',
        '                    without price  refuse',
        '                    hosted tools   none',
        '                    longest answer 131,072 tokens',
        '                    quota attempts 10',
        'commands            no rules; what none decides is asked about',
        'network             none but the models',
        'detectors           same failures: stop after 3 iterations',
        '                    no progress: stop after 2 iterations',
        '                    edit of a protected file: hold',
        `                    stop: ${presets('stop')}`,
        `                    note: ${presets('note')}`,
        `                    hold: ${presets('hold')}`,
        '                    tests-green-on-base: off  (class docs)',
        'waits for a person  infrastructure, ci, check-settings, manifest, dependencies, auth, payments, migrations, agent-settings, secrets, customer-facing, public-api',
        'approvals           count for 7d, by anybody the zones name, reminder after 1d',
        'published           nowhere',
      ].join('\n'),
    );
  });

  it('or one line', () => {
    expect(summarizePolicy(policy)).toBe(
      'class docs · agent command · checks unit · at most 5 iterations, 20m, $0.50 · sandbox none',
    );
  });
});

describe('what is published', () => {
  it('is a closed JSON Schema without our own annotations', () => {
    const schema = policyJsonSchema();
    const json = JSON.stringify(schema);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'loopwright.yaml',
      type: 'object',
      required: ['version'],
      additionalProperties: false,
    });
    expect(json).not.toMatch(/"(?:preset|kind)":/);
    expect(JSON.stringify(policyJsonSchema())).toBe(json);
    const open: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if (
        'properties' in node &&
        'type' in node &&
        !('additionalProperties' in node && node.additionalProperties === false)
      )
        open.push(path);
      for (const [key, inner] of Object.entries(node)) visit(inner, `${path}/${key}`);
    };
    visit(schema, '');
    expect(open).toEqual([]);
  });

  it('has one row of the reference per key', () => {
    const rows = policyReference().trimEnd().split('\n').slice(2);
    expect(rows.map((row) => row.split('`')[1])).toEqual(schemaLeaves(schemaRoot()).map((leaf) => leaf.path));
    expect(rows).toContain(
      '| `limits.wall-time` | duration or `unlimited` | `1h` | Active time of the run; waiting for a person does not count. |',
    );
    expect(rows).toContain(
      '| `classes.*.limits` | as `limits` | what holds without it | The keys of `limits`, for this class only. |',
    );
  });
});

describe('what importing costs', () => {
  const loads = (...modules: string[]): string[] => {
    const imports = modules.map((module) => `await import(${JSON.stringify(new URL(module, import.meta.url).href)});`);
    const script = [
      "import { registerHooks } from 'node:module';",
      'const seen = new Set();',
      "registerHooks({ resolve: (specifier, context, next) => { if (/^(zod|yaml|picomatch)(\\/|$)/.test(specifier)) seen.add(specifier.split('/')[0]); return next(specifier, context); } });",
      ...imports,
      'process.stdout.write([...seen].sort().join());',
    ].join('\n');
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    return output.split(',').filter((name) => name !== '');
  };

  it('nothing of the parser until a policy is parsed', () => {
    expect(loads('./load.ts', './resolve.ts', './describe.ts', './limit-quantities.ts', './propose.ts')).toEqual([]);
    expect(loads('./classify.ts')).toEqual(['picomatch']);
    // The canary: the same look finds the libraries where they are.
    expect(loads('./parse.ts')).toEqual(['picomatch', 'yaml', 'zod']);
  });
});
