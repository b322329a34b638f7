/** Whether a freeze covers a run: what it may change, or what its change does. Pure. */
import type { ChangedFile } from '../core/change.ts';
import type { Freeze } from '../core/freeze.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { compileGlobs, literalPrefix, readPath } from './globs.ts';
import { treeGuard } from './tree-guard.ts';

export interface FreezableRun {
  readonly repository: string;
  readonly policy: Pick<ResolvedPolicy, 'checks' | 'paths'>;
  /** Of the newest change. */
  readonly files: readonly Pick<ChangedFile, 'path' | 'previousPath'>[];
  /** How many files the change has; more than `files` lists when it is very large. */
  readonly fileCount: number;
}

/** Restricts, so it folds case and Unicode forms as `paths.deny` does. */
function touches(globs: readonly string[], { files, fileCount }: FreezableRun): boolean {
  const covers = compileGlobs(globs, 'folded');
  const paths = files.flatMap(({ path, previousPath }) => (previousPath === undefined ? [path] : [path, previousPath]));
  // A change too long to be listed may touch anything.
  return fileCount > files.length || paths.some((path) => covers(readPath(path)));
}

/** Whether the policy leaves a way to anything the globs match. Errs towards yes. */
function mayReach(globs: readonly string[], { policy }: FreezableRun): boolean {
  const guard = treeGuard(policy);
  return globs.some((glob) => {
    const prefix = literalPrefix(glob);
    return guard.mayChangeBelow(prefix) || (prefix === glob && guard.mayChange(glob));
  });
}

/** Those that cover what the run may change (`scope`), or what its newest change touches (`change`). */
export function coveringFreezes(
  freezes: readonly Freeze[],
  run: FreezableRun,
  reach: 'scope' | 'change',
): readonly Freeze[] {
  return freezes.filter(({ repository, paths }) => {
    if (repository !== null && repository !== run.repository) return false;
    return touches(paths, run) || (reach === 'scope' && mayReach(paths, run));
  });
}
