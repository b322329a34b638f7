/** What a tree cannot hold (sockets, nested repositories), submodules that moved, and files whose lines cannot be read. */
import type { ChangedFile } from '../change.ts';
import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import { newestChange } from '../state.ts';
import type { Detector } from './detector.ts';

const SUBMODULE = '160000';
const ABSENT = '000000';
const MAX_FINDINGS = 20;

/**
 * A file with one NUL in it is binary to git, also when it is source code: its lines are not counted and its diff cannot
 * be read. The limit on lines and the eyes of a reviewer both miss it, so a person has to be asked.
 */
function isUnread(file: ChangedFile): boolean {
  return (file.addedLines === null || file.removedLines === null) && file.newMode !== ABSENT;
}

export const oddTree: Detector = {
  id: 'odd-tree',
  summary: 'The workspace holds something a commit cannot carry, a submodule moved, or a file became or is binary.',
  detect(state: RunState): readonly Finding[] {
    const change = newestChange(state);
    if (change === null) return [];
    const odd = change.oddities.slice(0, MAX_FINDINGS).map((what): Finding => ({
      detector: 'odd-tree',
      severity: 'note',
      message: `not part of the change: ${what}`,
      location: null,
    }));
    const moved = change.files
      .filter((file) => file.oldMode === SUBMODULE || file.newMode === SUBMODULE)
      .map((file): Finding => ({
        detector: 'odd-tree',
        severity: 'hold',
        message: `${file.path} is a submodule and was ${file.kind}`,
        location: file.path,
      }));
    const unread = change.files
      .filter(isUnread)
      .slice(0, MAX_FINDINGS)
      .map((file): Finding => ({
        detector: 'odd-tree',
        severity: 'hold',
        message: `${file.path} is binary and was ${file.kind}: its lines are not counted and its diff cannot be read`,
        location: file.path,
      }));
    return [...odd, ...moved, ...unread];
  },
};
