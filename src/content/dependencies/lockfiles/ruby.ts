/** Gemfile.lock (rubygems/bundler, `LockfileParser`): sections of indented lines. */
import { locked, purlOf, read, sourceOf } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

interface Gem {
  readonly name: string;
  readonly version: string;
  readonly source: string | null;
}

function sourceIn(section: string, remote: string): string | null {
  if (section === 'GIT') return `git+${remote}`;
  return section === 'PATH' ? null : sourceOf(remote);
}

export function readGemfileLock(text: string): LockReading {
  const gems: Gem[] = [];
  const asked = new Set<string>();
  const checksums = new Map<string, string[]>();
  let section = '';
  let remote = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^[A-Z][A-Z ]*$/.test(line)) section = line;
    remote = /^ {2}remote: (\S+)/.exec(line)?.[1] ?? remote;
    const [, name, version, rest = ''] = /^ {2}(?: {2})?([\w.-]+) \(([^)]+)\)(.*)$/.exec(line) ?? [];
    if (section === 'DEPENDENCIES') asked.add(/^ {2}([\w.-]+)/.exec(line)?.[1] ?? '');
    if (name === undefined || version === undefined) continue;
    if (section === 'CHECKSUMS') checksums.set(`${name} ${version}`, rest.trim().split(',').filter(Boolean));
    if (['GEM', 'GIT', 'PATH', 'PLUGIN SOURCE'].includes(section) && line.startsWith('    ')) {
      gems.push({ name, version, source: sourceIn(section, remote) });
    }
  }
  const packages = gems.map(({ name, version, source }): LockedPackage => {
    const integrity = checksums.get(`${name} ${version}`) ?? [];
    return locked(purlOf('gem', name), { version, source, integrity });
  });
  return read(packages, (name) => asked.has(name));
}
