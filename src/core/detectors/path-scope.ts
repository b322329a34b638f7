/** Files outside the paths the policy lets this task change. Such a change is never accepted as it is. */
import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import { newestChange } from '../state.ts';
import type { Detector } from './detector.ts';

export const pathScope: Detector = {
  id: 'path-scope',
  summary: 'The change touches files outside the paths this task may change.',
  detect(state: RunState): readonly Finding[] {
    const files = newestChange(state)?.files.filter((file) => !file.inScope) ?? [];
    return files.slice(0, 20).map((file) => ({
      detector: 'path-scope',
      severity: 'refuse',
      message: `${file.path} is outside the paths this task may change; leave it as it was`,
      location: file.path,
    }));
  },
};
