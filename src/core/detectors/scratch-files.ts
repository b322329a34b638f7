/** Files an agent made for itself and left behind: leftovers of merges and editors, scripts to try something out. */
import type { ChangedFile } from '../change.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Detector } from './detector.ts';
import { sightedFor } from './in-content.ts';
import { nameOf } from './paths.ts';

const LEFTOVERS: readonly RegExp[] = [
  /\.(?:orig|rej|bak|swp|swo|tmp)$/i,
  /~$|^#.*#$|^\.#/,
  /^(?:tmp|temp|scratch)[_-]/i,
  /^nohup\.out$/,
];

/** At the root only: deeper down the same names are somebody's source. */
const AT_THE_ROOT =
  /^(?:debug|repro|reproduce|reproduction|scratch|try|check_fix|test_fix|foo)(?:[_-][\w-]*)?\.(?:[cm]?[jt]sx?|py|rb|sh|go|rs|java|php|txt|log)$/i;

/** Plans and reports that agents write for themselves, in capitals as they do. */
const NOTES_AT_THE_ROOT =
  /^(?:[A-Z]+[_-])*(?:SUMMARY|NOTES|PLAN|PROGRESS|ANALYSIS|FINDINGS|REPORT|TO_?DO)\.(?:md|txt)$/;

/** One that the task names was asked for. */
function isScratch({ path, kind }: ChangedFile, { task }: RunState): boolean {
  const name = nameOf(path);
  if (kind !== 'added' || task.goal.includes(name)) return false;
  return LEFTOVERS.some((shape) => shape.test(name)) || AT_THE_ROOT.test(path) || NOTES_AT_THE_ROOT.test(path);
}

export const scratchFiles: Detector = {
  id: 'scratch-files',
  summary: 'The change leaves scratch files behind: backups, rejects, scripts for trying out, notes nobody asked for.',
  detect(state: RunState) {
    const files = newestChange(state)?.files.filter((file) => isScratch(file, state)) ?? [];
    const seen = files.map(({ path }) => ({
      message: `${path} looks like a scratch file that was left behind; remove it`,
      location: path,
    }));
    const known = new Set(files.map(({ path }) => path));
    const inside = sightedFor(state, 'scratch-files').filter(({ location }) => !known.has(location ?? ''));
    return inTheChange(state, 'scratch-files', [...seen, ...inside]);
  },
};
