/** go.sum (go.dev/ref/mod#go-sum-files): a checksum of each module, and one of its go.mod. */
import { locked, purlOf, read } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

const LINE = /^(\S+) (v\S+?)(\/go\.mod)? (\S+)$/;

export function readGoSum(text: string): LockReading {
  const known = new Set<string>();
  const packages = text.split(/\r?\n/).flatMap((line): readonly LockedPackage[] => {
    const [, name, version, ofMod, hash = ''] = LINE.exec(line.trim()) ?? [];
    if (name === undefined || version === undefined) return [];
    known.add(`${name} ${version}`);
    return [locked(purlOf('golang', name), { version: `${version}${ofMod ?? ''}`, integrity: [hash] })];
  });
  return read(packages, (name, version) => known.has(`${name} ${version}`));
}
