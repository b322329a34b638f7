/**
 * Takes the tree of an agent as it is.
 *
 * git runs inside the sandbox, without network, with a git directory of ours that no agent ever saw; the agent's own is
 * never read. It leaves one pack of new objects and the id of a tree. Outside, the pack is checked and imported into the
 * mirror, and the commit is written there.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { assert, isLoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { FinishedProcess } from '../ports/sandbox.ts';
import { baseTree, listSubmodules, openBase } from './bases.ts';
import { treeMount, treeOf, workspacePath, type Site } from './checkouts.ts';
import { excludePatterns, writeGitDirectory } from './git-directory.ts';
import type { Mirror } from './mirror.ts';
import { isObjectId, joinNul, splitNul } from './object-names.ts';
import {
  complaintsAsOddities,
  inspectOddities,
  NOTHING_ODD,
  submoduleOddities,
  TOO_DEEP_BYTES,
  tooDeepPatterns,
  type OddThings,
} from './oddities.ts';
import { objectsMount } from './populate.ts';
import type { Room } from './room.ts';
import { workspaceLost } from './run-directory.ts';
import { scriptFailed } from './stage.ts';

/**
 * Collecting 50,000 new files takes seconds. Patterns an agent wrote into `.gitignore` can keep git
 * busy for ever, and no limit of the run holds while it collects: this one does.
 */
const TIMEOUT_MS = 5 * 60_000;
/** Exit code of the first look when it found something that needs a closer one. */
const ODD = 9;
/** What git exits with when it took all but some files. */
const PARTLY = 1;
/** What git exits with when it gave up. */
const FATAL = 128;
const MAX_ODDITIES = 200;
/**
 * The index was copied in the second its files were written, so git cannot tell by time whether they changed since. It is
 * told to compare them once; `git add` alone would write every one of them as a new object.
 */
const SAME_SECOND = 'same-second';

/**
 * What a tree cannot hold comes first: a FIFO named .gitignore would block git for ever, and a directory with a .git of its
 * own would become a bare reference to a commit nobody has. One walk finds them all; nearly always there is nothing.
 */
const LOOK = `
out=$1
shift
find . -path ./.git -prune -o "$@" \\( -name .git -prune -o ! -type f ! -type d ! -type l -o -type d ! -perm -500 -o \\
  -type d -path '${'?'.repeat(TOO_DEEP_BYTES)}*' -prune \\) -print0 >"$out/odd" 2>/dev/null || :
if [ -s "$out/odd" ]; then exit ${ODD}; fi
`;

/** After a person-sized answer to what was odd: special files that would block git are gone, the rest is left out. */
const CLEAR = `
out=$1
xargs -0 rm -f -- <"$GIT_DIR/blocking"
git check-ignore -z --stdin <"$GIT_DIR/asked" >"$out/ignored" 2>/dev/null || :
`;

const TAKE = `
: >"$out/tree"
: >"$out/pack"
if [ -e "$GIT_DIR/index.lock" ]; then rm -f "$GIT_DIR/index.lock"; fi
if [ -e "$GIT_DIR/${SAME_SECOND}" ]; then
  git update-index -q --refresh --ignore-submodules || :
  rm -f "$GIT_DIR/${SAME_SECOND}"
fi
code=0
git add -A --ignore-errors --pathspec-from-file="$GIT_DIR/pathspecs" --pathspec-file-nul 2>"$out/complaints" || code=$?
if [ "$code" -gt ${PARTLY} ]; then cat "$out/complaints" >&2; exit "$code"; fi
tree=$(git write-tree)
if [ "$tree" != "$BASE_TREE" ]; then
  printf '%s\\n^%s\\n' "$tree" "$BASE_TREE" |
    git -c pack.compression=1 pack-objects --revs --quiet --window=0 --stdout >"$out/pack"
fi
printf '%s' "$tree" >"$out/tree"
`;

/** The collector's own directory of a run; only the collecting sandbox and loopwright write it. */
export function collectorDirectory(site: Site): string {
  return path.join(site.directory, 'collector');
}

function outDirectory(site: Site): string {
  return path.join(collectorDirectory(site), 'out');
}

/** Prepares collection right after the checkout was made, while everything in it is still ours. */
export async function prepareCollector(room: Room, site: Site, signal: AbortSignal): Promise<void> {
  const { source } = site;
  const directory = collectorDirectory(site);
  const gitDirectory = path.join(directory, 'git');
  await mkdir(gitDirectory, { recursive: true });
  await writeGitDirectory({
    directory: gitDirectory,
    mirror: source.mirror,
    alternates: room.stage.at('objects', source.mirror.objects),
    head: source.base,
    excluded: source.dependencies,
  });
  const overlay = source.kind === 'overlay';
  const pristine = overlay ? baseTree(room, source.mirror, source.base) : treeOf(site);
  // Its stat data match what the inside sees, so that only files that were really touched are read again.
  const index = path.join(pristine, '.git', 'index');
  const copied = path.join(gitDirectory, 'index');
  await copyFile(index, copied);
  const [before, after] = await Promise.all([stat(index), stat(copied)]);
  if (Math.floor(after.mtimeMs / 1_000) <= Math.floor(before.mtimeMs / 1_000)) {
    await writeFile(path.join(gitDirectory, SAME_SECOND), '');
  }
  const submodules = overlay
    ? (await openBase(room, source.mirror, source.base, signal)).submodules
    : await listSubmodules(room, source.mirror, source.base);
  if (submodules.length > 0) await pinSubmodules(room, site, gitDirectory, submodules);
}

/** Submodules stay what they are on the base: git does not look at them, and starts nothing in them. */
async function pinSubmodules(room: Room, site: Site, gitDirectory: string, names: readonly Buffer[]): Promise<void> {
  await skipInIndex(room, site.source.mirror, path.join(gitDirectory, 'index'), names);
  await writeFile(path.join(gitDirectory, 'submodules'), joinNul(names));
}

/** Whoever uses this index takes the files for what it says, whatever is in the tree. */
export async function skipInIndex(room: Room, mirror: Mirror, index: string, names: readonly Buffer[]): Promise<void> {
  await room.git.run({
    args: ['update-index', '--skip-worktree', '-z', '--stdin'],
    gitDir: mirror.gitDir,
    directory: room.state.empty,
    // git insists on a work tree here and does not look into it.
    env: { GIT_INDEX_FILE: index, GIT_WORK_TREE: room.state.empty },
    stdin: joinNul(names),
  });
}

export interface Taken {
  readonly tree: string;
  readonly oddities: readonly string[];
}

export interface Taking {
  readonly site: Site;
  readonly baseTree: string;
  readonly signal: AbortSignal;
}

/** The tree of the site, imported into the mirror. Rejects with LW_WORKSPACE_LOST when the site is not there any more. */
export async function takeTree(room: Room, taking: Taking): Promise<Taken> {
  const { site } = taking;
  const out = outDirectory(site);
  await mkdir(out, { recursive: true });
  const oddities: string[] = [];
  await writeOrders(site, NOTHING_ODD, '');
  const prune = [...site.source.dependencies, ...(await readSubmodules(site)).map((name) => name.toString('utf8'))];
  let ended = await attempt(room, taking, LOOK + TAKE, prune.flatMap(pruning));
  let found = NOTHING_ODD;
  if (exitCode(ended) === ODD) {
    found = await inspectOddities(room, site, await readOwn(path.join(out, 'odd')));
    await writeOrders(site, found, '');
    ended = await attempt(room, taking, CLEAR + TAKE, []);
    const ignored = new Set(splitNul(await readOwn(path.join(out, 'ignored'))).map(String));
    oddities.push(...found.notes.filter(({ name }) => !ignored.has(String(name))).map(({ text }) => text));
  }
  if (exitCode(ended) === FATAL) ended = await takeRaw(room, taking, { found, ended, oddities });
  if (exitCode(ended) !== 0) throw scriptFailed(WHAT, ended);
  oddities.push(...(await submoduleOddities(site, await readSubmodules(site))));
  oddities.push(...complaintsAsOddities((await readOwn(path.join(out, 'complaints'))).toString('utf8')));
  const tree = (await readOwn(path.join(out, 'tree'))).toString('latin1');
  if (!isObjectId(tree)) throw workspaceLost(site, 'collecting left no tree');
  if (tree !== taking.baseTree)
    oddities.push(...(await importPack(room, site.source.mirror, { pack: path.join(out, 'pack'), tree })));
  return { tree, oddities: oddities.slice(0, MAX_ODDITIES) };
}

/**
 * A `.gitattributes` can make git itself give up, for example with an encoding a file does not have. Then every file is
 * taken byte by byte, and that is said.
 */
async function takeRaw(
  room: Room,
  taking: Taking,
  before: { readonly found: OddThings; readonly ended: FinishedProcess; readonly oddities: string[] },
): Promise<FinishedProcess> {
  await writeOrders(taking.site, before.found, '* -text !eol -ident -filter -working-tree-encoding\n');
  const words = Buffer.from(before.ended.stderr).toString('utf8').trim().split('\n').at(-1) ?? '';
  before.oddities.push(`git attributes were not applied, every file was taken byte by byte (${words.slice(0, 200)})`);
  return attempt(room, taking, CLEAR + TAKE, []);
}

const WHAT = 'collecting the change';

function exitCode(ended: FinishedProcess): number | null {
  return ended.end.kind === 'exited' ? ended.end.code : null;
}

async function attempt(
  room: Room,
  taking: Taking,
  script: string,
  parameters: readonly string[],
): Promise<FinishedProcess> {
  const { site } = taking;
  const { source } = site;
  const workspace = workspacePath(room, site);
  const directory = collectorDirectory(site);
  const inside = room.stage.at('collector', directory);
  return room.stage.attempt(
    {
      what: WHAT,
      script,
      parameters: [path.posix.join(inside, 'out'), ...parameters],
      cwd: workspace,
      mounts: [
        treeMount(room, site, script.startsWith(LOOK) ? 'read-only' : 'writable'),
        objectsMount(room, source.mirror),
        { kind: 'writable', source: directory, target: inside },
      ],
      env: {
        GIT_DIR: path.posix.join(inside, 'git'),
        GIT_WORK_TREE: workspace,
        BASE_TREE: taking.baseTree,
      },
      timeoutMs: TIMEOUT_MS,
    },
    taking.signal,
  );
}

/** What `git add` is to look at, in files: names are bytes, and arguments are not. */
async function writeOrders(site: Site, odd: OddThings, attributes: string): Promise<void> {
  const git = path.join(collectorDirectory(site), 'git');
  const left = [...odd.leftOut, ...site.source.dependencies.map((name) => Buffer.from(name))];
  const exclude = Buffer.from(':(exclude,literal,top)');
  const pathspecs = [Buffer.from('.'), ...left.map((name) => Buffer.concat([exclude, name]))];
  await Promise.all([
    writeFile(path.join(git, 'pathspecs'), joinNul(pathspecs)),
    writeFile(path.join(git, 'blocking'), joinNul(odd.blocking)),
    writeFile(path.join(git, 'asked'), joinNul(odd.notes.map(({ name }) => name))),
    writeFile(path.join(git, 'info', 'attributes'), attributes),
    writeFile(
      path.join(git, 'info', 'exclude'),
      excludePatterns(site.source.dependencies) + tooDeepPatterns(odd.tooDeep),
    ),
  ]);
}

/** `find` reads patterns. */
function pruning(name: string): readonly string[] {
  return ['-path', `./${name.replace(/[\\*?[\]]/g, '\\$&')}`, '-prune', '-o'];
}

async function readSubmodules(site: Site): Promise<readonly Buffer[]> {
  try {
    return splitNul(await readFile(path.join(collectorDirectory(site), 'git', 'submodules')));
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** A file the collecting sandbox left: read only when it is a plain file. */
async function openOwn(file: string): Promise<FileHandle> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const plain = (await handle.stat()).isFile();
  if (!plain) await handle.close();
  assert(plain, `${file} is a plain file`);
  return handle;
}

async function readOwn(file: string): Promise<Buffer> {
  const handle = await openOwn(file);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

interface Imported {
  /** The file. */
  readonly pack: string;
  /** What it holds the new objects of. */
  readonly tree: string;
}

/**
 * Checks every object and every link between them. What git itself would only refuse to check out, for example a strange
 * `.gitmodules`, is imported all the same and said.
 */
async function importPack(room: Room, mirror: Mirror, imported: Imported): Promise<readonly string[]> {
  const { gitDir } = mirror;
  const index = async (...strictness: readonly string[]): Promise<void> => {
    const handle = await openOwn(imported.pack);
    try {
      const stdin = handle.createReadStream({ autoClose: false });
      await room.git.run({ args: ['index-pack', '--stdin', ...strictness], gitDir, stdin });
    } finally {
      await handle.close();
    }
  };
  try {
    await index('--strict');
    return [];
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    await index();
    // Without `--strict` nobody looked whether everything the tree names is there.
    await room.git.run({ args: ['rev-list', '--objects', '--quiet', imported.tree], gitDir });
    return [`git objects to the content of the tree: ${String(error.details['words']).slice(0, 300)}`];
  }
}
