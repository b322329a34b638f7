/** The agent's workspace: made, opened again, collected, checked and rehearsed. */
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import type { GuardedTree } from '../core/event.ts';
import type { Checkout, CheckSight, Workspace, WorkspaceRequest } from '../ports/workspace.ts';
import { adoptBranch } from './adopt.ts';
import { listTree } from './base-reader.ts';
import { baseTree } from './bases.ts';
import { blendedTree } from './blend.ts';
import { makeCheckout, mountsOf, workspacePath, type CheckoutSource, type Site } from './checkouts.ts';
import { collectChange } from './collect.ts';
import { prepareCollector, skipInIndex } from './collector.ts';
import type { TreeEntry } from './diff-parser.ts';
import { findDependencies } from './dependencies.ts';
import { findSecrets, NOTHING_GUARDED, planGuard } from './guarded.ts';
import { writeHeldObjects } from './held-objects.ts';
import { homeOf, makeHome } from './home.ts';
import { makeMarkedDirectory } from './marker.ts';
import { restoredTree } from './protected.ts';
import { rehearse } from './rehearsal.ts';
import { inodeOf, makeRunDirectory, readRunNote, requireSite, workspaceLost, writeRunNote } from './run-directory.ts';
import { treeOf } from './checkouts.ts';
import type { Room } from './room.ts';
import { deleteMarked } from './safe-delete.ts';

export async function createWorkspace(room: Room, request: WorkspaceRequest, signal: AbortSignal): Promise<Workspace> {
  const { runId, repository, base } = request;
  const mirror = await room.mirrors.find(repository);
  const [dependencies, overlay, directory] = await Promise.all([
    findDependencies(room.git, mirror, { repository, commit: base.commit, names: request.dependencies }),
    room.stage.confines && room.sandbox.offersOverlay(),
    makeRunDirectory(room.state, runId),
  ]);
  const kind = overlay ? 'overlay' : 'clone';
  const entries = await listTree(room.git, mirror, base.commit);
  const guarded = await guardOf(request, entries, dependencies);
  const source: CheckoutSource = { runId, kind, mirror, repository, base: base.commit, dependencies, guarded };
  const site: Site = { directory, source };
  await makeCheckout(room, site, { commit: base.commit, treeish: base.commit, signal });
  await makeHome(site);
  await prepareCollector(room, site, signal);
  if (guarded.hidden.length > 0) await overlookHidden(room, site);
  if (guarded.heldBack !== undefined) await holdBack(room, site);
  const inode = await inodeOf(treeOf(site));
  if (inode === null) throw workspaceLost(site, 'it vanished while it was made');
  await writeRunNote(directory, { kind, base: base.commit, baseTree: base.tree, dependencies, inode, guarded });
  return workspaceOf(room, { site, request, inode, tracked: trackedFiles(entries) });
}

export async function openWorkspace(room: Room, request: WorkspaceRequest): Promise<Workspace> {
  const { runId, repository, base } = request;
  const directory = room.state.run(runId);
  const mirror = await room.mirrors.find(repository);
  const note = await readRunNote(directory, runId);
  const kind = note?.kind ?? 'clone';
  const dependencies = note?.dependencies ?? [];
  const guarded = note?.guarded ?? NOTHING_GUARDED;
  const source: CheckoutSource = { runId, kind, mirror, repository, base: base.commit, dependencies, guarded };
  const site: Site = { directory, source };
  if (note === null) throw workspaceLost(site, `${directory} is missing or was never finished`);
  if (note.base !== base.commit) throw workspaceLost(site, `it was made for the base ${note.base}, not ${base.commit}`);
  if (kind === 'overlay' && !(await room.sandbox.offersOverlay())) {
    throw workspaceLost(site, 'it is an overlay, and the sandbox offers none on this machine any more');
  }
  await requireSite(site, note.inode);
  // Runs from before there were homes have none yet.
  await makeHome(site);
  const tracked = trackedFiles(await listTree(room.git, mirror, base.commit));
  return workspaceOf(room, { site, request, inode: note.inode, tracked });
}

/** Of the emptied files this many are named in the record. */
const MAX_EMPTIED_TOLD = 100;

async function guardOf(
  { guard, repository }: WorkspaceRequest,
  entries: readonly TreeEntry[],
  dependencies: readonly string[],
): Promise<GuardedTree> {
  if (guard === undefined) return NOTHING_GUARDED;
  return { ...planGuard(entries, guard), emptied: await findSecrets(repository, dependencies, guard) };
}

/** The agent's own git is told not to look at what is covered, or it would take every secret for changed. */
async function overlookHidden(room: Room, site: Site): Promise<void> {
  const { source } = site;
  const index = path.join(treeOf(site), '.git', 'index');
  if (source.kind === 'overlay')
    await copyFile(path.join(baseTree(room, source.mirror, source.base), '.git', 'index'), index);
  const names = source.guarded.hidden.map((name) => Buffer.from(name));
  await skipInIndex(room, source.mirror, index, names);
}

async function holdBack(room: Room, { directory, source }: Site): Promise<void> {
  const { mirror, base: commit, guarded } = source;
  const gitDirectory = path.join(treeOf({ directory, source }), '.git');
  const lower = source.kind === 'overlay' ? path.join(baseTree(room, mirror, commit), '.git') : gitDirectory;
  const configuration = path.join(lower, 'config');
  await writeHeldObjects(room.git, { mirror, commit, without: guarded.hidden, directory, gitDirectory, configuration });
}

function trackedFiles(entries: readonly TreeEntry[]): readonly string[] {
  return entries.filter(({ mode }) => mode !== '160000').map(({ name }) => name.toString('utf8'));
}

interface Made {
  readonly site: Site;
  readonly request: WorkspaceRequest;
  readonly inode: string;
  readonly tracked: readonly string[];
}

function workspaceOf(room: Room, { site, request, inode, tracked }: Made): Workspace {
  const { source } = site;
  const { base, classify, readRisks, readContent } = request;
  const readers = { classify, readRisks, readContent };
  return {
    kind: source.kind,
    dependencies: source.dependencies,
    guarded: { ...source.guarded, emptied: source.guarded.emptied.slice(0, MAX_EMPTIED_TOLD) },
    tracked,
    checkout: {
      mounts: mountsOf(room, site, 'agent'),
      workspacePath: workspacePath(room, site),
      dispose: () => disposeQuietly(room, { directory: site.directory, below: room.state.runs, runId: source.runId }),
    },
    home: homeOf(room, site),
    collect: async (iteration, signal) => {
      await requireSite(site, inode);
      return collectChange(room, { site, baseTree: base.tree, iteration, ...readers, signal });
    },
    adopt: (branch, iteration, signal) =>
      adoptBranch(room, { source, baseTree: base.tree, ...readers, iteration, branch, signal }),
    fresh: async (commit, restore, signal, sight = 'open') => {
      const wanted = { mirror: source.mirror, base: base.commit, commit, classify };
      const treeish = restore === 'as-committed' ? commit : await restoredTree(room.git, room.state, wanted);
      return freshCheckout(room, site, { commit, treeish, signal, sight });
    },
    blend: async ({ commit, files }, signal, sight = 'open') => {
      const restored = await restoredTree(room.git, room.state, {
        mirror: source.mirror,
        base: base.commit,
        commit,
        classify,
      });
      const treeish = await blendedTree(room.git, room.state, { mirror: source.mirror, treeish: restored, files });
      return freshCheckout(room, site, { commit, treeish, signal, sight });
    },
    rehearse: (plan, signal) => rehearse(room, { source, site, plan, baseTree: base.tree, signal }),
  };
}

interface Fresh {
  readonly commit: string;
  readonly treeish: string;
  readonly signal: AbortSignal;
  readonly sight: CheckSight;
}

async function freshCheckout(room: Room, agent: Site, fresh: Fresh): Promise<Checkout> {
  const checks = path.join(agent.directory, 'checks');
  await mkdir(checks, { recursive: true });
  const directory = path.join(checks, randomBytes(8).toString('hex'));
  const { runId } = agent.source;
  await makeMarkedDirectory(directory, runId);
  const site: Site = { directory, source: agent.source };
  const dispose = (): Promise<void> => disposeQuietly(room, { directory, below: checks, runId });
  try {
    await makeCheckout(room, site, fresh);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { mounts: mountsOf(room, site, fresh.sight), workspacePath: workspacePath(room, site), dispose };
}

/** What cannot be deleted now is found again by `orphans`: a leftover must not fail a run that is otherwise fine. */
async function disposeQuietly(
  room: Room,
  wanted: { readonly directory: string; readonly below: string; readonly runId: string },
): Promise<void> {
  await deleteMarked({ ...wanted, trash: room.state.trash }).catch(() => undefined);
}
