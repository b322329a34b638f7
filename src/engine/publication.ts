/** What publishing and taking back share: where it goes, one request however often it is asked for, and what git shows of a merge. */
import { LoopwrightError, isLoopwrightError } from '../core/errors.ts';
import type { ForgeName, PublishIntent } from '../core/publish-event.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { RunState } from '../core/state.ts';
import type { Forge, NewRequest, ReviewRequest } from '../ports/forge.ts';
import type { RemotePlace, Remotes } from '../ports/remotes.ts';
import type { EngineDependencies } from './dependencies.ts';
import type { Recorder } from './recorder.ts';

export interface PublishDependencies extends EngineDependencies {
  /** Rejects with `LW_FORGE_UNCONFIGURED` and `LW_KEY_UNAVAILABLE`. */
  forge(wanted: { readonly policy: ResolvedPolicy; readonly repository: string }, signal: AbortSignal): Promise<Forge>;
  readonly remotes: Remotes;
  /** What people read of a request, from evidence alone; fits the forge together with marks of that many characters. */
  describe(state: RunState, wanted: Description): Promise<string>;
}

export interface Description {
  readonly forge: ForgeName;
  readonly marks: number;
  /** Commits of this repository are signed off, and only a person can do that. */
  readonly signOff: boolean;
}

/** The name our verdict has on the forge. */
export const VERDICT = 'loopwright';

/** What one command holds while it speaks to a forge. */
export interface Publishing {
  readonly deps: PublishDependencies;
  readonly recorder: Recorder;
  readonly forge: Forge;
  readonly place: RemotePlace;
  readonly signal: AbortSignal;
}

export async function openPublishing(
  deps: PublishDependencies,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<Publishing> {
  const { policy, task, runId } = recorder.state();
  const forge = await deps.forge({ policy, repository: task.repository }, signal);
  return { deps, recorder, forge, signal, place: { runId, repository: task.repository, remote: forge.remote } };
}

/** A policy that changed its forge, or a host that did, is not where the request is. Throws `LW_FORGE_UNCONFIGURED`. */
export function requireSameForge({ forge }: Publishing, intent: PublishIntent): void {
  if (forge.name === intent.forge && forge.repository === intent.repository && forge.remote === intent.remote) return;
  throw new LoopwrightError('LW_FORGE_UNCONFIGURED', {
    message: `the run was published on ${intent.repository} at ${intent.remote} (${intent.forge}), and this host leads to ${forge.repository} at ${forge.remote}`,
    next: 'Set the addresses of the forge as they were when it was published; see docs/landing.md.',
  });
}

/** A forge lists what was just made a moment later. */
const ATTEMPTS = 4;
const WAIT_MS = 1_000;

/** What leaves open whether a request was made. */
function isUnclear(error: unknown): boolean {
  return isLoopwrightError(error, 'LW_FORGE_UNREACHABLE') || isLoopwrightError(error, 'LW_FORGE_ANSWER');
}

export interface Requested {
  readonly request: ReviewRequest;
  /** It was there before this command asked for it. */
  readonly found: boolean;
}

/**
 * Looks before it makes, also after an answer that was lost: one open request, whoever died in the middle. Rejects with what the forge
 * said last.
 */
export async function requestOnce({ deps, forge, signal }: Publishing, wanted: NewRequest): Promise<Requested> {
  let last: unknown = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const open = (await forge.find(wanted.branch)).find(({ state }) => state === 'open');
    if (open !== undefined) return { request: open, found: attempt === 1 };
    try {
      const made = await forge.create(wanted);
      if (made !== null) return { request: made, found: false };
      last = new LoopwrightError('LW_FORGE_UNPROVEN', {
        message: `the forge says that ${wanted.branch} has a request already, and lists none`,
        next: 'Look at the requests of that branch on the forge, then give the same command again.',
      });
    } catch (error) {
      if (!isUnclear(error)) throw error;
      last = error;
    }
    await deps.clock.sleep(WAIT_MS * attempt, signal);
    signal.throwIfAborted();
  }
  throw last;
}

/** What a merge is worth: a commit on the target that holds the change, as git shows. */
export interface ProvenMerge {
  readonly mergeCommit: string;
  readonly tip: string;
}

/** Words on what is missing; null where nothing is. */
async function lacks(
  { deps, place }: Publishing,
  { mergeCommit, tip }: ProvenMerge,
  commit: string,
): Promise<string | null> {
  const { remotes, results } = deps;
  const { repository } = place;
  if (!(await results.builtOn(repository, tip, mergeCommit))) return `its history does not have ${mergeCommit}`;
  if (await results.builtOn(repository, mergeCommit, commit)) return null;
  // Squashed or rebased: merging the change into it changes nothing.
  const again = await remotes.merge(place, mergeCommit, commit);
  const isThere = again.kind === 'merged' && again.tree === (await remotes.tree(repository, mergeCommit));
  return isThere ? null : `${mergeCommit} does not hold the change ${commit}`;
}

/** A forge may say that it merged. Rejects with `LW_FORGE_UNPROVEN` where the target does not show it. */
export async function proveMerge(
  publishing: Publishing,
  request: ReviewRequest,
  { commit, base }: { readonly commit: string; readonly base: string },
): Promise<ProvenMerge> {
  const { deps, place, signal, forge } = publishing;
  let why = 'it names no commit';
  for (let attempt = 1; request.mergeCommit !== null && attempt <= ATTEMPTS; attempt += 1) {
    const tip = await deps.remotes.bring(place, request.target, base, signal);
    const merge = { mergeCommit: request.mergeCommit, tip };
    const missing = await lacks(publishing, merge, commit);
    if (missing === null) return merge;
    why = `${request.target} is at ${tip}, and ${missing}`;
    await deps.clock.sleep(WAIT_MS * attempt, signal);
    signal.throwIfAborted();
  }
  throw new LoopwrightError('LW_FORGE_UNPROVEN', {
    message: `${forge.name} says that request ${request.number} is merged, but git does not show it: ${why}`,
    next: `Look at ${request.url} and at the branch ${request.target}. Nothing was recorded as merged.`,
    details: { number: request.number, mergeCommit: request.mergeCommit },
  });
}

export function foreignRequest({ forge }: Publishing, request: ReviewRequest, commit: string | null): LoopwrightError {
  const ours = commit === null ? 'this run never published anything' : `what the run published is ${commit}`;
  return new LoopwrightError('LW_FORGE_BRANCH', {
    message: `request ${request.number} on ${forge.repository} has ${request.head} on ${request.branch}, and ${ours}`,
    next: 'Somebody worked on that branch. Go on with it on the forge by hand, or close the request and delete the branch there.',
    details: { number: request.number, head: request.head, commit },
  });
}
