/** composer.lock (getcomposer.org/doc/01-basic-usage.md). */
import { isFields } from '../../../core/fields.ts';
import { fieldsAt, jsonFields, listAt, textAt } from '../fields.ts';
import { hostOf, locked, purlOf, read, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

function packageOf(entry: unknown): readonly LockedPackage[] {
  if (!isFields(entry)) return [];
  const [dist, source] = [fieldsAt(entry, 'dist'), fieldsAt(entry, 'source')];
  const address = textAt(dist, 'url') || textAt(source, 'url');
  const version = textAt(entry, 'version');
  // A branch moves on; a tag does not.
  const moves = version.startsWith('dev-') || version.endsWith('-dev');
  const fixed = [textAt(dist, 'shasum'), textAt(source, 'reference')].filter((text) => text !== '');
  return [
    locked(purlOf('composer', textAt(entry, 'name')), {
      version,
      // Packagist names archives of code hosts; which repository it is stands in the name.
      source: address === '' ? null : (hostOf(address) ?? address),
      integrity: moves ? [] : fixed,
      runsAtInstall: textAt(entry, 'type') === 'composer-plugin',
    }),
  ];
}

export function readComposerLock(text: string): LockReading {
  const lock = jsonFields(text);
  if (lock === null) return unreadable('is no JSON');
  return read([...listAt(lock, 'packages'), ...listAt(lock, 'packages-dev')].flatMap(packageOf));
}
