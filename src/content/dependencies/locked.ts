/** What a lockfile says, whatever its format. */

/** One package that is installed. */
export interface LockedPackage {
  /** Package URL without the version: `pkg:npm/left-pad` (package-url/purl-spec). */
  readonly purl: string;
  /** Empty where the file names none. */
  readonly version: string;
  /** Host of a registry, or a whole address where it is not one; null where the file does not say. */
  readonly source: string | null;
  /** Checksums as they stand there; empty where there are none. */
  readonly integrity: readonly string[];
  /** The file says that code of the package runs when it is installed. */
  readonly runsAtInstall: boolean;
}

/** Whether the lockfile was made for this requirement of a manifest; null where it does not repeat them. */
export type Asks = ((name: string, requirement: string) => boolean) | null;

/** `problem`: why nothing is known of it, as in "is no JSON". */
export type LockReading =
  | { readonly kind: 'read'; readonly packages: readonly LockedPackage[]; readonly asks: Asks }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** Total: whatever the text holds. */
export type LockReader = (text: string) => LockReading;

export function read(packages: readonly LockedPackage[], asks: Asks = null): LockReading {
  return { kind: 'read', packages, asks };
}

export function unreadable(problem: string): LockReading {
  return { kind: 'unreadable', problem };
}

/** As purl-spec wants it for each type; only what names here need. */
export function purlOf(type: string, name: string): string {
  const normal = type === 'pypi' ? name.toLowerCase().replaceAll(/[_.-]+/g, '-') : name;
  return `pkg:${type}/${normal.replaceAll('@', '%40')}`;
}

export function versioned({ purl, version }: Pick<LockedPackage, 'purl' | 'version'>): string {
  return version === '' ? purl : `${purl}@${version}`;
}

/** Names under which a registry is the same one. */
const SAME_HOST: ReadonlyMap<string, string> = new Map([['registry.yarnpkg.com', 'registry.npmjs.org']]);

/** Everybody puts what they like there: the whole address says where a package comes from, the host does not. */
const CODE_HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'codeload.github.com',
  'raw.githubusercontent.com',
  'gitlab.com',
  'bitbucket.org',
]);

/** As the tools read it, whatever stands before it; null where it is no address over HTTPS. */
export function hostOf(address: string): string | null {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:') return null;
  return SAME_HOST.get(url.hostname) ?? url.hostname;
}

/** The host where an address is one of a registry over HTTPS; the whole address, without its fragment, where it is not. */
export function sourceOf(address: string): string {
  // What follows may name a commit, and may hold a token.
  const [whole = ''] = address.split(/[#?]/);
  const host = hostOf(whole);
  return host === null || CODE_HOSTS.has(host) ? whole : host;
}

export interface PackageFields {
  readonly version?: string;
  readonly source?: string | null;
  readonly integrity?: readonly string[];
  readonly runsAtInstall?: boolean;
}

export function locked(purl: string, fields: PackageFields): LockedPackage {
  const { version = '', source = null, integrity = [], runsAtInstall = false } = fields;
  return { purl, version, source, integrity, runsAtInstall };
}
