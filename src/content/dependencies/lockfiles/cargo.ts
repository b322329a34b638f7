/** Cargo.lock (doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html). */
import { listAt, textAt, textsAt, tomlFields } from '../fields.ts';
import { locked, purlOf, read, sourceOf, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

/** `registry+https://...`, `sparse+https://...`, `git+https://...#rev`; null for a package of the repository. */
function sourceIn(source: string): string | null {
  if (source === '') return null;
  const registry = /^(?:registry|sparse)\+(.*)$/.exec(source)?.[1];
  if (registry === undefined) return source.split('#')[0] ?? source;
  // The old index and the new one are the same registry.
  if (/^https:\/\/(?:github\.com\/rust-lang\/crates\.io-index|index\.crates\.io\/?)$/.test(registry))
    return 'crates.io';
  return sourceOf(registry);
}

export function readCargoLock(text: string): LockReading {
  const lock = tomlFields(text);
  if (lock === null) return unreadable('is no TOML');
  const packages = listAt(lock, 'package').map((entry): LockedPackage => {
    const source = sourceIn(textAt(entry, 'source'));
    const fields = { version: textAt(entry, 'version'), source, integrity: textsAt(entry, 'checksum') };
    return locked(purlOf('cargo', textAt(entry, 'name')), fields);
  });
  const names = new Set(packages.map(({ purl }) => purl));
  return read(packages, (name) => names.has(purlOf('cargo', name)));
}
