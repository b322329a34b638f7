/** Two states of a lockfile, as sets of packages. Pure. */
import { versioned } from './locked.ts';
import type { LockedPackage } from './locked.ts';

/** What a reviewer has to know, each a list of packages in words. */
export interface Drift {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `pkg:npm/a 1.0.0 -> 2.0.0`. */
  readonly changed: readonly string[];
  /** `pkg:npm/a@1.0.0 from HOST`, where nothing of this name came from before. */
  readonly sources: readonly string[];
  /** The same version with another checksum, or with none any more. */
  readonly checksums: readonly string[];
  /** Code of it runs at install, and nothing of this name did before. */
  readonly scripts: readonly string[];
}

/** Registries that the tools use where nobody tells them another. */
const USUAL_SOURCES: ReadonlySet<string> = new Set([
  'registry.npmjs.org',
  'pypi.org',
  'files.pythonhosted.org',
  'crates.io',
  'rubygems.org',
  'api.github.com',
]);

function grouped(
  packages: readonly LockedPackage[],
  key: (one: LockedPackage) => string,
): ReadonlyMap<string, LockedPackage[]> {
  return Map.groupBy(packages, key);
}

function versionsOf(packages: readonly LockedPackage[] | undefined): readonly string[] {
  return [...new Set(packages?.map(({ version }) => version))].toSorted();
}

/** Hosts have no slash; an address, a repository or a path has. */
function isHost(source: string): boolean {
  return !/[/:]/.test(source);
}

function isNewSource(
  one: LockedPackage,
  before: readonly LockedPackage[] | undefined,
  known: ReadonlySet<string>,
): boolean {
  if (one.source === null) return false;
  const own = new Set(before?.flatMap(({ source }) => source ?? []));
  if (own.has(one.source)) return false;
  // A name that moves from one registry to another may be somebody else's there.
  if (own.size > 0) return true;
  return isHost(one.source) ? !USUAL_SOURCES.has(one.source) && !known.has(one.source) : true;
}

function algorithm(checksum: string): string {
  return /^[a-z0-9]+(?=[-:/=])/i.exec(checksum)?.[0] ?? '';
}

function checksumsOf(packages: readonly LockedPackage[]): readonly string[] {
  return packages.flatMap(({ integrity }) => integrity.flatMap((text) => text.split(/\s+/)));
}

/** Archives are added to a release of Python later on, so there one that is still known is enough. */
function hasOtherChecksum(purl: string, before: readonly string[], after: readonly string[]): boolean {
  const common = after.filter((one) => before.some((other) => algorithm(other) === algorithm(one)));
  if (common.length === 0) return false;
  const isKnown = (checksum: string): boolean => before.includes(checksum);
  return purl.startsWith('pkg:pypi/') ? !common.some(isKnown) : !common.every(isKnown);
}

function checksumDrift(before: readonly LockedPackage[], after: readonly LockedPackage[]): readonly string[] {
  const old = grouped(before, versioned);
  return [...grouped(after, versioned)].flatMap(([key, packages]) => {
    const was = checksumsOf(old.get(key) ?? []);
    if (was.length === 0) return [];
    const now = checksumsOf(packages);
    if (now.length === 0) return [`${key}, none any more`];
    return hasOtherChecksum(packages[0]?.purl ?? '', was, now) ? [key] : [];
  });
}

export function compareLocks(before: readonly LockedPackage[], after: readonly LockedPackage[]): Drift {
  const old = grouped(before, ({ purl }) => purl);
  const now = grouped(after, ({ purl }) => purl);
  const known = new Set(before.flatMap(({ source }) => source ?? []));
  const fresh = [...now].filter(([purl]) => !old.has(purl)).flatMap(([, packages]) => packages);
  const changed = [...now].flatMap(([purl, packages]) => {
    const [was, is] = [versionsOf(old.get(purl)), versionsOf(packages)];
    return was.length === 0 || was.join() === is.join() ? [] : [`${purl} ${was.join('+')} -> ${is.join('+')}`];
  });
  const sources = after.filter((one) => isNewSource(one, old.get(one.purl), known));
  const ran = new Set(before.filter(({ runsAtInstall }) => runsAtInstall).map(({ purl }) => purl));
  const scripts = after.filter(({ purl, runsAtInstall }) => runsAtInstall && !ran.has(purl));
  const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)];
  return {
    added: distinct(fresh.map(versioned)),
    removed: distinct(before.filter(({ purl }) => !now.has(purl)).map(versioned)),
    changed,
    sources: distinct(sources.map((one) => `${versioned(one)} from ${one.source ?? ''}`)),
    checksums: distinct(checksumDrift(before, after)),
    scripts: distinct(scripts.map(versioned)),
  };
}
