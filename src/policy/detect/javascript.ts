/**
 * Checks of JavaScript and TypeScript repositories, from the scripts of `package.json`.
 *
 * Where a script is nothing but a known runner, the runner is called directly with a machine-readable report, so that
 * missing and skipped tests are seen. Where it is more (several commands, a `pretest`), the script runs as it is and only
 * its exit code counts: rewriting it could change what is tested.
 */
import { secretShape } from '../../core/secret-shapes.ts';
import { detected, REPORT_FILE, type DetectedCheck, type RepositoryFacts } from './evidence.ts';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: ReadonlySet<string>;
}

function textEntries(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}

/** null for what is not a JSON map: a broken manifest is no evidence. */
export function readManifest(text: string | null): Manifest | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // What the parser throws for text that is not JSON.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const manifest = value as Record<string, unknown>;
  const names = [manifest['dependencies'], manifest['devDependencies']].flatMap((group) =>
    Object.keys(textEntries(group)),
  );
  return { scripts: textEntries(manifest['scripts']), dependencies: new Set(names) };
}

function scriptRunner(facts: RepositoryFacts): string {
  if (facts.has('pnpm-lock.yaml')) return 'pnpm run';
  if (facts.has('yarn.lock')) return 'yarn run';
  if (facts.has('bun.lock', 'bun.lockb')) return 'bun run';
  return 'npm run';
}

/** One command, no shell tricks: only then may options be put into it. */
function isSingleCommand(script: string): boolean {
  return /^[\x20-\x7e]+$/.test(script) && !/[;&|<>`$()\\]/.test(script) && secretShape(script) === null;
}

function scriptEvidence(name: string, script: string): string {
  const shown = secretShape(script) === null ? ` is "${script.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120)}"` : '';
  return `package.json: scripts.${name}${shown}`;
}

/** Never ends by itself, or changes the files it should judge. */
function isNoCheck(script: string): boolean {
  return (
    /--watch(?!All=false)|--ui\b|--fix\b|--write\b|no test specified/.test(script) || /\s(?:-w)(?:\s|$)/.test(script)
  );
}

interface KnownRunner {
  readonly matches: (script: string) => boolean;
  readonly command: (script: string) => string;
  readonly report: 'junit' | 'tap';
  /** A package that has to be there for the report. */
  readonly needs?: string;
}

const LOCAL = 'npx --no-install';

const RUNNERS: readonly KnownRunner[] = [
  {
    matches: (script) => /^node\s(?:.*\s)?--test(?:\s|$)/.test(script) && !/--test-reporter/.test(script),
    command: (script) => script.replace(/--test(?=\s|$)/, '--test --test-reporter=tap'),
    report: 'tap',
  },
  {
    matches: (script) =>
      /^vitest(?:\s|$)/.test(script) && !/--reporter|--outputFile|\s(?:bench|typecheck|watch|dev)(?:\s|$)/.test(script),
    command: (script) => {
      const rest = script.replace(/^vitest\s*(?:run\b)?\s*/, '');
      return `${LOCAL} vitest run --reporter=junit --outputFile=${REPORT_FILE} ${rest}`.trim();
    },
    report: 'junit',
  },
  {
    matches: (script) => /^jest(?:\s|$)/.test(script) && !/--reporters/.test(script),
    command: (script) => `JEST_JUNIT_OUTPUT_FILE=${REPORT_FILE} ${LOCAL} ${script} --ci --reporters=jest-junit`,
    report: 'junit',
    needs: 'jest-junit',
  },
  {
    matches: (script) => /^mocha(?:\s|$)/.test(script) && !/--reporter|\s-R\s/.test(script),
    command: (script) => script.replace(/^mocha/, `${LOCAL} mocha --reporter tap`),
    report: 'tap',
  },
  {
    matches: (script) => /^ava(?:\s|$)/.test(script) && !/--tap/.test(script),
    command: (script) => script.replace(/^ava/, `${LOCAL} ava --tap`),
    report: 'tap',
  },
  {
    matches: (script) => /^bun test(?:\s|$)/.test(script) && !/--reporter/.test(script),
    command: (script) => `${script} --reporter=junit --reporter-outfile=${REPORT_FILE}`,
    report: 'junit',
  },
];

/** A script of the manifest by name, and by npm where the package manager of the repository is not there. */
function scriptCheck(facts: RepositoryFacts, manifest: Manifest, id: string, name: string): DetectedCheck {
  const program = scriptRunner(facts);
  const check = detected(id, `${program} ${name}`, scriptEvidence(name, manifest.scripts[name] ?? ''));
  // npm runs the scripts of any of them, but knows nothing of Plug'n'Play.
  return program === 'npm run' || isPluggedIn(facts) ? check : { ...check, instead: [`npm run ${name}`] };
}

/** Plug'n'Play has no node_modules to find a runner in. */
function isPluggedIn(facts: RepositoryFacts): boolean {
  return facts.has('.pnp.cjs', '.pnp.js');
}

/**
 * The runner in a script that first starts scripts which are checks of their own: then the tests can be asked for names
 * without anything being left out. null where the script does more than that.
 */
function testsAlone(manifest: Manifest, script: string): string | null {
  const parts = script.split(' && ').map((part) => part.trim());
  const last = parts.pop();
  const own = new Set(PLAIN_SCRIPTS.flatMap(([, names]) => namedCheck(manifest, names) ?? []));
  const isOwn = (part: string): boolean => {
    const name = /^(?:npm run|pnpm(?: run)?|yarn(?: run)?|bun run) ([\w:-]+)$/.exec(part)?.[1];
    return name !== undefined && own.has(name);
  };
  return last !== undefined && parts.every(isOwn) ? last : null;
}

function testCheck(facts: RepositoryFacts, manifest: Manifest, name: string): DetectedCheck {
  const { scripts } = manifest;
  const script = scripts[name]?.trim() ?? '';
  const hooked = scripts[`pre${name}`] !== undefined || scripts[`post${name}`] !== undefined;
  const alone = testsAlone(manifest, script);
  const runner = RUNNERS.find(
    ({ matches, needs }) =>
      alone !== null && matches(alone) && (needs === undefined || manifest.dependencies.has(needs)),
  );
  if (alone === null || runner === undefined || hooked || isPluggedIn(facts) || !isSingleCommand(alone))
    return scriptCheck(facts, manifest, 'test', name);
  const reportFile = runner.report === 'junit' ? REPORT_FILE : null;
  const evidence = `${scriptEvidence(name, script)}; with a report, so that every test has a name`;
  const check = detected('test', runner.command(alone), evidence, { report: runner.report, reportFile });
  return check;
}

const TEST_SCRIPTS: readonly string[] = ['test', 'test:unit', 'unit', 'tests'];

const PLAIN_SCRIPTS: readonly (readonly [string, readonly string[]])[] = [
  ['lint', ['lint', 'lint:check', 'eslint', 'test:lint']],
  ['typecheck', ['typecheck', 'type-check', 'check-types', 'check:types', 'test:types', 'types', 'tsc']],
  ['format', ['format:check', 'check:format', 'prettier:check', 'fmt:check', 'format-check']],
];

/** The first of the names that stands for a script which can be a check. */
function namedCheck(manifest: Manifest, names: readonly string[]): string | undefined {
  return names.find((name) => {
    const script = manifest.scripts[name]?.trim();
    return script !== undefined && script !== '' && !isNoCheck(script);
  });
}

export async function detectJavaScript(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const manifest = readManifest(await facts.text('package.json'));
  if (manifest === null) return denoChecks(facts);
  const test = namedCheck(manifest, TEST_SCRIPTS);
  const others = PLAIN_SCRIPTS.flatMap(([id, names]) => {
    const name = namedCheck(manifest, names);
    return name === undefined ? [] : [scriptCheck(facts, manifest, id, name)];
  });
  return [...(test === undefined ? [] : [testCheck(facts, manifest, test)]), ...others];
}

function denoChecks(facts: RepositoryFacts): readonly DetectedCheck[] {
  const file = ['deno.json', 'deno.jsonc'].find((path) => facts.has(path));
  if (file === undefined) return [];
  const run = `deno test --cached-only --junit-path=${REPORT_FILE}`;
  return [detected('test', run, `${file} exists`, { report: 'junit', reportFile: REPORT_FILE })];
}
