/** `loopwright policy`: reads a policy, says what it resolves to or where it is wrong, and what its rules decide. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import type { CodeOwners } from '../../policy/owned-paths.ts';
import type { PolicyFile } from '../../policy/content.ts';
import type { CliContext } from '../context.ts';

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

function chosenFile(context: CliContext, path: string | undefined, options: FileOptions): Promise<PolicyFile | null> {
  const { cwd } = context.terminal;
  if (options.base !== undefined) return fileFromBase(context, options);
  return fileFromDisk(path === undefined ? resolve(cwd, options.repo, 'loopwright.yaml') : resolve(cwd, path));
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

async function check(context: CliContext, path: string | undefined, options: CheckOptions): Promise<void> {
  const { terminal } = context;
  const file = await chosenFile(context, path, options);
  const { resolveWithOrigins, hashPolicy } = await import('../../policy/resolve.ts');
  // A file from elsewhere says nothing of the CODEOWNERS here.
  const codeOwners = path === undefined ? await chosenOwners(context, options) : undefined;
  const className = options.class ?? null;
  const explained = resolveWithOrigins({ file, className, defaults: { agent: 'command' }, codeOwners });
  const problems = (codeOwners?.problems ?? []).map(
    ({ line, message }) => `${codeOwners?.fileName}:${line} ${message}`,
  );
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

const SUBJECTS = ['command', 'read', 'edit', 'fetch', 'host', 'change'] as const;

interface ExplainOptions extends FileOptions {
  readonly as: (typeof SUBJECTS)[number];
  readonly class?: string;
  readonly json?: boolean;
}

/** Says what becomes of a change to one path: refused, held by which zone, or neither. */
async function explainChange(context: CliContext, path: string, options: ExplainOptions): Promise<void> {
  const { terminal } = context;
  const file = await chosenFile(context, undefined, options);
  const codeOwners = await chosenOwners(context, options);
  const { resolveWithOrigins } = await import('../../policy/resolve.ts');
  const { explainPath } = await import('../../policy/explain-path.ts');
  const flags = { agent: 'command', checks: ['true'] };
  const { policy, origins } = resolveWithOrigins({ file, className: options.class ?? null, flags, codeOwners });
  const explained = explainPath({ path, policy, origins, codeOwners });
  if (options.json === true) {
    terminal.out(JSON.stringify(explained));
    return;
  }
  const { describePath } = await import('../present/path.ts');
  terminal.out(describePath(explained));
}

/** Says what the rules of a policy decide about one command line, path or host. Nothing is run. */
async function explain(context: CliContext, subject: string, options: ExplainOptions): Promise<void> {
  if (options.as === 'change') return explainChange(context, subject, options);
  const { terminal } = context;
  const file = await chosenFile(context, undefined, options);
  const { explainRules } = await import('../../policy/explain-rules.ts');
  const { explainNetwork } = await import('../../policy/explain-network.ts');
  const { as } = options;
  const explanation =
    as === 'host' ? explainNetwork(file, options.class ?? null, subject) : explainRules(file, as, subject);
  if (options.json === true) {
    terminal.out(JSON.stringify(explanation));
    return;
  }
  const { describeRuling } = await import('../present/ruling.ts');
  terminal.out(describeRuling(explanation));
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
    .action((path: string | undefined, options: CheckOptions) => check(context, path, options));
  policy
    .command('explain')
    .summary('say what the rules decide about a command, a path or a host, and which rule decides; runs nothing')
    .argument('<subject>', 'the command line in quotes; with --as a path or a host')
    .addOption(
      new Option(
        '--as <kind>',
        'what it is; `host`: for network.allow; `change`: a path that a change touches, with its risk zones',
      )
        .choices(SUBJECTS)
        .default('command'),
    )
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <rev>', 'the committed version at this revision, as a run would read it')
    .option('--class <name>', 'for this task class, where it says more about hosts or changes')
    .option('--json', 'one JSON object: subject, as, decision, why, rule, runs; for a change: path, zones, owners')
    .action((subject: string, options: ExplainOptions) => explain(context, subject, options));
}
