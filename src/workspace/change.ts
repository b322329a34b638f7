/** Turns a diff into what the log keeps of a change. Pure. */
import { MAX_LISTED_FILES, type ChangedFile } from '../core/change.ts';
import type { RiskFinding } from '../core/risk.ts';
import type { PathClassifier } from '../ports/workspace.ts';
import type { DiffEntry } from './diff-parser.ts';
import { decodeName } from './object-names.ts';

export interface ChangeSize {
  readonly files: readonly ChangedFile[];
  readonly fileCount: number;
  readonly addedLines: number;
  readonly removedLines: number;
}

/**
 * Counts are exact; the list is bounded, and then files that policy has a word on come first, the gravest word first: what
 * may not change at all must not be pushed off the list by thousands of files that only ask for a look.
 */
export function describeFiles(
  entries: readonly DiffEntry[],
  classify: PathClassifier,
  risks: readonly RiskFinding[] = [],
): ChangeSize {
  const byPath = Map.groupBy(risks, ({ path }) => path);
  const all = entries.map((entry): ChangedFile => {
    const file = describeFile(entry, classify);
    const seen = byPath.get(file.path)?.map(({ zone }) => zone) ?? [];
    return seen.length === 0 ? file : { ...file, zones: [...new Set([...file.zones, ...seen])] };
  });
  const listed =
    all.length <= MAX_LISTED_FILES
      ? all
      : all.toSorted((one, other) => rankOf(one) - rankOf(other)).slice(0, MAX_LISTED_FILES);
  return {
    files: listed,
    fileCount: all.length,
    addedLines: entries.reduce((sum, entry) => sum + (entry.addedLines ?? 0), 0),
    removedLines: entries.reduce((sum, entry) => sum + (entry.removedLines ?? 0), 0),
  };
}

const SUBMODULE = '160000';

function rankOf(file: ChangedFile): number {
  if (!file.inScope) return 0;
  if (file.protected) return 1;
  if (file.oldMode === SUBMODULE || file.newMode === SUBMODULE || file.addedLines === null) return 2;
  return file.zones.length > 0 ? 3 : 4;
}

function describeFile(entry: DiffEntry, classify: PathClassifier): ChangedFile {
  const name = decodeName(entry.name);
  const previous = entry.previousName === null ? null : decodeName(entry.previousName).path;
  return {
    path: name.path,
    ...(name.pathBytes === undefined ? {} : { pathBytes: name.pathBytes }),
    ...(previous === null ? {} : { previousPath: previous }),
    kind: entry.kind,
    oldMode: entry.oldMode,
    newMode: entry.newMode,
    addedLines: entry.addedLines,
    removedLines: entry.removedLines,
    ...judgePaths(entry.kind, name.path, previous, classify),
  };
}

/** A rename changes two paths: the one that is gone counts as much as the one that came. */
function judgePaths(
  kind: ChangedFile['kind'],
  path: string,
  previous: string | null,
  classify: PathClassifier,
): Pick<ChangedFile, 'protected' | 'inScope' | 'zones'> {
  if (previous === null) return classify(path, kind !== 'added');
  const now = classify(path, false);
  const before = classify(previous, true);
  return {
    // A copy leaves its source as it was.
    protected: now.protected || (kind === 'renamed' && before.protected),
    inScope: now.inScope && (kind !== 'renamed' || before.inScope),
    zones: [...new Set([...now.zones, ...before.zones])],
  };
}
