/** Edits to files the policy protects. The checks use the base's copies anyway; this makes the attempt visible. */
import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import { newestChange } from '../state.ts';
import type { Detector } from './detector.ts';

export const protectedEdit: Detector = {
  id: 'protected-edit',
  summary: 'The change edits, deletes or renames a file that the policy protects.',
  detect(state: RunState): readonly Finding[] {
    const action = state.policy.detectors.protectedEdit;
    const files = newestChange(state)?.files.filter((file) => file.protected) ?? [];
    if (action === 'off' || files.length === 0) return [];
    return files.slice(0, 20).map((file) => ({
      detector: 'protected-edit',
      severity: action,
      message: `${file.path} is protected and was ${file.kind}; checks use the base's copy`,
      location: file.path,
    }));
  },
};
