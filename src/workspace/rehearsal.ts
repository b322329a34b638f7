/** Lands and undoes a change in a scratch repository, with the code that will do it for real, and compares trees. */
import { mkdir, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { isLoopwrightError } from '../core/errors.ts';
import type { UndoPlan, UndoRehearsal } from '../core/undo-plan.ts';
import type { CheckoutSource, Site } from './checkouts.ts';
import { writeGitDirectory } from './git-directory.ts';
import { land } from './landing.ts';
import { makeMarkedDirectory } from './marker.ts';
import type { Room } from './room.ts';
import { deleteMarked } from './safe-delete.ts';
import { openStateDirectory } from './state-directory.ts';
import { undo, type UndoContext } from './undo.ts';

export interface Rehearsing {
  readonly source: CheckoutSource;
  readonly site: Site;
  readonly plan: UndoPlan;
  readonly baseTree: string;
  readonly signal: AbortSignal;
}

/** The branch of the scratch repository that stands for one the user has. */
const EXISTING = 'main';

/** A failure of the undo is an answer (`worked: false`); only git and the disk reject. */
export async function rehearse(room: Room, rehearsing: Rehearsing): Promise<UndoRehearsal> {
  const { source, site } = rehearsing;
  const parent = path.join(site.directory, 'rehearsals');
  await mkdir(parent, { recursive: true });
  const directory = path.join(parent, randomBytes(8).toString('hex'));
  await makeMarkedDirectory(directory, source.runId);
  try {
    return await play(room, rehearsing, directory);
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_RUN_STATE') && !isLoopwrightError(error, 'LW_BRANCH_EXISTS')) throw error;
    return { worked: false, tree: '', evidence: error.message };
  } finally {
    await deleteMarked({ directory, below: parent, trash: room.state.trash, runId: source.runId });
  }
}

async function play(room: Room, rehearsing: Rehearsing, directory: string): Promise<UndoRehearsal> {
  const { source, plan, baseTree } = rehearsing;
  const { git } = room;
  const { mirror, runId } = source;
  const repository = path.join(directory, 'repository.git');
  await makeScratch(rehearsing, repository);
  // Bundles of a rehearsal are part of the rehearsal, not of the record.
  const state = await openStateDirectory(path.join(directory, 'state'));
  const context: UndoContext = { git, state, mirror, repository, now: room.now };
  const before = await listRefs(room, repository);
  const reason = 'rehearsal';
  const { branch, head, base } = plan;
  const request = { runId, repository, base, head };

  const { previous } = await land(git, { mirror, repository, commit: head, branch, expected: null, reason });
  const [removed] = await undo(context, [{ ...request, landed: { branch, previous } }]);
  const after = await listRefs(room, repository);
  if (removed?.mode !== 'branch-removed' || after !== before) {
    return { worked: false, tree: '', evidence: `deleting ${branch} left other refs than before: ${after}` };
  }

  const ff = await land(git, { mirror, repository, commit: head, branch: EXISTING, expected: base, reason });
  const [reverted] = await undo(context, [{ ...request, landed: { branch: EXISTING, previous: ff.previous } }]);
  const args = ['rev-parse', '--verify', `refs/heads/${EXISTING}^{tree}`];
  const tree = await git.line({ args, directory: repository });
  const worked = reverted?.mode === 'reverted' && tree === baseTree;
  const evidence = worked
    ? `in a scratch copy: the branch was created and deleted, and all refs were as before; ` +
      `landed on a branch at ${base} and reverted, the tree was ${tree} again, as on the base, so the checks of the base hold for it`
    : `in a scratch copy: after landing and reverting the tree was ${tree}, on the base it is ${baseTree}`;
  const commit = worked ? null : (reverted?.commit ?? null);
  return { worked, tree, evidence, ...(commit === null ? {} : { commit }) };
}

/** A bare repository with one branch at the base. It borrows the objects, so it costs nothing to make. */
async function makeScratch({ source, plan }: Rehearsing, repository: string): Promise<void> {
  await mkdir(repository);
  await writeGitDirectory({
    directory: repository,
    mirror: source.mirror,
    alternates: source.mirror.objects,
    // Not the branch that is landed on: nobody has that one checked out.
    head: 'ref: refs/heads/elsewhere',
    excluded: [],
    bare: true,
  });
  await writeFile(path.join(repository, 'refs', 'heads', EXISTING), `${plan.base}\n`);
}

async function listRefs(room: Room, repository: string): Promise<string> {
  return room.git.line({ args: ['for-each-ref', '--format=%(objectname) %(refname)'], directory: repository });
}
