/** Things in a workspace that a tree cannot hold, found and put into words. Nothing of it vanishes without one. */
import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasSystemCode } from '../core/system-code.ts';
import { listTree } from './base-reader.ts';
import { treeOf, type Site } from './checkouts.ts';
import { decodeName, splitNul } from './object-names.ts';
import type { Room } from './room.ts';

export interface OddThings {
  readonly notes: readonly OddNote[];
  /** Not looked at by git at all. */
  readonly leftOut: readonly Buffer[];
  /** Special files under names git opens by itself; it would wait on them for ever. */
  readonly blocking: readonly Buffer[];
  /** Directories git has to stay out of, because it gives up on what may be below them. */
  readonly tooDeep: readonly Buffer[];
}

export interface OddNote {
  /** Said only when this is not ignored anyway. */
  readonly name: Buffer;
  readonly text: string;
}

export const NOTHING_ODD: OddThings = { notes: [], leftOut: [], blocking: [], tooDeep: [] };

const OPENED_BY_GIT = ['.gitignore', '.gitattributes', '.gitmodules'];
/**
 * A directory whose path has this many bytes is not entered. git gives up on paths of 4,096 bytes (PATH_MAX in
 * include/uapi/linux/limits.h), and one more name has up to 256 with its slash.
 */
export const TOO_DEEP_BYTES = 3_800;
/** Of a path that long, what a person is shown, and what git is asked about. */
const SHOWN_BYTES = 100;
/** Beyond this many, the rest is left out like the others but not described one by one. */
const MAX_LOOKED_AT = 2_000;

/** `found`: what `find -print0` printed, relative to the top. */
export async function inspectOddities(room: Room, site: Site, found: Buffer): Promise<OddThings> {
  const names = splitNul(found).map((name) => name.subarray('./'.length));
  const known = await directoriesOfBase(room, site);
  const notes: OddNote[] = [];
  const leftOut: Buffer[] = [];
  const blocking: Buffer[] = [];
  const tooDeep: Buffer[] = names.filter(isTooDeep);
  for (const name of names.slice(0, MAX_LOOKED_AT)) {
    if (isTooDeep(name)) {
      notes.push(describeDepth(name));
      continue;
    }
    const shown = decodeName(name).path;
    const base = path.posix.basename(shown);
    if (base === '.git') {
      const parent = name.subarray(0, name.length - '/.git'.length);
      const text = decodeName(parent).path;
      // In a directory of the base git goes on looking at the files; a directory of its own it would only reference.
      const tracked = known.has(parent.toString('latin1'));
      if (!tracked) leftOut.push(parent);
      notes.push({
        name: parent,
        text: tracked
          ? `${shown}: a git directory inside ${text} is not part of the change`
          : `${text}: a repository of its own; neither it nor its files are part of the change`,
      });
      continue;
    }
    const kind = describeKind(await lstatNoFollow(treeOf(site), name));
    if (OPENED_BY_GIT.includes(base)) blocking.push(name);
    else leftOut.push(name);
    notes.push({ name, text: `${shown}: ${kind}` });
  }
  leftOut.push(...names.slice(MAX_LOOKED_AT).filter((name) => !isTooDeep(name)));
  return { notes, leftOut, blocking, tooDeep };
}

/** `find` puts `./` before it. */
function isTooDeep(name: Buffer): boolean {
  return name.length + './'.length >= TOO_DEEP_BYTES;
}

/** Where a directory above it is ignored, so is this. */
function describeDepth(name: Buffer): OddNote {
  const cut = name.lastIndexOf('/', SHOWN_BYTES);
  const above = name.subarray(0, cut === -1 ? name.indexOf('/') : cut);
  const text = `${decodeName(above).path}: directories below it are too deep; their files are not part of the change`;
  return { name: above, text };
}

/**
 * Exclude patterns for directories under any name: `?` stands for each byte that means something in a pattern or ends it.
 * What else such a pattern matches is exactly as long, so it is too deep as well.
 */
export function tooDeepPatterns(names: readonly Buffer[]): string {
  return names.map((name) => `/${name.toString('latin1').replace(/[^\w./-]/g, '?')}/\n`).join('');
}

async function directoriesOfBase(room: Room, site: Site): Promise<ReadonlySet<string>> {
  const directories = new Set<string>();
  for (const entry of await listTree(room.git, site.source.mirror, site.source.base)) {
    const name = entry.name.toString('latin1');
    for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) directories.add(name.slice(0, at));
  }
  return directories;
}

function describeKind(seen: Stats | null): string {
  if (seen === null) return 'something a tree cannot hold';
  if (seen.isFIFO()) return 'a FIFO cannot be part of a tree';
  if (seen.isSocket()) return 'a socket cannot be part of a tree';
  if (seen.isDirectory()) return 'an unreadable directory; its files count as they were on the base';
  return 'a device cannot be part of a tree';
}

/** Seen from outside, where an agent may have put links on the way; then nothing is said about the target. */
async function lstatNoFollow(top: string, name: Buffer): Promise<Stats | null> {
  try {
    let current = Buffer.from(top);
    let seen: Stats | null = null;
    for (const part of splitPath(name)) {
      current = Buffer.concat([current, Buffer.from('/'), part]);
      seen = await lstat(current);
      if (seen.isSymbolicLink()) return seen;
    }
    return seen;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG')) return null;
    throw error;
  }
}

function splitPath(name: Buffer): Buffer[] {
  return name
    .toString('latin1')
    .split('/')
    .map((part) => Buffer.from(part, 'latin1'));
}

/** Submodules keep the commit they have on the base; what was done to their directories is said. */
export async function submoduleOddities(site: Site, submodules: readonly Buffer[]): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const name of submodules) {
    const shown = decodeName(name).path;
    const seen = await lstatNoFollow(treeOf(site), name);
    // An upper layer holds only what was touched, and a device with number 0 where something was removed.
    const removed =
      site.source.kind === 'overlay' ? seen?.isCharacterDevice() === true && seen.rdev === 0 : seen === null;
    if (removed)
      notes.push(`${shown}: a submodule of the base stays at its commit; removing its directory does not change that`);
    if (removed || seen === null) continue;
    const filled = seen.isDirectory() && (await isFilled(Buffer.concat([Buffer.from(`${treeOf(site)}/`), name])));
    if (filled || !seen.isDirectory()) {
      notes.push(`${shown}: a submodule of the base stays at its commit; what was put there is not part of the change`);
    }
  }
  return notes;
}

async function isFilled(directory: Buffer): Promise<boolean> {
  try {
    const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    await handle.close();
    return (await readdir(directory)).length > 0;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return false;
    throw error;
  }
}

const COMPLAINTS: readonly (readonly [RegExp, string])[] = [
  [/^error: unable to index file '(.*)'$/, 'cannot be read, so it counts as it was on the base'],
  [/^error: unable to add '(.*)' to index$/, 'git refuses this name'],
  [/^error: (.*): can only add regular files, symbolic links or git-directories$/, 'is neither a file nor a link'],
];

/** What `git add` said of files it did not take. Lines that only repeat another are dropped. */
export function complaintsAsOddities(complaints: string): readonly string[] {
  const notes = new Set<string>();
  for (const line of complaints.split('\n')) {
    const known = COMPLAINTS.map(([pattern, text]) => ({ match: pattern.exec(line), text })).find(({ match }) => match);
    if (known !== undefined) notes.add(`${known.match?.[1] ?? ''}: ${known.text}`);
    else if (line.startsWith('error: ') && !/^error: (?:invalid path |open\()/.test(line))
      notes.add(line.slice(0, 300));
  }
  return [...notes];
}
