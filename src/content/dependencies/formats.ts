/** Which file is read how. */
import { isFields } from '../../core/fields.ts';
import { nameOf } from '../../core/detectors/paths.ts';
import type { LockfileName } from '../../core/lockfiles.ts';
import { fieldsAt, jsonFields, tomlFields, textAt } from './fields.ts';
import type { LockedPackage, LockReader, LockReading } from './locked.ts';
import { locked, purlOf, read, unreadable } from './locked.ts';
import { readCargoLock } from './lockfiles/cargo.ts';
import { readComposerLock } from './lockfiles/composer.ts';
import { readGoSum } from './lockfiles/go.ts';
import { readGradleBuild, readGradleLock, readPom } from './lockfiles/java.ts';
import { readNpmLock } from './lockfiles/npm.ts';
import { readPnpmLock } from './lockfiles/pnpm.ts';
import { readPipfileLock, readRequirements, readTomlLock } from './lockfiles/python.ts';
import { readGemfileLock } from './lockfiles/ruby.ts';
import { readYarnLock } from './lockfiles/yarn.ts';

export const NPM_GROUPS: readonly string[] = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** What a package.json asks for: versions are requirements. */
const readPackageJson: LockReader = (text) => {
  const manifest = jsonFields(text);
  if (manifest === null) return unreadable('is no JSON');
  const asked = NPM_GROUPS.flatMap((group) => Object.entries(fieldsAt(manifest, group)));
  return read(
    asked.flatMap(([name, version]): readonly LockedPackage[] =>
      typeof version === 'string' ? [locked(purlOf('npm', name), { version })] : [],
    ),
  );
};

/** The catalogue of versions of Gradle. */
const readVersionCatalogue: LockReader = (text) => {
  const catalogue = tomlFields(text);
  if (catalogue === null) return unreadable('is no TOML');
  const libraries = Object.values(fieldsAt(catalogue, 'libraries'));
  return read(
    libraries.flatMap((entry): readonly LockedPackage[] => {
      const [group = '', artifact = '', version = ''] =
        typeof entry === 'string'
          ? entry.split(':')
          : isFields(entry)
            ? [
                ...(textAt(entry, 'module') || `${textAt(entry, 'group')}:${textAt(entry, 'name')}`).split(':'),
                textAt(entry, 'version'),
              ]
            : [];
      return artifact === '' ? [] : [locked(purlOf('maven', `${group}/${artifact}`), { version })];
    }),
  );
};

export interface Format {
  readonly isOf: (fileName: string) => boolean;
  readonly reader: LockReader;
  /** Written by a tool: what cannot be read there is nothing that a person wrote, so it is said. */
  readonly isLock: boolean;
  /** A larger one is not read: with these, reading takes a few seconds at most, and nothing else runs meanwhile. */
  readonly mostBytes: number;
}

const MIB = 1024 * 1024;
/** Read line by line, as JSON or as TOML. */
const QUICK = 16 * MIB;
/** A parser of YAML takes ten times as long. */
const YAML = 4 * MIB;
/** What a person writes. */
const WRITTEN = MIB;

function lock(names: readonly LockfileName[], reader: LockReader, mostBytes = QUICK): Format {
  return { isOf: (fileName) => names.some((name) => name === fileName), reader, isLock: true, mostBytes };
}

function written(name: RegExp, reader: LockReader): Format {
  return { isOf: (fileName) => name.test(fileName), reader, isLock: false, mostBytes: WRITTEN };
}

const FORMATS: readonly Format[] = [
  lock(['package-lock.json', 'npm-shrinkwrap.json'], readNpmLock),
  lock(['pnpm-lock.yaml'], readPnpmLock, YAML),
  lock(['yarn.lock'], readYarnLock),
  lock(['poetry.lock', 'uv.lock', 'pdm.lock'], readTomlLock),
  lock(['Pipfile.lock'], readPipfileLock),
  written(/^(?:requirements|constraints)[\w.-]*\.(?:txt|in)$/, readRequirements),
  lock(['go.sum', 'go.work.sum'], readGoSum),
  lock(['Cargo.lock'], readCargoLock),
  lock(['Gemfile.lock', 'gems.locked'], readGemfileLock),
  lock(['composer.lock'], readComposerLock),
  written(/^pom\.xml$/, readPom),
  lock(['gradle.lockfile', 'buildscript-gradle.lockfile', 'settings-gradle.lockfile'], readGradleLock),
  written(/\.gradle(?:\.kts)?$/, readGradleBuild),
  written(/^libs\.versions\.toml$/, readVersionCatalogue),
  written(/^package\.json$/, readPackageJson),
];

/** What a file of this name and text says; undefined where no format is known for it. */
export type Readings = (path: string, text: string) => LockReading | undefined;

/** Reads each text once: a lockfile of half a megabyte of YAML takes a second, and is asked for twice. */
export function createReadings(): Readings {
  const known = new Map<string, LockReading>();
  return (path, text) => {
    const name = nameOf(path);
    const format = formatOf(name);
    if (format === undefined) return undefined;
    const key = `${name} ${text}`;
    const reading = known.get(key) ?? format.reader(text);
    known.set(key, reading);
    return reading;
  };
}

export function formatOf(fileName: string): Format | undefined {
  return FORMATS.find(({ isOf }) => isOf(fileName));
}
