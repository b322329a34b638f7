/** What of a tree the policy keeps from the agent: as far as names say it. Compiled once, then pure. */
import type { ResolvedPolicy } from '../core/policy.ts';
import type { TreeGuard } from '../ports/workspace.ts';
import { compileGlobs, literalPrefix, readPath } from './globs.ts';
import { LOCKED_DIRECTORIES, LOCKED_FILES, NOT_SECRET, SECRET_FILES, SECRET_HINT } from './guarded-files.ts';
import { POLICY_FILE } from './protected-files.ts';

type Paths = ResolvedPolicy['paths'];

function isAtOrBelow(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}

/** Whether the glob may match something below the directory. Errs towards yes. */
function reaches(glob: string, directory: string): boolean {
  const prefix = literalPrefix(glob);
  return isAtOrBelow(prefix, directory) || isAtOrBelow(directory, prefix);
}

/** Whether the glob certainly matches everything below the directory: a plain path, or one with `/**` behind it. */
function coversAll(glob: string, directory: string): boolean {
  const prefix = literalPrefix(glob);
  const rest = glob.slice(prefix.length);
  return (rest === '' || rest === '/**' || glob === '**') && isAtOrBelow(directory, prefix);
}

/** Whether an ordered list that restricts leaves a way to something below the directory. Errs towards yes. */
function leavesOpen(deny: readonly string[], directory: string): boolean {
  return deny.reduce(
    (open, glob) =>
      glob.startsWith('!') ? open || reaches(glob.slice(1), directory) : open && !coversAll(glob, directory),
    true,
  );
}

const LOCKED_DIRECTORY_NAMES: ReadonlySet<string> = new Set(LOCKED_DIRECTORIES);
const LOCKED_FILE_NAMES: ReadonlySet<string> = new Set(LOCKED_FILES);

function isLockedName(segments: readonly string[], kind: 'file' | 'directory'): boolean {
  const directories = kind === 'file' ? segments.slice(0, -1) : segments;
  if (directories.some((segment) => LOCKED_DIRECTORY_NAMES.has(segment.toLowerCase()))) return true;
  return kind === 'file' && LOCKED_FILE_NAMES.has(segments.at(-1)?.toLowerCase() ?? '');
}

/** Globs of `paths.allow` that name such a file or directory themselves: then the policy wants it changed. */
function expressly(allow: Paths['allow']): readonly string[] {
  const names = new Set([...LOCKED_DIRECTORIES, ...LOCKED_FILES]);
  return allow.filter((glob) => glob.split('/').some((segment) => names.has(segment)));
}

export function treeGuard(policy: Pick<ResolvedPolicy, 'paths' | 'checks'>): TreeGuard {
  const { allow, deny, unmask = [] } = policy.paths;
  const isAllowed = compileGlobs(allow, 'exact');
  const isDenied = compileGlobs(deny, 'folded');
  const isSecret = compileGlobs([...SECRET_FILES, ...[...NOT_SECRET, ...unmask].map((glob) => `!${glob}`)], 'folded');
  const express = expressly(allow);
  const isExpress = compileGlobs(express, 'exact');
  // The usual policy: then no file has to be compared with a glob.
  const everything = allow.includes('**') && deny.length === 0;
  const held = policy.checks.flatMap(({ hidden = [] }) => hidden);
  const isHeld = compileGlobs(held, 'folded');
  const holdsBack = (path: string): boolean => held.length > 0 && isHeld(readPath(path));
  const isSecretFile = (path: string): boolean =>
    SECRET_HINT.test(path.normalize('NFKC').toLowerCase()) && isSecret(readPath(path));
  return {
    holdsBack,
    // The policy says what the held-back checks are.
    hides: (path) => isSecretFile(path) || holdsBack(path) || (held.length > 0 && path === POLICY_FILE),
    mayChange(path) {
      const locked = isLockedName(path.split('/'), 'file');
      if (!locked && everything) return true;
      const readings = readPath(path);
      if (locked && !isExpress(readings)) return false;
      return isAllowed(readings) && !isDenied(readings);
    },
    mayChangeBelow(directory) {
      const wanted = isLockedName(directory.split('/'), 'directory') ? express : allow;
      return wanted.some((glob) => reaches(glob, directory)) && leavesOpen(deny, directory);
    },
  };
}
