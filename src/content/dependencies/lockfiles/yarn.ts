/** yarn.lock: the own format of version 1, and the YAML of later ones (yarnpkg/berry, `Project.ts`). */
import { isFields } from '../../../core/fields.ts';
import { textAt, textsAt, yamlFields } from '../fields.ts';
import { locked, purlOf, read, sourceOf, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

/** `"@scope/name@^1.0.0"`: the name ends at the second `@` where the first begins it. */
function nameIn(pattern: string): string {
  const at = pattern.indexOf('@', 1);
  return at < 0 ? pattern : pattern.slice(0, at);
}

function patternsOf(header: string): readonly string[] {
  return header.split(',').map((pattern) => pattern.trim().replaceAll(/^"|"$/g, ''));
}

interface Entry {
  readonly patterns: readonly string[];
  readonly fields: Map<string, string>;
}

function entriesOf(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^[^\s#].*:$/.test(line)) entries.push({ patterns: patternsOf(line.slice(0, -1)), fields: new Map() });
    const field = /^ {2}(version|resolved|integrity) +"?([^"\s]+)"?/.exec(line);
    if (field !== null) entries.at(-1)?.fields.set(field[1] ?? '', field[2] ?? '');
  }
  return entries;
}

function readFirst(text: string): LockReading {
  const entries = entriesOf(text);
  const patterns = new Set(entries.flatMap((entry) => entry.patterns));
  const packages = entries.map(({ patterns: [first = ''], fields }): LockedPackage => {
    const resolved = fields.get('resolved');
    const integrity = fields.get('integrity');
    return locked(purlOf('npm', nameIn(first)), {
      version: fields.get('version') ?? '',
      source: resolved === undefined ? null : sourceOf(resolved),
      // Old files have the checksum behind the address only.
      integrity: integrity === undefined ? [] : [integrity],
    });
  });
  return read(packages, (name, requirement) => patterns.has(`${name}@${requirement}`));
}

/** `name@npm:1.0.0`, `name@https://...`, `name@workspace:.`, `name@patch:name@npm%3A1.0.0#...`. */
function sourceIn(resolution: string): string | null {
  const address = resolution.slice(nameIn(resolution).length + 1);
  if (address.startsWith('npm:')) {
    const archive = /[:&]__archiveUrl=([^&]+)/.exec(address)?.[1];
    return archive === undefined ? null : sourceOf(archive.replaceAll('%3A', ':').replaceAll('%2F', '/'));
  }
  return address.startsWith('patch:') ? null : sourceOf(address);
}

/** Characters; a longer one would keep everything else waiting for many seconds. */
const LONGEST_YAML = 4 * 1024 * 1024;

function readLater(text: string): LockReading {
  if (text.length > LONGEST_YAML) return unreadable('is too large to be read');
  const [lock] = yamlFields(text) ?? [];
  if (lock === undefined) return unreadable('is no YAML');
  const patterns = new Set(Object.keys(lock).flatMap(patternsOf));
  const packages = Object.entries(lock).flatMap(([key, entry]): readonly LockedPackage[] => {
    const resolution = textAt(entry, 'resolution');
    if (key === '__metadata' || !isFields(entry) || /^.[^@]*@(?:workspace|link|portal):/.test(resolution)) return [];
    const { version } = entry;
    return [
      locked(purlOf('npm', nameIn(resolution)), {
        version: typeof version === 'number' ? String(version) : textAt(entry, 'version'),
        source: sourceIn(resolution),
        integrity: textsAt(entry, 'checksum'),
      }),
    ];
  });
  return read(packages, (name, requirement) =>
    [`${name}@npm:${requirement}`, `${name}@${requirement}`].some((pattern) => patterns.has(pattern)),
  );
}

export function readYarnLock(text: string): LockReading {
  return /^__metadata:/m.test(text) ? readLater(text) : readFirst(text);
}
