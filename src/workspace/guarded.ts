/**
 * Keeps parts of the tree from the agent. Tracked secrets are covered by an empty file, and what it may not change is
 * locked, in its launches alone: collecting and checks see the tree as it is. Secrets in dependencies are emptied in every
 * copy of them, because those have no history they could be compared with and no check needs them.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GuardedTree } from '../core/event.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { Mount } from '../ports/sandbox.ts';
import type { TreeGuard } from '../ports/workspace.ts';
import type { TreeEntry } from './diff-parser.ts';
import { decodeName, splitNul } from './object-names.ts';

export const NOTHING_GUARDED: GuardedTree = { hidden: [], emptied: [], locked: [], loose: 0 };

/** Each mount costs some 150 us with every launch. What does not fit is left to the detector, and counted. */
const MAX_LOCKED = 100;
const MAX_HIDDEN = 100;

interface Directory {
  readonly files: string[];
  readonly directories: Map<string, Directory>;
}

function emptyDirectory(): Directory {
  return { files: [], directories: new Map() };
}

function treeOfPaths(paths: readonly string[]): Directory {
  const top = emptyDirectory();
  for (const file of paths) {
    const segments = file.split('/');
    let at = top;
    for (const segment of segments.slice(0, -1)) {
      const next = at.directories.get(segment) ?? emptyDirectory();
      at.directories.set(segment, next);
      at = next;
    }
    at.files.push(file);
  }
  return top;
}

interface Locks {
  readonly directories: string[];
  readonly files: string[];
}

/** The outermost directories nothing below of which may change, and the single files beside them. */
function findLocks(directory: Directory, at: string, guard: TreeGuard, locks: Locks): void {
  locks.files.push(...directory.files.filter((file) => !guard.mayChange(file)));
  for (const [name, child] of directory.directories) {
    const below = at === '' ? name : `${at}/${name}`;
    if (guard.mayChangeBelow(below)) findLocks(child, below, guard, locks);
    else locks.directories.push(below);
  }
}

function isWithin(file: string, directories: ReadonlySet<string>): boolean {
  for (let end = file.indexOf('/'); end !== -1; end = file.indexOf('/', end + 1)) {
    if (directories.has(file.slice(0, end))) return true;
  }
  return false;
}

/** Pure. `entries`: the files of the base. */
export function planGuard(entries: readonly TreeEntry[], guard: TreeGuard): Omit<GuardedTree, 'emptied'> {
  const regular = entries.filter(({ mode }) => mode.startsWith('100')).map(({ name }) => decodeName(name));
  // A name that is no text cannot be told to bubblewrap.
  const told = regular.filter(({ pathBytes }) => pathBytes === undefined).map((name) => name.path);
  const heldBack = told.filter((file) => guard.holdsBack?.(file) === true);
  if (heldBack.length > MAX_HIDDEN) throw tooManyHeldBack(heldBack.length);
  const hidden = [...new Set([...heldBack, ...told.filter((file) => guard.hides(file))])].slice(0, MAX_HIDDEN);
  const locks: Locks = { directories: [], files: [] };
  findLocks(treeOfPaths(told), '', guard, locks);
  const covered = new Set(hidden);
  // Directories first: each stands for many files. What is covered cannot be written to anyway.
  const wanted = [...locks.directories, ...locks.files.filter((file) => !covered.has(file))];
  const locked = wanted.slice(0, MAX_LOCKED);
  // What lies in a directory that was to be locked and did not fit counts as well.
  const spare = new Set(wanted.slice(MAX_LOCKED));
  const open = told.filter((file) => spare.has(file) || isWithin(file, spare));
  const loose = open.filter((file) => !covered.has(file)).length;
  return { hidden, locked, loose, ...(heldBack.length === 0 ? {} : { heldBack }) };
}

/** Half a secret is none. */
function tooManyHeldBack(count: number): LoopwrightError {
  return new LoopwrightError('LW_POLICY_INVALID', {
    message: `held-back checks rest on ${count} files, and at most ${MAX_HIDDEN} can be hidden`,
    next: 'Let `hidden` name fewer files; what they import that is no secret needs not be hidden.',
    details: { count },
  });
}

/** For the launches of checks that are not held back: what they print is shown to the agent. */
export function heldBackMounts({ heldBack = [] }: GuardedTree, workspace: string, nothing: string): readonly Mount[] {
  return heldBack.map((name) => emptyMount(path.posix.join(workspace, name), nothing));
}

function emptyMount(target: string, nothing: string): Mount {
  return { kind: 'read-only', source: nothing, target, ifPresent: true };
}

/** For the agent's launches, after the tree and before what is mounted in it. `nothing`: an empty file of the host. */
export function guardMounts(guarded: GuardedTree, workspace: string, nothing: string): readonly Mount[] {
  const at = (name: string): string => path.posix.join(workspace, name);
  return [
    ...guarded.locked.map((name): Mount => ({ kind: 'locked', target: at(name) })),
    ...guarded.hidden.map((name) => emptyMount(at(name), nothing)),
  ];
}

/** Names `find` looks for first, so that the globs are asked about few files. Wider than they are. */
const CANDIDATES: readonly string[] = [
  '.*',
  '_netrc',
  '*.key',
  '*.pem',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.ppk',
  '*.kdbx',
  'id_*',
  '*.json',
  'config',
  'credentials*',
  'settings*.xml',
  '*kubeconfig',
  '*.rc',
  'rclone.conf',
  '*.sqlite',
  'key4.db',
  'Login Data',
];

/** Files of dependencies whose names are those of secrets, as `node_modules/x/.npmrc`. The directories are the user's. */
export async function findSecrets(
  repository: string,
  dependencies: readonly string[],
  guard: TreeGuard,
): Promise<readonly string[]> {
  if (dependencies.length === 0) return [];
  const names = CANDIDATES.flatMap((name, index) => (index === 0 ? ['-name', name] : ['-o', '-name', name]));
  const argv = [...dependencies.map((name) => `./${name}`), '-xdev', '-type', 'f', '(', ...names, ')', '-print0'];
  const child = spawn('find', ['-P', ...argv], { cwd: repository, stdio: ['ignore', 'pipe', 'ignore'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on('error', (cause) =>
    reject(
      new LoopwrightError('LW_WORKSPACE_LOST', {
        message: `dependencies could not be searched for secrets: ${cause.message}`,
        next: 'Install `find` (findutils).',
        cause,
      }),
    ),
  );
  // A directory it may not enter makes it exit with 1; nobody inside can read that one either.
  child.on('close', () => resolve());
  await promise;
  const found = splitNul(Buffer.concat(pieces)).map((name) => name.subarray('./'.length).toString('utf8'));
  return found.filter((name) => guard.hides(name)).sort();
}

/** Puts an empty file in the place of each, in a layer or a copy that is ours alone. */
export async function emptySecrets(names: readonly string[], fileOf: (name: string) => string): Promise<void> {
  for (const name of names) {
    const file = fileOf(name);
    await mkdir(path.dirname(file), { recursive: true });
    await rm(file, { force: true });
    await writeFile(file, '', { flag: 'wx' });
    await chmod(file, 0o444);
  }
}
