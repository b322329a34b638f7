/** What a tree cannot hold (sockets, nested repositories), and submodules that moved. */
import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import { newestChange } from '../state.ts';
import type { Detector } from './detector.ts';

const SUBMODULE = '160000';

export const oddTree: Detector = {
  id: 'odd-tree',
  summary: 'The workspace holds something a commit cannot carry, or a submodule moved.',
  detect(state: RunState): readonly Finding[] {
    const change = newestChange(state);
    if (change === null) return [];
    const odd = change.oddities.slice(0, 20).map((what): Finding => ({
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
    return [...odd, ...moved];
  },
};
