/**
 * Machine-wide settings of package managers and git that lie outside /etc, between the programs. Tokens of private
 * registries end up there, so they are not shown, as those of /etc are not.
 */
import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isVisible } from './toolchains.ts';

/** Shown as /etc is: nothing but what its list of names allows. The first is the prefix of Node in /usr/bin. */
export const OTHER_ETC: readonly string[] = ['/usr/etc', '/usr/local/etc'];

/**
 * Relative to where a program was installed. npm's `globalconfig` is PREFIX/etc/npmrc; Yarn 1 reads PREFIX/etc/yarnrc; pip's
 * `site` file is pip.conf in Python's prefix; git built with that prefix reads PREFIX/etc/gitconfig; conda reads its root's
 * .condarc and condarc. Each as in the program's own documentation.
 */
const SETTINGS = ['etc/npmrc', 'etc/yarnrc', 'etc/pip.conf', 'pip.conf', 'etc/gitconfig', '.condarc', 'condarc'];

/** Programs that look beside where they really are, which is often behind a link in a directory of PATH. */
const PROGRAMS = ['node', 'python3', 'git', 'conda'];

function prefixesOf(entry: string): readonly string[] {
  const real = PROGRAMS.map((name) => join(entry, name))
    .filter((path) => existsSync(path))
    .map((path) => dirname(dirname(realpathSync(path))));
  return basename(entry) === 'bin' ? [dirname(entry), ...real] : real;
}

/** Whether `path` is below one of `roots` without a link on the way: a cover needs a place that is really there. */
function isRealBelow(path: string, roots: readonly string[]): boolean {
  return roots.some(
    (root) => isVisible(path, [root]) && realpathSync(path) === realpathSync(root) + path.slice(root.length),
  );
}

/**
 * Files to be shown empty, absolute. `roots`: what is shown of the host; `entries`: directories of PATH, absolute. What lies
 * in another version of a version manager than the one PATH leads to is not found.
 */
export function settingsAmong(roots: readonly string[], entries: readonly string[]): readonly string[] {
  const prefixes = new Set(['/usr', '/usr/local', ...entries.flatMap(prefixesOf)]);
  const named = [...prefixes].flatMap((prefix) => SETTINGS.map((name) => join(prefix, name)));
  const there = named.filter((path) => existsSync(path) && statSync(path).isFile());
  const places = new Set(there.flatMap((path) => [path, realpathSync(path)]));
  return [...places].filter((path) => isRealBelow(path, roots) && !isVisible(path, OTHER_ETC));
}

/** A directory, and not a link to one: then nothing can be put over it, and what it leads to is not shown by its name. */
export function isRealDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true && realpathSync(path) === path;
}
