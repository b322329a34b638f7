/** package-lock.json and npm-shrinkwrap.json, versions 1 to 3 (docs.npmjs.com/cli/configuring-npm/package-lock-json). */
import { isFields, type Fields } from '../../../core/fields.ts';
import { fieldsAt, jsonFields, textAt, textsAt } from '../fields.ts';
import { locked, purlOf, read, sourceOf, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

const MODULES = 'node_modules/';

/** Version 1 nests packages in packages; a real tree is a handful deep. */
const MAX_DEPTH = 40;

function packageOf(name: string, entry: Fields): LockedPackage {
  const resolved = textAt(entry, 'resolved');
  const version = textAt(entry, 'version');
  const address = resolved !== '' ? resolved : /^[a-z+]+:/.test(version) ? version : '';
  return locked(purlOf('npm', name), {
    version,
    source: address === '' ? null : sourceOf(address),
    integrity: textsAt(entry, 'integrity'),
    runsAtInstall: entry['hasInstallScript'] === true,
  });
}

function fromPackages(packages: Fields): readonly LockedPackage[] {
  return Object.entries(packages).flatMap(([path, entry]): readonly LockedPackage[] => {
    const at = path.lastIndexOf(MODULES);
    // The root, workspaces, and the links to them.
    if (at < 0 || !isFields(entry) || entry['link'] === true) return [];
    const name = textAt(entry, 'name');
    return [packageOf(name === '' ? path.slice(at + MODULES.length) : name, entry)];
  });
}

function fromDependencies(dependencies: Fields, depth: number): readonly LockedPackage[] {
  if (depth > MAX_DEPTH) return [];
  return Object.entries(dependencies).flatMap(([name, entry]) =>
    isFields(entry) ? [packageOf(name, entry), ...fromDependencies(fieldsAt(entry, 'dependencies'), depth + 1)] : [],
  );
}

export function readNpmLock(text: string): LockReading {
  const lock = jsonFields(text);
  if (lock === null) return unreadable('is no JSON');
  const packages = fieldsAt(lock, 'packages');
  if (Object.keys(packages).length === 0) return read(fromDependencies(fieldsAt(lock, 'dependencies'), 0));
  const root = fieldsAt(packages, '');
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return read(fromPackages(packages), (name, requirement) =>
    groups.some((group) => fieldsAt(root, group)[name] === requirement),
  );
}
