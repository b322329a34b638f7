/**
 * pom.xml, as far as coordinates stand in it, and what Gradle writes: gradle.lockfile, and coordinates in a build script. No
 * property is filled in and no parent is followed.
 */
import { SaxesParser } from 'saxes';
import { locked, purlOf, read, unreadable } from '../locked.ts';
import type { LockedPackage, LockReading } from '../locked.ts';

function mavenPackage(group: string, artifact: string, version: string, runsAtInstall = false): LockedPackage {
  return locked(purlOf('maven', `${group}/${artifact}`), { version, runsAtInstall });
}

const RECORDS: ReadonlySet<string> = new Set(['dependency', 'plugin', 'extension', 'parent']);

interface Coordinates {
  readonly element: string;
  readonly depth: number;
  readonly fields: Map<string, string>;
}

/** Plugins and extensions run while the project is built, on the machine that builds it. */
function packageOf({ element, fields }: Coordinates): readonly LockedPackage[] {
  const artifact = fields.get('artifactId');
  if (artifact === undefined) return [];
  const runs = element === 'plugin' || element === 'extension';
  const group = fields.get('groupId') ?? (runs ? 'org.apache.maven.plugins' : '');
  return [mavenPackage(group, artifact, fields.get('version') ?? '', runs)];
}

export function readPom(text: string): LockReading {
  const packages: LockedPackage[] = [];
  const open: Coordinates[] = [];
  const parser = new SaxesParser();
  let broken = false;
  let depth = 0;
  let words = '';
  parser.on('error', () => (broken = true));
  parser.on('opentag', ({ name }) => {
    depth += 1;
    words = '';
    if (RECORDS.has(name)) open.push({ element: name, depth, fields: new Map() });
  });
  parser.on('text', (more) => (words += more));
  parser.on('closetag', ({ name }) => {
    const record = open.at(-1);
    if (record?.depth === depth - 1) record.fields.set(name, words.trim());
    if (record?.depth === depth) packages.push(...open.splice(-1).flatMap(packageOf));
    depth -= 1;
  });
  parser.write(text).close();
  return broken ? unreadable('is no XML') : read(packages);
}

export function readGradleLock(text: string): LockReading {
  return read(
    text.split(/\r?\n/).flatMap((line): readonly LockedPackage[] => {
      const [, group, artifact, version] = /^([^\s:#=]+):([^\s:=]+):([^\s:=]+)=/.exec(line) ?? [];
      return group && artifact && version ? [mavenPackage(group, artifact, version)] : [];
    }),
  );
}

const MAX_LINE = 2_000;

/** `implementation 'group:artifact:version'` and `id("plugin") version "1.0"`. */
export function readGradleBuild(text: string): LockReading {
  return read(
    text.split(/\r?\n/).flatMap((line): readonly LockedPackage[] => {
      const short = line.slice(0, MAX_LINE);
      const [, group, artifact, version = ''] =
        /^\s*(?:\w+\s*\(?\s*)?\w*\(?["']([\w.-]+):([\w.-]+)(?::([\w.+$\-{}]+))?["']/.exec(short) ?? [];
      if (group && artifact) return [mavenPackage(group, artifact, version)];
      const [, plugin, of = ''] =
        /^\s*id\s*\(?\s*["']([\w.-]+)["']\s*\)?\s*version\s*\(?\s*["']([^"']+)["']/.exec(short) ?? [];
      return plugin ? [mavenPackage(plugin, `${plugin}.gradle.plugin`, of, true)] : [];
    }),
  );
}
