/** What of the host can be seen inside: system directories, a few files of /etc, known toolchains. All of it read-only. */
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';
import { isRealDirectory, OTHER_ETC, settingsAmong } from './machine-settings.ts';
import { findToolchains, isVisible, LOCATION_VARIABLES } from './toolchains.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type SystemPart =
  | { readonly kind: 'read-only'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  /** Private, writable, and gone with the process. */
  | { readonly kind: 'scratch'; readonly path: string }
  /** A directory of which only the parts after it are shown, and where nobody can write. */
  | { readonly kind: 'hidden'; readonly path: string }
  /** A file that is shown empty. */
  | { readonly kind: 'emptied'; readonly path: string };

export interface HostView {
  /** Parents before children. */
  readonly system: readonly SystemPart[];
  /** Parts of home directories and the like; shown after the private ones were made. */
  readonly toolchains: readonly SystemPart[];
  /** PATH inside. */
  readonly path: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Entries of the host's PATH that exist there and not inside. */
  readonly hiddenPath: readonly string[];
}

const SYSTEM_ROOTS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt'];

/** Programs can live here too; shown only when PATH leads there. */
const EXTRA_ROOTS = [
  '/nix/store',
  '/nix/var/nix/profiles',
  '/run/current-system/sw',
  '/snap',
  '/home/linuxbrew/.linuxbrew',
];

/**
 * Allowlist of /etc, short because every mount costs some 150 us. Left out on purpose: anything with accounts or keys
 * (shadow, ssh, sudoers, ssl/private, krb5); machine-wide configuration of package managers and git, which is where tokens
 * end up (npmrc, pip.conf, gitconfig); and /etc/profile, which would replace PATH in every login shell. The same holds for
 * what programs in /usr and /usr/local have in the place of /etc (`machine-settings.ts`).
 */
const ETC: readonly RegExp[] = [
  /^ld\.so\.(cache|conf|conf\.d)$/u,
  /^(alternatives|ca-certificates|crypto-policies|fonts|terminfo|xml)$/u,
  /^(nsswitch\.conf|localtime|timezone|os-release|protocols|services|mime\.types)$/u,
  /^(java|java-\d+-\w+|maven|gradle|python3?(\.\d+)?|perl|php|R|ImageMagick-\d+)$/u,
];

/** Directories of which only some entries are shown. */
const ETC_PARTS: Readonly<Record<string, readonly string[]>> = {
  ssl: ['ssl/certs', 'ssl/openssl.cnf', 'ssl/cert.pem'],
  pki: ['pki/ca-trust', 'pki/java', 'pki/tls/certs', 'pki/tls/cert.pem', 'pki/tls/openssl.cnf'],
  // Without settings.xml, which holds the passwords of servers.
  maven: ['maven/m2.conf', 'maven/logging', 'maven/toolchains.xml'],
};

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function partAt(path: string): SystemPart[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isSymbolicLink()) return [{ kind: 'link', path, to: readlinkSync(path) }];
  return [{ kind: 'read-only', path }];
}

function etcParts(etc: string): SystemPart[] {
  if (!existsSync(etc)) return [];
  const shown = readdirSync(etc).filter((name) => ETC.some((pattern) => pattern.test(name)));
  const whole = shown.filter((name) => !Object.hasOwn(ETC_PARTS, name));
  return [...whole, ...Object.values(ETC_PARTS).flat()].flatMap((name) => partAt(`${etc}/${name}`));
}

/** What is put over the directory. Links among its entries are left out: they lead to what is shown under its own name. */
function otherEtc(etc: string): readonly SystemPart[] {
  if (!isRealDirectory(etc)) return [];
  return [{ kind: 'hidden', path: etc }, ...etcParts(etc).filter(({ kind }) => kind === 'read-only')];
}

function shownWhole(parts: readonly SystemPart[]): readonly string[] {
  return parts.filter(({ kind }) => kind === 'read-only').map(({ path }) => path);
}

/** Absolute and normal entries, each once: a relative one would mean whatever directory the agent stands in. */
export function pathEntries(environment: Environment): readonly string[] {
  const entries = (environment['PATH'] ?? '').split(':').filter((entry) => isAbsolute(entry));
  return [...new Set(entries.map((entry) => normalize(entry).replace(/(?<=.)\/+$/u, '')))];
}

function locations(
  environment: Environment,
  derived: Readonly<Record<string, string>>,
  roots: readonly string[],
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of LOCATION_VARIABLES) {
    const stated = environment[name];
    const value = stated !== undefined && isVisible(stated, roots) ? stated : derived[name];
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

/** Looks at the file system of the host, once per sandbox (about a millisecond). */
export function lookAtHost(environment: Environment): HostView {
  const entries = pathEntries(environment);
  const { shown, scratch, variables } = findToolchains(entries);
  const extra = EXTRA_ROOTS.filter((root) => entries.some((entry) => isVisible(entry, [root])));
  const system = [...SYSTEM_ROOTS.flatMap(partAt), ...etcParts('/etc'), ...OTHER_ETC.flatMap(otherEtc)];
  // The target of a link in PATH (a version manager's `current`) is bound in its place: `--ro-bind` follows the source.
  const present = (path: string): boolean => !isVisible(path, SYSTEM_ROOTS) && existsSync(path);
  const parts = [...extra, ...shown].filter(present);
  const roots = [...SYSTEM_ROOTS, ...parts];
  const inside = [...new Set([...entries, ...SYSTEM_PATH])].filter((entry) => isVisible(entry, roots));
  const toolchains: readonly SystemPart[] = [
    ...scratch.filter(present).map((path) => ({ kind: 'scratch' as const, path })),
    ...parts.map((path) => ({ kind: 'read-only' as const, path })),
    ...settingsAmong([...shownWhole(system), ...parts], inside).map((path) => ({ kind: 'emptied' as const, path })),
  ];
  return {
    system,
    toolchains,
    path: inside.join(':'),
    variables: locations(environment, variables, [...roots, ...Object.values(variables)]),
    hiddenPath: entries.filter((entry) => !isVisible(entry, roots) && existsSync(entry)),
  };
}
