/**
 * What the user's repository is known by: where it is, and the addresses git would fetch from or push to. The one call of git
 * that reads the settings of the user. It prints settings and starts nothing, in the user's own checkout and never in a tree
 * that an agent wrote.
 */
import { LoopwrightError } from '../core/errors.ts';
import type { RepositoryNames } from '../ports/workspace.ts';
import { furtherSettings, type Git } from './git.ts';
import { readShape, type Shape } from './repository.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where git finds settings outside a repository (git-config(1), FILES and ENVIRONMENT). */
const OF_THE_USER = [
  'HOME',
  'XDG_CONFIG_HOME',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_PARAMETERS',
] as const;

/** What git itself refuses to start with: a layer must not be left out because a setting was. */
function unusable(name: string): LoopwrightError {
  return new LoopwrightError('LW_GIT_FAILED', {
    message: `the settings of git in the environment cannot be read: ${name} is missing or no number`,
    next: 'Set `GIT_CONFIG_COUNT` and a `GIT_CONFIG_KEY_n` and `GIT_CONFIG_VALUE_n` for each, or unset all of them.',
    details: { name },
  });
}

function userSettings(env: Environment): Environment {
  // As `strtoul` reads it there, and an empty one as none.
  const said = env['GIT_CONFIG_COUNT'] ?? '';
  if (!/^(?:\s*\+?\d{1,9})?$/.test(said)) throw unusable('GIT_CONFIG_COUNT');
  const settings: (readonly [string, string])[] = [];
  for (let index = 0; index < Number(said); index += 1) {
    const [key, value] = [env[`GIT_CONFIG_KEY_${index}`], env[`GIT_CONFIG_VALUE_${index}`]];
    if (key === undefined) throw unusable(`GIT_CONFIG_KEY_${index}`);
    if (value === undefined) throw unusable(`GIT_CONFIG_VALUE_${index}`);
    settings.push([key, value]);
  }
  return { ...Object.fromEntries(OF_THE_USER.map((name) => [name, env[name]])), ...furtherSettings(settings) };
}

interface Rewriting {
  readonly base: string;
  readonly insteadOf: string;
}

/** The longest beginning wins, and of equals the first; what was rewritten is not rewritten again (`alias_url` in git's remote.c). */
function rewritten(address: string, rules: readonly Rewriting[]): string {
  let chosen: Rewriting | null = null;
  for (const rule of rules) {
    const isLonger = chosen === null || rule.insteadOf.length > chosen.insteadOf.length;
    if (isLonger && address.startsWith(rule.insteadOf)) chosen = rule;
  }
  return chosen === null ? address : `${chosen.base}${address.slice(chosen.insteadOf.length)}`;
}

const KEYS = String.raw`^(remote\..*\.(push)?url|url\..*\.(push)?insteadof)$`;

/** More than git would use of each: a rule of the host that misses one would be a rule that nobody obeys. */
async function readRemotes(git: Git, env: Environment, root: string): Promise<readonly string[]> {
  const args = ['config', '--null', '--get-regexp', KEYS];
  // 1 is the answer where there is none.
  const { stdout } = await git.run({ args, directory: root, answers: [1], env: userSettings(env) });
  const addresses: string[] = [];
  const [fetching, pushing]: [Rewriting[], Rewriting[]] = [[], []];
  for (const entry of stdout.toString('utf8').split('\0')) {
    // Each is the name of the key, a line feed, and the value.
    const end = entry.indexOf('\n');
    const [key, value] = [entry.slice(0, end), entry.slice(end + 1)];
    if (end === -1) continue;
    if (key.startsWith('remote.')) addresses.push(value);
    else {
      const rule = { base: key.slice('url.'.length, key.lastIndexOf('.')), insteadOf: value };
      (key.endsWith('.pushinsteadof') ? pushing : fetching).push(rule);
    }
  }
  const all = addresses.flatMap((address) => [address, rewritten(address, fetching), rewritten(address, pushing)]);
  return [...new Set(all)];
}

/** As git names the main work tree of a repository (`get_main_worktree` in git's worktree.c). */
function mainRoot({ commonDir }: Shape): string {
  return commonDir.replace(/(?<=.)\/\.git$/, '');
}

/** `env`: of the user. Rejects with `LW_REPO_NONE`, `LW_REPO_UNSUPPORTED`, or `LW_GIT_FAILED` where the settings cannot be read. */
export async function readNames(git: Git, env: Environment, root: string): Promise<RepositoryNames> {
  const shape = await readShape(git, root);
  const remotes = await readRemotes(git, env, shape.root);
  return { roots: [...new Set([shape.root, mainRoot(shape)])], remotes };
}
