/** What a tool made and nobody wrote, added to the repository. One that was there already is the repository's own habit. */
import type { ChangedFile } from '../change.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Detector } from './detector.ts';
import { sightedFor } from './in-content.ts';
import { nameOf } from './paths.ts';

const NAMES: readonly RegExp[] = [
  /\.(?:pyc|pyo|class|o|obj|a|so|dylib|dll|exe|jar|war|whl|egg|wasm|tsbuildinfo)$/i,
  /\.min\.(?:js|css)$|\.(?:js|css)\.map$|\.log$/i,
  /^(?:\.DS_Store|Thumbs\.db|\.coverage|coverage\.xml|junit\.xml|core\.\d+)$/,
];

const ANYWHERE =
  /(?:^|\/)(?:__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.next|\.nuxt|\.turbo|\.gradle|\.nyc_output|dist|coverage|[^/]+\.egg-info)\//;

/** Deeper down these are often source. */
const AT_THE_ROOT = /^(?:build|out|target|bin|obj)\//;

function isGenerated({ path, kind }: ChangedFile): boolean {
  if (kind !== 'added') return false;
  return ANYWHERE.test(path) || AT_THE_ROOT.test(path) || NAMES.some((shape) => shape.test(nameOf(path)));
}

export const generatedFiles: Detector = {
  id: 'generated-files',
  summary: 'The change adds what a tool made: build results, caches, logs, compiled code.',
  detect(state: RunState) {
    const files = newestChange(state)?.files.filter(isGenerated) ?? [];
    const seen = files.map(({ path }) => ({
      message: `${path} is something a tool makes; leave it out of the change`,
      location: path,
    }));
    // A file that its path gives away already is said once.
    const known = new Set(files.map(({ path }) => path));
    const inside = sightedFor(state, 'generated-files').filter(({ location }) => !known.has(location ?? ''));
    return inTheChange(state, 'generated-files', [...seen, ...inside]);
  },
};
