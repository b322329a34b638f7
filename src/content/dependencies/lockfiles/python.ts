/** Lockfiles of Python: poetry.lock, pdm.lock and uv.lock (TOML), Pipfile.lock (JSON), requirements files (lines). */
import { isFields, type Fields } from '../../../core/fields.ts';
import { fieldsAt, jsonFields, listAt, textAt, textsAt, tomlFields } from '../fields.ts';
import { locked, purlOf, read, sourceOf, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

/** `source` of uv says what it is by its key, that of poetry by `type`. Of the project itself: undefined. */
function sourceIn(entry: Fields): string | null | undefined {
  const source = fieldsAt(entry, 'source');
  if (['editable', 'virtual'].some((key) => key in source)) return undefined;
  const git = textAt(source, 'git') || textAt(entry, 'git');
  if (git !== '') return `git+${git.split('#')[0] ?? ''}`;
  const local = textAt(source, 'path') || textAt(source, 'directory') || textAt(entry, 'path');
  if (local !== '') return `file:${local}`;
  const address = ['registry', 'url'].map((key) => textAt(source, key)).find((text) => text !== '');
  if (address === undefined) return null;
  const type = textAt(source, 'type');
  return type === '' || type === 'legacy' ? sourceOf(address) : `${type}+${address}`;
}

/** Every archive of a package has a checksum of its own. */
function hashesIn(entry: Fields): readonly string[] {
  const archives = [...listAt(entry, 'files'), ...listAt(entry, 'wheels'), entry['sdist']];
  return archives.flatMap((archive) => textsAt(archive, 'hash'));
}

export function readTomlLock(text: string): LockReading {
  const lock = tomlFields(text);
  if (lock === null) return unreadable('is no TOML');
  return read(
    listAt(lock, 'package').flatMap((entry): readonly LockedPackage[] => {
      const source = isFields(entry) ? sourceIn(entry) : undefined;
      if (!isFields(entry) || source === undefined) return [];
      const purl = purlOf('pypi', textAt(entry, 'name'));
      return [locked(purl, { version: textAt(entry, 'version'), source, integrity: hashesIn(entry) })];
    }),
  );
}

export function readPipfileLock(text: string): LockReading {
  const lock = jsonFields(text);
  if (lock === null) return unreadable('is no JSON');
  const indexes = listAt(fieldsAt(lock, '_meta'), 'sources');
  const indexOf = (name: string): string | null => {
    const index = indexes.find((one) => textAt(one, 'name') === name) ?? indexes[0];
    return index === undefined ? null : sourceOf(textAt(index, 'url'));
  };
  const groups = Object.entries(lock).filter(([name]) => name !== '_meta');
  return read(
    groups.flatMap(([, group]) =>
      Object.entries(isFields(group) ? group : {}).map(([name, entry]): LockedPackage => {
        const fields = isFields(entry) ? entry : {};
        const file = textAt(fields, 'file') || textAt(fields, 'path');
        const git = textAt(fields, 'git');
        const source = git !== '' ? `git+${git}` : file !== '' ? sourceOf(file) : indexOf(textAt(fields, 'index'));
        const integrity = listAt(fields, 'hashes').filter((hash) => typeof hash === 'string');
        return locked(purlOf('pypi', name), {
          version: textAt(fields, 'version').replace(/^==/, ''),
          source,
          integrity,
        });
      }),
    ),
  );
}

const MAX_LINE = 4_000;

/** Lines that end in a backslash go on in the next one. */
function logicalLines(text: string): readonly string[] {
  return text
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) =>
      line
        .slice(0, MAX_LINE)
        .replace(/(?:^|\s)#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

const ADDRESS = /^(?:-e\s+|--editable[= ]\s*)?((?:git|hg|svn|bzr)\+\S+|[a-z][a-z0-9+.-]*:\/\/\S+)/i;
const NAMED = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*(\S+)|===?\s*([^\s;,]+))?/;

function requirementOf(line: string): readonly LockedPackage[] {
  const integrity = [...line.matchAll(/--hash[= ](\S+)/g)].map(([, hash = '']) => hash);
  const address = ADDRESS.exec(line)?.[1];
  if (address !== undefined) {
    const name = /[#&]egg=([\w.-]+)/.exec(address)?.[1] ?? (address.split('#')[0] ?? '').slice(0, 100);
    return [locked(purlOf('pypi', name), { source: address.split('#')[0] ?? '', integrity })];
  }
  const named = line.startsWith('-') ? null : NAMED.exec(line);
  if (named === null) return [];
  const [, name = '', at, version = ''] = named;
  return [locked(purlOf('pypi', name), { version, source: at ?? null, integrity })];
}

export function readRequirements(text: string): LockReading {
  return read(logicalLines(text).flatMap(requirementOf));
}
