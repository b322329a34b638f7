/** Files of the host that are shown inside. */
import type { Mount } from '../ports/sandbox.ts';

/** `files`: target path to host path. */
export function shownFiles(files: Readonly<Record<string, string>>): readonly Mount[] {
  return Object.entries(files).map(([target, source]) => ({ kind: 'read-only', source, target }));
}
