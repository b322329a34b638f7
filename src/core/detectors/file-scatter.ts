/** A change all over the place: a narrow task does not touch many directories. */
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Detector } from './detector.ts';
import { directoryOf } from './paths.ts';

/** A starting point, not a measurement: half of what the default limit on files allows, each alone in its directory. */
const MANY_DIRECTORIES = 25;

export const fileScatter: Detector = {
  id: 'file-scatter',
  summary: `The change touches files in ${MANY_DIRECTORIES} directories or more.`,
  detect(state: RunState) {
    const files = newestChange(state)?.files ?? [];
    const count = new Set(files.map(({ path }) => directoryOf(path))).size;
    const message = `the change touches files in ${count} directories; keep to what the task needs`;
    return inTheChange(state, 'file-scatter', count < MANY_DIRECTORIES ? [] : [{ message, location: null }]);
  },
};
