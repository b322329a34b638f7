/** Git directories made by writing their few files: no process, no template, nothing inherited. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasSystemCode } from '../core/system-code.ts';
import type { Mirror, ObjectFormat } from './mirror.ts';

export interface GitDirectory {
  readonly directory: string;
  readonly mirror: Mirror;
  /** Where the objects of the mirror are, as seen by whoever uses this git directory. */
  readonly alternates: string;
  /** Content of HEAD. */
  readonly head: string;
  /** Directories that are never part of a change, relative to the top. */
  readonly excluded: readonly string[];
  readonly bare?: boolean;
}

export async function writeGitDirectory(wanted: GitDirectory): Promise<void> {
  const { directory, mirror } = wanted;
  const inside = (name: string): string => path.join(directory, name);
  await mkdir(inside('objects/info'), { recursive: true });
  await Promise.all([
    mkdir(inside('objects/pack')),
    mkdir(inside('refs/heads'), { recursive: true }),
    mkdir(inside('info')),
  ]);
  await Promise.all([
    writeFile(inside('objects/info/alternates'), `${wanted.alternates}\n`),
    writeFile(inside('HEAD'), `${wanted.head}\n`),
    writeFile(inside('config'), configuration(mirror.format, wanted.bare === true)),
    writeFile(inside('info/exclude'), excludePatterns(wanted.excluded)),
    copyShallow(mirror, inside('shallow')),
  ]);
}

/** Where the history of the mirror ends early, it ends early for everybody who borrows its objects. */
async function copyShallow(mirror: Mirror, target: string): Promise<void> {
  try {
    await copyFile(path.join(mirror.gitDir, 'shallow'), target);
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT')) throw error;
  }
}

/** The identity is for commits an agent makes for itself; none of them ever leaves the workspace. */
function configuration(format: ObjectFormat, bare: boolean): string {
  const version = format === 'sha256' ? 1 : 0;
  const lines = [
    '[core]',
    `\trepositoryformatversion = ${version}`,
    '\tfilemode = true',
    `\tbare = ${bare}`,
    '\tlogallrefupdates = true',
    ...(format === 'sha256' ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '[user]',
    '\tname = loopwright agent',
    '\temail = agent@localhost',
    '[gc]',
    '\tauto = 0',
    '[maintenance]',
    '\tauto = false',
  ];
  return `${lines.join('\n')}\n`;
}

/** One pattern per directory, anchored at the top and taken literally. */
export function excludePatterns(directories: readonly string[]): string {
  return directories.map((directory) => `${excludePattern(directory)}\n`).join('');
}

export function excludePattern(directory: string): string {
  return `/${directory.replace(/[\\*?[\]!# ]/g, '\\$&')}`;
}
