/**
 * Manifests and lockfiles, by path: which code of others is installed. A lockfile that moves without its manifest is said
 * apart: nobody asked for another version, and what it resolves to (another registry, another archive) is easily missed.
 * What of it changed is inside the files, where a reader looks (`dependency-source` has where packages come from).
 */
import type { ChangedFile } from '../change.ts';
import { LOCKFILES } from '../lockfiles.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Sighting } from './action.ts';
import type { Detector } from './detector.ts';
import { sightedFor } from './in-content.ts';
import { nameOf } from './paths.ts';

interface Ecosystem {
  readonly name: string;
  readonly manifest: RegExp;
  readonly isLock: (fileName: string) => boolean;
}

function isOneOf(names: readonly string[]): (fileName: string) => boolean {
  return (fileName) => names.includes(fileName);
}

const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    name: 'npm',
    manifest: /^(?:package\.json|pnpm-workspace\.yaml|deno\.jsonc?|\.npmrc|\.yarnrc(?:\.yml)?)$/,
    isLock: isOneOf(LOCKFILES.npm),
  },
  {
    name: 'Python',
    manifest:
      /^(?:pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml|(?:requirements|constraints)[\w.-]*\.(?:txt|in))$/,
    isLock: isOneOf(LOCKFILES.Python),
  },
  { name: 'Go', manifest: /^go\.(?:mod|work)$/, isLock: isOneOf(LOCKFILES.Go) },
  { name: 'Rust', manifest: /^Cargo\.toml$/, isLock: isOneOf(LOCKFILES.Rust) },
  { name: 'Ruby', manifest: /^(?:Gemfile|gems\.rb|.+\.gemspec)$/, isLock: isOneOf(LOCKFILES.Ruby) },
  { name: 'PHP', manifest: /^composer\.json$/, isLock: isOneOf(LOCKFILES.PHP) },
  {
    name: 'Java',
    manifest: /^(?:pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|libs\.versions\.toml|build\.sbt)$/,
    // Gradle also locks each configuration in a file of its own, and pins what it downloads by hash.
    isLock: (fileName) => fileName.endsWith('.lockfile') || fileName === 'verification-metadata.xml',
  },
];

function sightings(files: readonly ChangedFile[], { name, manifest, isLock }: Ecosystem): readonly Sighting[] {
  const manifests = files.filter(({ path }) => manifest.test(nameOf(path)));
  const locks = files.filter(({ path }) => isLock(nameOf(path)));
  const alone = manifests.length === 0 ? ', though no manifest was' : '';
  return [
    ...manifests.map(({ path, kind }) => ({ message: `${path} (${name}) was ${kind}`, location: path })),
    ...locks.map(({ path, kind }) => ({ message: `${path} (${name}) was ${kind}${alone}`, location: path })),
  ];
}

export const dependencyChurn: Detector = {
  id: 'dependency-churn',
  summary: 'The change touches a manifest or a lockfile of npm, pnpm, yarn, Python, Go, Rust, Ruby, PHP or Java.',
  detect(state: RunState) {
    const files = newestChange(state)?.files ?? [];
    const seen = ECOSYSTEMS.flatMap((ecosystem) => sightings(files, ecosystem));
    return inTheChange(state, 'dependency-churn', [...seen, ...sightedFor(state, 'dependency-churn')]);
  },
};
