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
      /^vitest(?:\s|$)/.test(script) && !/--reporter|--outputFile|\b(?:bench|typecheck|watch|dev)\b/.test(script),
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

function testCheck(facts: RepositoryFacts, manifest: Manifest, script: string): DetectedCheck {
  const evidence = scriptEvidence('test', script);
  const hooked = manifest.scripts['pretest'] !== undefined || manifest.scripts['posttest'] !== undefined;
  // Plug'n'Play has no node_modules to find a runner in.
  const pluggedIn = facts.has('.pnp.cjs', '.pnp.js');
  const runner = RUNNERS.find(
    ({ matches, needs }) => matches(script) && (needs === undefined || manifest.dependencies.has(needs)),
  );
  if (runner === undefined || hooked || pluggedIn || !isSingleCommand(script)) {
    return detected('test', `${scriptRunner(facts)} test`, evidence);
  }
  const reportFile = runner.report === 'junit' ? REPORT_FILE : null;
  return detected('test', runner.command(script), evidence, { report: runner.report, reportFile });
}

const PLAIN_SCRIPTS: readonly (readonly [string, readonly string[]])[] = [
  ['lint', ['lint', 'lint:check', 'eslint']],
  ['typecheck', ['typecheck', 'type-check', 'check-types', 'check:types', 'types', 'tsc']],
];

export async function detectJavaScript(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const manifest = readManifest(await facts.text('package.json'));
  if (manifest === null) return denoChecks(facts);
  const checks: DetectedCheck[] = [];
  const test = manifest.scripts['test']?.trim();
  if (test !== undefined && test !== '' && !isNoCheck(test)) checks.push(testCheck(facts, manifest, test));
  for (const [id, names] of PLAIN_SCRIPTS) {
    const name = names.find(
      (candidate) => manifest.scripts[candidate] !== undefined && !isNoCheck(manifest.scripts[candidate]),
    );
    if (name === undefined) continue;
    const evidence = scriptEvidence(name, manifest.scripts[name] ?? '');
    checks.push(detected(id, `${scriptRunner(facts)} ${name}`, evidence));
  }
  return checks;
}

function denoChecks(facts: RepositoryFacts): readonly DetectedCheck[] {
  const file = ['deno.json', 'deno.jsonc'].find((path) => facts.has(path));
  if (file === undefined) return [];
  const run = `deno test --cached-only --junit-path=${REPORT_FILE}`;
  return [detected('test', run, `${file} exists`, { report: 'junit', reportFile: REPORT_FILE })];
}
