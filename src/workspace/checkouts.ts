/**
 * Checkouts: the agent's, and a fresh one for each check.
 *
 * `overlay`: an empty upper layer over the shared base checkout; only what differs is ever written.
 * `clone`: a whole checkout of its own.
 * Both have a git directory of their own that borrows objects from the mirror, read-only.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GuardedTree } from '../core/event.ts';
import { assert } from '../core/errors.ts';
import { runBranch } from '../core/undo-plan.ts';
import type { Mount } from '../ports/sandbox.ts';
import type { CheckSight } from '../ports/workspace.ts';
import { baseTree, openBase } from './bases.ts';
import { copyDependencies, dependencyOverlays, dependencyUpper } from './dependencies.ts';
import { excludePatterns, writeGitDirectory } from './git-directory.ts';
import { emptySecrets, guardMounts, heldBackMounts } from './guarded.ts';
import { heldObjects } from './held-objects.ts';
import type { Mirror } from './mirror.ts';
import { objectsMount, populate } from './populate.ts';
import type { Room } from './room.ts';

export type CheckoutKind = 'overlay' | 'clone';

/** What is the same for every checkout of a run. */
export interface CheckoutSource {
  readonly runId: string;
  readonly kind: CheckoutKind;
  readonly mirror: Mirror;
  /** Top of the user's repository. */
  readonly repository: string;
  readonly base: string;
  readonly dependencies: readonly string[];
  readonly guarded: GuardedTree;
}

/** A directory on the host that holds one checkout. */
export interface Site {
  readonly directory: string;
  readonly source: CheckoutSource;
}

/** The part of a site that the inside sees as the top of the tree. */
export function treeOf(site: Site): string {
  return path.join(site.directory, site.source.kind === 'overlay' ? 'upper' : 'workspace');
}

export function workspacePath(room: Room, site: Site): string {
  return room.stage.at('workspace', treeOf(site));
}

/** The tree alone: what collecting needs. */
export function treeMount(room: Room, site: Site, clone: 'writable' | 'read-only'): Mount {
  const target = workspacePath(room, site);
  if (site.source.kind === 'clone') return { kind: clone, source: treeOf(site), target };
  const { mirror, base } = site.source;
  const work = path.join(site.directory, 'work');
  return { kind: 'overlay', lower: [baseTree(room, mirror, base)], upper: treeOf(site), work, target };
}

/** The tree, the objects it borrows, its dependencies, and the user's path to it. An agent gets it guarded. */
export function mountsOf(room: Room, site: Site, whose: 'agent' | CheckSight): readonly Mount[] {
  const { source } = site;
  const target = workspacePath(room, site);
  const { guarded } = source;
  const held = whose === 'agent' && guarded.heldBack !== undefined;
  const objects = objectsMount(room, source.mirror, held ? heldObjects(site.directory) : source.mirror.objects);
  const mounts: Mount[] = [treeMount(room, site, 'writable'), objects];
  if (whose === 'agent') mounts.push(...guardMounts(guarded, target, room.state.nothing));
  if (whose === 'open') mounts.push(...heldBackMounts(guarded, target, room.state.nothing));
  if (source.kind === 'overlay') {
    mounts.push(...dependencyOverlays(site.directory, source.repository, source.dependencies, target));
  }
  if (room.stage.confines && source.dependencies.length > 0 && mayLink(source.repository)) {
    // Scripts in a virtual environment name the interpreter by the path it was made under.
    mounts.push({ kind: 'link', to: target, target: source.repository });
  }
  return mounts;
}

/** Directories of a sandbox's own; nothing of the user's can be shown in them. */
const SYSTEM = /^\/(?:bin|boot|dev|etc|lib\w*|nix|opt|proc|run|sbin|snap|sys|usr|workspace)(?:\/|$)/;
/** The top of the tree, and homes: the sandbox has its own there. */
const TOO_HIGH = /^\/[^/]*$|^\/(?:home|Users)\/[^/]+$/;

export function mayLink(repository: string): boolean {
  return !SYSTEM.test(repository) && !TOO_HIGH.test(repository);
}

export interface Showing {
  /** Where HEAD is. */
  readonly commit: string;
  /** What the files show; other than the tree of `commit` where protected files were restored. */
  readonly treeish: string;
  readonly signal: AbortSignal;
}

/** Fills the site. Its directory exists, carries the marker, and holds nothing else yet. */
export async function makeCheckout(room: Room, site: Site, showing: Showing): Promise<void> {
  await (site.source.kind === 'overlay' ? makeOverlay : makeClone)(room, site, showing);
}

async function makeOverlay(room: Room, site: Site, showing: Showing): Promise<void> {
  const { source } = site;
  await openBase(room, source.mirror, source.base, showing.signal);
  const upper = treeOf(site);
  await mkdir(path.join(upper, '.git', 'info'), { recursive: true });
  await mkdir(path.join(site.directory, 'work'));
  await writeBranch(path.join(upper, '.git'), source.runId, showing.commit);
  await writeFile(path.join(upper, '.git', 'HEAD'), `${headOf(source.runId)}\n`);
  await writeFile(path.join(upper, '.git', 'info', 'exclude'), excludePatterns(source.dependencies));
  for (const overlay of dependencyOverlays(site.directory, source.repository, source.dependencies, '/')) {
    await mkdir(overlay.upper, { recursive: true });
    await mkdir(overlay.work);
    await mkdir(path.join(upper, overlay.target), { recursive: true });
  }
  await emptySecrets(source.guarded.emptied, (name) => upperFile(site, name));
  if (showing.treeish === source.base) return;
  await populateSite(room, site, showing);
}

async function makeClone(room: Room, site: Site, showing: Showing): Promise<void> {
  const { source } = site;
  const workspace = treeOf(site);
  const directory = path.join(workspace, '.git');
  await mkdir(directory, { recursive: true });
  await writeGitDirectory({
    directory,
    mirror: source.mirror,
    alternates: room.stage.at('objects', source.mirror.objects),
    head: headOf(source.runId),
    excluded: source.dependencies,
  });
  await writeBranch(directory, source.runId, showing.commit);
  await populateSite(room, site, showing);
  await copyDependencies(source.repository, source.dependencies, workspace);
  await emptySecrets(source.guarded.emptied, (name) => path.join(workspace, name));
}

/** Where a file of a dependency is in the layer that lies over it. */
function upperFile({ directory, source }: Site, name: string): string {
  const index = source.dependencies.findIndex((dependency) => name.startsWith(`${dependency}/`));
  const dependency = source.dependencies[index];
  assert(dependency !== undefined, `${name} is in a dependency`);
  return path.join(dependencyUpper(directory, index), name.slice(dependency.length + 1));
}

async function populateSite(room: Room, site: Site, showing: Showing): Promise<void> {
  await populate(room, {
    mirror: site.source.mirror,
    mounts: [treeMount(room, site, 'writable')],
    workspace: workspacePath(room, site),
    treeish: showing.treeish,
    signal: showing.signal,
  });
}

function headOf(runId: string): string {
  return `ref: refs/heads/${runBranch(runId)}`;
}

async function writeBranch(gitDirectory: string, runId: string, commit: string): Promise<void> {
  const file = path.join(gitDirectory, 'refs', 'heads', ...runBranch(runId).split('/'));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${commit}\n`);
}
