/** `loopwright policy`: reads a policy, says what it resolves to or where it is wrong, and what its rules decide. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { CodeOwners } from '../../policy/owned-paths.ts';
import type { PolicyFile } from '../../policy/content.ts';
import type { DetectedCheck } from '../../policy/detect/evidence.ts';
import type { ResolvedWithOrigins } from '../../policy/resolve.ts';
import type { RepositoryNames } from '../../ports/workspace.ts';
import type { CliContext } from '../context.ts';
import { underLayers } from '../layers.ts';

interface FileOptions {
  readonly repo: string;
  readonly base?: string;
}

interface CheckOptions extends FileOptions {
  readonly class?: string;
  readonly json?: boolean;
}

async function fileFromDisk(path: string): Promise<PolicyFile> {
  const { decodePolicy } = await import('../../policy/policy-bytes.ts');
  const { parsePolicy } = await import('../../policy/parse.ts');
  try {
    return parsePolicy(decodePolicy(await readFile(path), path), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'EACCES') throw error;
    throw new LoopwrightError('LW_POLICY_UNREADABLE', {
      message: `${path} cannot be read (${code})`,
      next: 'Give the path of a policy file, or make one with `loopwright init`.',
      cause: error,
    });
  }
}

async function fileFromBase(context: CliContext, options: FileOptions): Promise<PolicyFile | null> {
  const { repositories } = await context.composition().bench('bubblewrap');
  const info = await repositories.inspect(resolve(context.terminal.cwd, options.repo));
  const base = await repositories.pin(info.root, options.base ?? 'HEAD');
  const { loadPolicy } = await import('../../policy/load.ts');
  return loadPolicy(repositories.read(info.root, base.commit));
}

/** The repository that layers of the host are asked about; a directory that is none has no remotes. */
async function aboutRepository(context: CliContext, directory: string): Promise<RepositoryNames> {
  const { repositories } = await context.composition().bench('bubblewrap');
  try {
    return await repositories.names(directory);
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_REPO_NONE')) throw error;
    return { roots: [directory], remotes: [] };
  }
}

/** Under the layers of this host, as a run would read it. */
async function chosenFile(
  context: CliContext,
  path: string | undefined,
  options: FileOptions,
): Promise<PolicyFile | null> {
  const { cwd, env } = context.terminal;
  const directory = resolve(cwd, options.repo);
  const own =
    options.base === undefined
      ? await fileFromDisk(path === undefined ? resolve(directory, 'loopwright.yaml') : resolve(cwd, path))
      : await fileFromBase(context, options);
  return underLayers(own, env, () => aboutRepository(context, directory));
}

/** CODEOWNERS beside the file that was chosen: of the same commit, or of the directory. */
async function chosenOwners(context: CliContext, options: FileOptions): Promise<CodeOwners | null> {
  const { loadCodeOwners } = await import('../../policy/load.ts');
  const directory = resolve(context.terminal.cwd, options.repo);
  if (options.base !== undefined) {
    const { repositories } = await context.composition().bench('bubblewrap');
    const info = await repositories.inspect(directory);
    const base = await repositories.pin(info.root, options.base);
    return loadCodeOwners(repositories.read(info.root, base.commit));
  }
  return loadCodeOwners({
    readFile: async (path) => {
      try {
        return await readFile(resolve(directory, path));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') throw error;
        return null;
      }
    },
  });
}

/** A layer of the host by itself; null where the file is none. */
async function asLayer(path: string): Promise<{ readonly layer: string; readonly path: string } | null> {
  const { decodePolicy } = await import('../../policy/policy-bytes.ts');
  const text = await readFile(path).then(
    (bytes) => decodePolicy(bytes, path),
    // What is not there is said by who reads it as a policy.
    () => '',
  );
  if (!/^layer:/m.test(text)) return null;
  const { parseLayer } = await import('../../policy/stack/parse-layer.ts');
  return { layer: parseLayer(text, path, path).content.layer, path };
}

/** What the commit has to measure a task by; nothing where there is no commit. */
async function detectedChecks(context: CliContext, { repo, base }: FileOptions): Promise<readonly DetectedCheck[]> {
  const { repositories } = await context.composition().bench('bubblewrap');
  const { detectChecks } = await import('../../policy/propose.ts');
  try {
    const info = await repositories.inspect(resolve(context.terminal.cwd, repo));
    const { commit } = await repositories.pin(info.root, base ?? 'HEAD');
    return await detectChecks(repositories.read(info.root, commit));
  } catch (error) {
    if (isLoopwrightError(error, 'LW_REPO_NONE') || isLoopwrightError(error, 'LW_BASE_UNKNOWN')) return [];
    throw error;
  }
}

/** Where the policy names no check, what the repository has is said. */
async function withSuggestions<T>(
  context: CliContext,
  options: CheckOptions & { readonly file: PolicyFile | null },
  resolved: () => T,
): Promise<T> {
  try {
    return resolved();
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_NO_ACCEPTANCE')) throw error;
    const { noAcceptance, suggestions } = await import('../../policy/acceptance.ts');
    const { DEFAULT_CLASS } = await import('../../policy/classes.ts');
    const lack = { className: options.class ?? DEFAULT_CLASS, wantsNames: false, hasPolicy: options.file !== null };
    throw noAcceptance(error.message, suggestions(await detectedChecks(context, options), lack));
  }
}

async function check(context: CliContext, path: string | undefined, options: CheckOptions): Promise<void> {
  const { terminal } = context;
  const layer = path === undefined ? null : await asLayer(resolve(terminal.cwd, path));
  if (layer !== null) {
    terminal.out(options.json === true ? JSON.stringify(layer) : `The layer is right: ${layer.layer}, ${layer.path}`);
    return;
  }
  const file = await chosenFile(context, path, options);
  const { resolveWithOrigins, hashPolicy } = await import('../../policy/resolve.ts');
  // A file from elsewhere says nothing of the CODEOWNERS here.
  const codeOwners = path === undefined ? await chosenOwners(context, options) : undefined;
  const className = options.class ?? null;
  const explained = await withSuggestions(context, { ...options, file }, () =>
    resolveWithOrigins({ file, className, defaults: { agent: 'command' }, codeOwners }),
  );
  const ofOwners = (codeOwners?.problems ?? []).map(
    ({ line, message }) => `${codeOwners?.fileName}:${line} ${message}`,
  );
  const { unmeasured } = await import('../../policy/acceptance.ts');
  const { classChain } = await import('../../policy/class-chain.ts');
  const lack = unmeasured(explained.policy, classChain(explained.policy.class.name, file).builtIn);
  const problems = [...ofOwners, ...(lack === null ? [] : [`A run would be refused [LW_NO_ACCEPTANCE]: ${lack.what}`])];
  const hash = hashPolicy(explained.policy);
  if (options.json === true) {
    const { spendNotes } = await import('../../policy/spend-notes.ts');
    const { policy, origins } = explained;
    terminal.out(JSON.stringify({ policy, origins, policyHash: hash, notes: [...spendNotes(policy), ...problems] }));
    return;
  }
  const { describeRules } = await import('../describe-plan.ts');
  terminal.out(await describeRules(explained, terminal.columns));
  for (const problem of problems) terminal.err(problem);
  terminal.out(`\nThe policy is right. Its hash, as a run with this class would record it: ${hash.slice(0, 12)}`);
  if (options.base === undefined)
    terminal.err('A run reads the committed version: `loopwright policy check --base HEAD` reads that one.');
}

const SUBJECTS = ['command', 'read', 'edit', 'fetch', 'host', 'change', 'limit', 'risk', 'key'] as const;

interface ExplainOptions extends FileOptions {
  readonly as: (typeof SUBJECTS)[number];
  readonly class?: string;
  readonly json?: boolean;
}

/** As a run would resolve it; the check stands for any. */
async function resolvedFor(
  context: CliContext,
  options: ExplainOptions,
): Promise<ResolvedWithOrigins & { readonly codeOwners: CodeOwners | null; readonly file: PolicyFile | null }> {
  const file = await chosenFile(context, undefined, options);
  const codeOwners = await chosenOwners(context, options);
  const { resolveWithOrigins } = await import('../../policy/resolve.ts');
  const flags = { agent: 'command', checks: ['npm test'] };
  // A layer may say which agent it has to be.
  const wishes = file?.content.agent === undefined ? flags : { checks: flags.checks };
  const resolved = resolveWithOrigins({ file, className: options.class ?? null, flags: wishes, codeOwners });
  return { ...resolved, codeOwners, file };
}

/** Says what becomes of a change to one path: refused, held by which zone, or neither. */
async function explainChange(context: CliContext, path: string, options: ExplainOptions): Promise<void> {
  const { policy, origins, codeOwners } = await resolvedFor(context, options);
  const { explainPath } = await import('../../policy/explain-path.ts');
  const explained = explainPath({ path, policy, origins, codeOwners });
  const { describePath } = await import('../present/path.ts');
  context.terminal.out(options.json === true ? JSON.stringify(explained) : describePath(explained));
}

/** Says what one limit is, or where one risk zone lies and what it asks for. */
async function explainSetting(context: CliContext, subject: string, options: ExplainOptions): Promise<void> {
  const resolved = await resolvedFor(context, options);
  const { explainLimit, explainRisk } = await import('../../policy/explain-setting.ts');
  const { describeLimit, describeRisk } = await import('../present/setting.ts');
  const { terminal } = context;
  if (options.as === 'limit') {
    const limit = explainLimit(resolved, subject, resolved.file);
    terminal.out(options.json === true ? JSON.stringify(limit) : describeLimit(limit));
    return;
  }
  const zone = explainRisk(resolved, subject, resolved.file);
  terminal.out(options.json === true ? JSON.stringify(zone) : describeRisk(zone));
}

/** Says what one key is, which layer says so, and what every layer asked for. */
async function explainOneKey(context: CliContext, subject: string, options: ExplainOptions): Promise<void> {
  const file = await chosenFile(context, undefined, options);
  const { explainKey } = await import('../../policy/explain-key.ts');
  const { describeKey } = await import('../present/setting.ts');
  const explained = explainKey(file, subject);
  context.terminal.out(options.json === true ? JSON.stringify(explained) : describeKey(explained));
}

/** Says what the rules of a policy decide about one command line, path or host. Nothing is run. */
async function explain(context: CliContext, subject: string, options: ExplainOptions): Promise<void> {
  const { as } = options;
  if (subject.trim() === '') {
    throw new LoopwrightError('LW_USAGE', {
      message: 'there is nothing to explain: the subject is empty',
      next: 'Example: loopwright policy explain "git push origin main"',
    });
  }
  if (as === 'change') return explainChange(context, subject, options);
  if (as === 'key') return explainOneKey(context, subject, options);
  if (as === 'limit' || as === 'risk') return explainSetting(context, subject, options);
  const { terminal } = context;
  const file = await chosenFile(context, undefined, options);
  const { explainRules } = await import('../../policy/explain-rules.ts');
  const { explainNetwork } = await import('../../policy/explain-network.ts');
  const explanation =
    as === 'host' ? explainNetwork(file, options.class ?? null, subject) : explainRules(file, as, subject);
  if (options.json === true) {
    terminal.out(JSON.stringify(explanation));
    return;
  }
  const { describeRuling } = await import('../present/ruling.ts');
  terminal.out(describeRuling(explanation));
}

interface TestOptions extends FileOptions {
  readonly json?: boolean;
}

/** Examples that do not hold are errors with their line when the file is read; what is left to say is what was examined. */
async function test(context: CliContext, path: string | undefined, options: TestOptions): Promise<void> {
  const { terminal } = context;
  const file = await chosenFile(context, path, options);
  const { examineRules } = await import('../../policy/rule-examples.ts');
  const { visibleLine } = await import('../../report/escape.ts');
  const rules = file === null ? [] : examineRules(file);
  const count = rules.reduce((sum, { examples }) => sum + examples.length, 0);
  const without = rules.filter(({ examples }) => examples.length === 0).length;
  if (options.json === true) terminal.out(JSON.stringify({ examined: count, without, rules }));
  else {
    for (const { list, rule, origin, examples } of rules) {
      terminal.out(`${list.padEnd(6)}${visibleLine(rule)}  (${origin})`);
      for (const { example, wanted, decision } of examples)
        terminal.out(`        ${wanted.padEnd(10)} ${visibleLine(example)}  (all rules together: ${decision})`);
    }
    terminal.out(`${count} examples hold; ${without} of ${rules.length} rules have none.`);
  }
  if (count > 0) return;
  // Nothing examined is not a pass.
  terminal.err(
    'Nothing was tested. Give a rule examples: `match: [npm test]`, `not_match: [npm publish]` (docs/commands.md).',
  );
  context.setExitCode(1);
}

/** Adds the commands to the program. */
export function definePolicy(program: Command, context: CliContext): void {
  const policy = program.command('policy').summary('the rules a run obeys');
  policy
    .command('check')
    .summary('read a policy and say what it resolves to, or where it is wrong')
    .argument('[file]', 'the file; loopwright.yaml of the repository when left out')
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <rev>', 'the committed version at this revision, as a run would read it')
    .option('--class <name>', 'resolve it for this task class')
    .option('--json', 'one JSON object: policy, origins, policyHash, notes')
    .addHelpText(
      'after',
      '\nExamples:\n  loopwright policy check\n  loopwright policy check --class format --base HEAD\n  loopwright policy check /etc/loopwright/layers/team.yaml',
    )
    .action((path: string | undefined, options: CheckOptions) => check(context, path, options));
  policy
    .command('explain')
    .summary(
      'say what the policy decides about a command, a path, a host, a limit or a risk zone, and where it says so; runs nothing',
    )
    .argument('<subject>', 'the command line in quotes; with --as a path, a host, a limit, a zone or a key')
    .addOption(
      new Option(
        '--as <kind>',
        'what it is; `host`: for network.allow; `change`: a path that a change touches, with its risk zones; `limit`: a key of limits; `risk`: the name of a zone; `key`: one of them all, with what each layer says of it',
      )
        .choices(SUBJECTS)
        .default('command'),
    )
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <rev>', 'the committed version at this revision, as a run would read it')
    .option('--class <name>', 'for this task class, where it says more')
    .option('--json', 'one JSON object: subject, as, decision, why, rule, runs; for a change: path, zones, owners')
    .addHelpText(
      'after',
      '\nExamples:\n  loopwright policy explain "git push origin main"\n  loopwright policy explain --as change src/auth/login.ts\n  loopwright policy explain --as limit cost-usd\n  loopwright policy explain --as risk payments',
    )
    .action((subject: string, options: ExplainOptions) => explain(context, subject, options));
  policy
    .command('test')
    .summary('say which examples (`match`, `not_match`) of the rules hold; 1 where there is none')
    .argument('[file]', 'the file; loopwright.yaml of the repository when left out')
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <rev>', 'the committed version at this revision, as a run would read it')
    .option('--json', 'one JSON object: examined, without, rules')
    .addHelpText('after', '\nExample:\n  loopwright policy test --base HEAD')
    .action((path: string | undefined, options: TestOptions) => test(context, path, options));
  policy
    .command('schema')
    .summary('print the JSON Schema of loopwright.yaml, for editors')
    .option('--layer', 'that of layers of the host instead')
    .option('--json', 'the same: it is one JSON object')
    .addHelpText('after', '\nExample:\n  loopwright policy schema > loopwright.schema.json')
    .action(async ({ layer }: { readonly layer?: boolean }) => {
      const { layerJsonSchema, policyJsonSchema } = await import('../../policy/json-schema.ts');
      context.terminal.out(JSON.stringify(layer === true ? layerJsonSchema() : policyJsonSchema(), null, 2));
    });
}
