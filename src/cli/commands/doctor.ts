/** `loopwright doctor`: preflight with a fix per red line. It runs the checks on the untouched base, in the sandbox. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Option } from 'commander';
import type { Command } from 'commander';
import { LoopwrightError, isLoopwrightError } from '../../core/errors.ts';
import type { CheckResult } from '../../core/check.ts';
import type { ResolvedPolicy, SandboxName } from '../../core/policy.ts';
import { EXIT_ENVIRONMENT } from '../../core/stop-reason.ts';
import type { BaseRevision } from '../../core/task.ts';
import type { RepositoryInfo } from '../../ports/workspace.ts';
import type { Bench } from '../compose.ts';
import type { CliContext } from '../context.ts';
import { catchInterrupts } from '../interrupts.ts';
import { underLayers } from '../layers.ts';
import type { Reached } from '../reach/look.ts';
import { isPolicyInTree } from './overview.ts';

type Level = 'ok' | 'note' | 'bad';

interface Line {
  readonly level: Level;
  readonly what: string;
  readonly words: string;
  readonly next: string | null;
}

interface DoctorOptions {
  readonly repo: string;
  readonly base: string;
  readonly times: string;
  readonly sandbox?: SandboxName;
  readonly json?: boolean;
}

/** `merge-tree --write-tree`, which the undo of a landed change needs, came with git 2.38. */
const GIT_FLOOR = [2, 38] as const;

const run = promisify(execFile);

class Findings {
  readonly lines: Line[] = [];
  readonly #tell: (line: Line) => void;

  constructor(tell: (line: Line) => void) {
    this.#tell = tell;
  }

  add(level: Level, what: string, words: string, next: string | null = null): void {
    const line = { level, what, words, next };
    this.lines.push(line);
    this.#tell(line);
  }

  /** Adds what went wrong, and returns null, when `act` meets an operational failure. */
  async try<T>(what: string, act: () => Promise<T>): Promise<T | null> {
    try {
      return await act();
    } catch (error) {
      if (!isLoopwrightError(error)) throw error;
      this.add('bad', what, `${error.message} [${error.code}]`, error.next);
      return null;
    }
  }
}

async function examineGit(found: Findings): Promise<void> {
  const version = await run('git', ['--version']).then(
    ({ stdout }) => stdout.trim().replace(/^git version /, ''),
    () => null,
  );
  if (version === null) return found.add('bad', 'git', 'git is not on the PATH', 'Install git 2.38 or newer.');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > GIT_FLOOR[0] || (major === GIT_FLOOR[0] && minor >= GIT_FLOOR[1]);
  if (enough) return found.add('ok', 'git', version);
  return found.add('bad', 'git', `${version} is older than ${GIT_FLOOR.join('.')}`, 'Install git 2.38 or newer.');
}

async function examineSandbox(found: Findings, bench: Bench): Promise<boolean> {
  const report = await found.try('sandbox', () => bench.sandbox.probe());
  if (report === null) return false;
  found.add('ok', 'sandbox', `${report.id} ${report.version ?? ''}`.trimEnd());
  for (const [property, value] of Object.entries(report.enforced)) found.add('ok', `  ${property}`, value);
  for (const gap of report.gaps) found.add('note', '  not enforced', gap);
  const overlay = await bench.sandbox.offersOverlay();
  const words = overlay ? 'overlay: copies nothing' : 'shared clone: copies the tree for every run';
  found.add(overlay ? 'ok' : 'note', 'workspace', words);
  return true;
}

const OUTCOME_LEVELS = { blocked: 'ok', reached: 'bad', 'not tried': 'note' } as const;

const REACHED = 'Let nothing run in it here. Please report this with the output of `loopwright doctor --json`.';

/** What was tried from inside, with what the host really has to be reached. */
async function examineReach(found: Findings, bench: Bench, context: CliContext): Promise<readonly Reached[]> {
  const { lookFromInside } = await import('../reach/look.ts');
  const host = { env: context.terminal.env, state: context.composition().home };
  const tried = (await found.try('inside', () => lookFromInside(bench.sandbox, host))) ?? [];
  if (tried.length > 0) found.add('ok', 'from inside', `${tried.length} attempts to reach the host`);
  for (const { area, outcome, what, by, said } of tried) {
    const because = by === null ? said : `by ${by}`;
    const next = outcome === 'reached' ? REACHED : null;
    found.add(OUTCOME_LEVELS[outcome], `  ${area}`, `${outcome}: ${what}; ${because}`, next);
  }
  return tried;
}

/** A provider whose key is missing is no fault: most machines have one of them, and many runs call no model at all. */
async function examineModels(found: Findings, context: CliContext): Promise<void> {
  const tried = await found.try('models', () => context.composition().providers());
  for (const { provider, problem } of tried ?? []) {
    const what = `models ${provider.name}`;
    const speaks = provider.dialects.join(', ');
    if (problem === null)
      found.add(
        'ok',
        what,
        `${provider.url} (${speaks}), ${provider.key.kind === 'none' ? 'no key needed' : 'the key can be read'}`,
      );
    else found.add('note', what, problem.message, problem.next);
  }
}

interface Examined {
  readonly found: Findings;
  readonly bench: Bench;
  readonly env: CliContext['terminal']['env'];
}

async function findPolicy(
  { bench, env, found }: Examined,
  info: RepositoryInfo,
  base: BaseRevision,
): Promise<ResolvedPolicy | null> {
  const reader = bench.repositories.read(info.root, base.commit);
  const { loadPolicy } = await import('../../policy/load.ts');
  const { resolvePolicy } = await import('../../policy/resolve.ts');
  const own = await loadPolicy(reader);
  const file = await underLayers(own, env, () => bench.repositories.names(info.root));
  for (const { level, file: name, hash } of file?.stack?.layers ?? [])
    found.add('ok', '  layer', `${level}: ${name} (${hash.slice(0, 12)})`);
  if (file !== null && (own !== null || file.content.checks !== undefined)) {
    const policy = resolvePolicy({ file, defaults: { agent: 'command' } });
    found.add('ok', 'policy', own === null ? 'layers of this host alone' : `${file.fileName} on the base revision`);
    return policy;
  }
  const next = isPolicyInTree(info)
    ? 'Commit the one in your checkout: `git add loopwright.yaml && git commit`. Until then it has no effect.'
    : '`loopwright init` proposes one.';
  found.add('note', 'policy', 'no loopwright.yaml on the base revision', next);
  const { detectChecks } = await import('../../policy/propose.ts');
  const specs = (await detectChecks(reader)).map(({ spec }) => spec);
  if (specs.length === 0) return null;
  const plain = resolvePolicy({
    file,
    flags: { checks: specs.map(({ run: line }) => line) },
    defaults: { agent: 'command' },
  });
  const layered = plain.checks.filter(({ id }) => file?.stack?.requiredChecks.includes(id) === true);
  return { ...plain, checks: [...specs, ...layered] };
}

/** What the policy on the base names. Nothing is to be proved of `none`: then it is the default that is examined. */
async function sandboxOfBase(context: CliContext, options: DoctorOptions): Promise<SandboxName> {
  // Reading a repository needs no sandbox of its own.
  const { repositories } = await context.composition().bench('bubblewrap');
  const { loadPolicy } = await import('../../policy/load.ts');
  try {
    const { root } = await repositories.inspect(resolve(context.terminal.cwd, options.repo));
    const base = await repositories.pin(root, options.base);
    const own = await loadPolicy(repositories.read(root, base.commit));
    const file = await underLayers(own, context.terminal.env, () => repositories.names(root));
    const named = file?.content.sandbox ?? 'bubblewrap';
    return named === 'none' ? 'bubblewrap' : named;
  } catch (error) {
    // No repository, no base, a policy that cannot be read: each has a line of its own further on.
    if (isLoopwrightError(error)) return 'bubblewrap';
    throw error;
  }
}

function resultLine(result: CheckResult): [Level, string, string, string | null] {
  const what = `check ${result.checkId}`;
  const time = `${(result.wallTimeMs / 1_000).toFixed(1)} s`;
  if (result.conclusion === 'success') return ['ok', what, `green on the base, ${time}: ${result.summary}`, null];
  if (result.conclusion === 'failure') {
    return ['note', what, `red on the base, ${time}: ${result.summary}`, 'A run of class fix can turn it green.'];
  }
  const next = `It has to run in a sandbox without network: \`${result.checkId}\` may need its dependencies installed first (paths.dependencies).`;
  return ['bad', what, `cannot judge anything, ${time}: ${result.summary}`, next];
}

function flaky(results: readonly CheckResult[]): readonly string[] {
  const ids = [...new Set(results.map(({ checkId }) => checkId))];
  return ids.filter((id) => {
    const outcomes = results.filter(({ checkId }) => checkId === id).map(({ failing }) => JSON.stringify(failing));
    return new Set(outcomes).size > 1;
  });
}

/** Only where the policy publishes. It asks the forge for the repository, and changes nothing there. */
async function examineForge(
  found: Findings,
  bench: Bench,
  wanted: { readonly policy: ResolvedPolicy; readonly repository: string },
): Promise<void> {
  const { forge: name = 'none', target } = wanted.policy.publish ?? {};
  if (name === 'none') return;
  const answer = await found.try('forge', async () => {
    const forge = await bench.forge(wanted, new AbortController().signal);
    const branch = target ?? (await forge.defaultBranch());
    return { forge, branch, tip: await bench.remotes.tip(forge.remote, branch) };
  });
  if (answer === null) return;
  const { forge, branch, tip } = answer;
  const words = `${name} answers for ${forge.repository}, with the token; requests are for ${branch}`;
  if (tip !== null) return found.add('ok', 'forge', words);
  return found.add('bad', 'forge', `${words}, which is not there`, 'Name another branch as `publish.target`.');
}

async function examineChecks(examined: Examined, options: DoctorOptions, cwd: string): Promise<void> {
  const { bench, found } = examined;
  const info = await found.try('repository', () => bench.repositories.inspect(resolve(cwd, options.repo)));
  if (info === null) return;
  found.add('ok', 'repository', info.root);
  if (info.dirty === true) found.add('note', '  uncommitted', 'not part of a run, and never touched');
  if (info.hasSubmodules) found.add('note', '  submodules', 'are not checked out in a workspace');
  const base = await found.try('base', () => bench.repositories.pin(info.root, options.base));
  if (base === null) return;
  const policy = await found.try('policy', () => findPolicy(examined, info, base));
  if (policy === null) {
    found.add('bad', 'checks', 'none found', 'Name one in loopwright.yaml, or with `loopwright run --check`.');
    return;
  }
  const { examinePeople } = await import('../doctor-people.ts');
  const reader = bench.repositories.read(info.root, base.commit);
  for (const { level, what, words, next } of await examinePeople(policy, examined.env, reader))
    found.add(level, what, words, next);
  await examineForge(found, bench, { policy, repository: info.root });
  const { measureBase } = await import('../../engine/measure-base.ts');
  const interrupts = catchInterrupts({ err: () => undefined });
  const wanted = { repository: info.root, base, policy, times: Number(options.times) };
  const tell = (result: CheckResult): void => found.add(...resultLine(result));
  const results = await found.try('checks', () => measureBase(bench, wanted, tell, interrupts.stop));
  interrupts.end();
  for (const id of flaky(results ?? [])) {
    found.add(
      'note',
      `check ${id}`,
      'is flaky: repetitions disagree',
      'Repair or quarantine it before a run relies on it.',
    );
  }
}

async function doctor(context: CliContext, options: DoctorOptions): Promise<void> {
  const { terminal } = context;
  if (!/^[1-9]\d?$/.test(options.times)) {
    throw new LoopwrightError('LW_USAGE', {
      message: `--times is "${options.times}", not a whole number from 1 to 99`,
      next: 'Example: loopwright doctor --times 3',
    });
  }
  const { createPalette } = await import('../present/palette.ts');
  const { visible } = await import('../../report/escape.ts');
  const { hang } = await import('../present/columns.ts');
  const palette = createPalette(terminal.outColours);
  const marks: Record<Level, string> = {
    ok: palette.green('ok  '),
    note: palette.yellow('note'),
    bad: palette.red('bad '),
  };
  const found = new Findings((line) => {
    if (options.json === true) return;
    // The mark is painted afterwards, so that its colour has no part in the width.
    const [first = '', ...rest] = hang(`      ${line.what.padEnd(16)} `, visible(line.words), terminal.columns);
    for (const text of [`${marks[line.level]}  ${first.slice(6)}`, ...rest]) terminal.out(text);
    if (line.next === null) return;
    for (const text of hang(' '.repeat(23), `Next: ${line.next}`, terminal.columns)) terminal.out(text);
  });
  found.add('ok', 'node', process.version);
  await examineGit(found);
  const bench = await context.composition().bench(options.sandbox ?? (await sandboxOfBase(context, options)));
  found.add('ok', 'state', context.composition().home);
  const reach = (await examineSandbox(found, bench)) ? await examineReach(found, bench, context) : [];
  await examineModels(found, context);
  await examineChecks({ found, bench, env: terminal.env }, options, terminal.cwd);
  const bad = found.lines.filter(({ level }) => level === 'bad').length;
  if (options.json === true) terminal.out(JSON.stringify({ ready: bad === 0, lines: found.lines, reach }));
  else terminal.out(bad === 0 ? '\nReady.' : `\n${bad} to repair before a run.`);
  if (bad > 0) context.setExitCode(EXIT_ENVIRONMENT);
}

/** Adds the command to the program. */
export function defineDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .summary('preflight: sandbox, repository, policy, and the checks on the untouched base')
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <rev>', 'the revision whose checks are tried', 'HEAD')
    .addOption(
      new Option('--sandbox <name>', 'instead of the one the policy names').choices([
        'bubblewrap',
        'container',
        'seatbelt',
      ]),
    )
    .option('--times <n>', 'run every check this often; more than once shows flaky ones', '1')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  loopwright doctor --times 3')
    .action((options: DoctorOptions) => doctor(context, options));
}
