/** The files in which package managers write down what exactly is installed, by whose they are: the one list of them. */

export const LOCKFILES = {
  npm: [
    'package-lock.json',
    'npm-shrinkwrap.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
  ],
  Python: ['poetry.lock', 'uv.lock', 'pdm.lock', 'pixi.lock', 'Pipfile.lock', 'conda-lock.yml'],
  Go: ['go.sum', 'go.work.sum'],
  Rust: ['Cargo.lock'],
  // Bundler locks `gems.rb` in `gems.locked` (`SharedHelpers.default_lockfile`).
  Ruby: ['Gemfile.lock', 'gems.locked'],
  PHP: ['composer.lock'],
  Java: ['gradle.lockfile', 'buildscript-gradle.lockfile', 'settings-gradle.lockfile'],
  others: [
    'mix.lock',
    'rebar.lock',
    'pubspec.lock',
    'Package.resolved',
    'Podfile.lock',
    'Cartfile.resolved',
    'shard.lock',
    'packages.lock.json',
    'flake.lock',
    'MODULE.bazel.lock',
  ],
} as const;

export type LockfileName = (typeof LOCKFILES)[keyof typeof LOCKFILES][number];

export const LOCKFILE_NAMES: readonly LockfileName[] = Object.values(LOCKFILES).flat();

/** Gradle also locks each configuration in a file of its own (docs.gradle.org, dependency_locking). */
export function isLockfile(fileName: string): boolean {
  return LOCKFILE_NAMES.some((name) => name === fileName) || fileName.endsWith('.lockfile');
}
