/** pnpm-lock.yaml, versions 5 to 9 (pnpm.io/lockfile-format, @pnpm/lockfile.types). */
import { isFields, type Fields } from '../../../core/fields.ts';
import { fieldsAt, textAt, textsAt, yamlFields } from '../fields.ts';
import { locked, purlOf, read, sourceOf, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

interface Key {
  readonly name: string;
  readonly version: string;
}

/** `name@1.0.0(peer@2.0.0)`, with a leading slash in version 6; `/name/1.0.0_peer@2.0.0` before. */
function keyOf(key: string): Key {
  const plain = key.replace(/^\//, '').replace(/\(.*$/, '');
  const at = plain.indexOf('@', 1);
  if (at > 0 && !/^(?:@[^/]+\/)?[^/]+\/\d/.test(plain)) {
    return { name: plain.slice(0, at), version: plain.slice(at + 1) };
  }
  const old = /^((?:@[^/]+\/)?[^/]+)\/(\d[^_/]*)/.exec(plain);
  return { name: old?.[1] ?? plain, version: old?.[2] ?? '' };
}

function sourceIn(resolution: Fields): string | null {
  const [tarball, repository, directory] = ['tarball', 'repo', 'directory'].map((key) => textAt(resolution, key));
  if (tarball) return sourceOf(tarball);
  if (repository) return `git+${repository}`;
  return directory ? `file:${directory}` : null;
}

function packagesIn(document: Fields): readonly LockedPackage[] {
  return Object.entries(fieldsAt(document, 'packages')).flatMap(([key, entry]): readonly LockedPackage[] => {
    if (!isFields(entry)) return [];
    const { name, version } = keyOf(key);
    const resolution = fieldsAt(entry, 'resolution');
    const named = textAt(entry, 'name');
    const fields = {
      version: textAt(entry, 'version') || version,
      source: sourceIn(resolution),
      integrity: textsAt(resolution, 'integrity'),
      runsAtInstall: entry['requiresBuild'] === true,
    };
    return [locked(purlOf('npm', named === '' ? name : named), fields)];
  });
}

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies'];

function asksIn(document: Fields, name: string, requirement: string): boolean {
  const importers = document['importers'];
  const root = isFields(importers) ? fieldsAt(importers, '.') : document;
  if (fieldsAt(root, 'specifiers')[name] === requirement) return true;
  return GROUPS.some((group) => textAt(fieldsAt(root, group)[name], 'specifier') === requirement);
}

export function readPnpmLock(text: string): LockReading {
  const documents = yamlFields(text);
  if (documents === null || (documents.length === 0 && text.trim() !== '')) return unreadable('is no YAML');
  return read(documents.flatMap(packagesIn), (name, requirement) =>
    documents.some((document) => asksIn(document, name, requirement)),
  );
}
