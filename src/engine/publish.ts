/**
 * Shows an accepted change to people on a forge: one branch of the run's own, one request. The only part of loopwright that sends anything of
 * a repository anywhere, and only when a person gave the command. Whoever dies in the middle is followed by somebody who looks first.
 */
import type { RunState } from '../core/state.ts';
import { LoopwrightError, isLoopwrightError } from '../core/errors.ts';
import type { PublishHeld, PublishIntent } from '../core/publish-event.ts';
import type { Change } from '../core/change.ts';
import { requestMarks } from '../core/request-marks.ts';
import type { StatedLine } from '../core/stated-policy.ts';
import type { ReviewRequest } from '../ports/forge.ts';
import { requireLandable, wrongState } from './decisions.ts';
import { landedCommit, wantsSignOff } from './landed-commit.ts';
import type { Landable } from './landed-commit.ts';
import { holdRun } from './hold-run.ts';
import type { HoldOptions } from './hold-run.ts';
import { mergeRequest } from './merge-request.ts';
import type { NotMerged } from './merge-request.ts';
import { foreignRequest, openPublishing, proveMerge, requestOnce, requireSameForge, VERDICT } from './publication.ts';
import type { PublishDependencies, Publishing } from './publication.ts';
import {
  checkTarget,
  readStatedPolicy,
  requireJudgedDiff,
  requireOwnBranch,
  requireSharedBase,
  requireWelcome,
  tooManyOpen,
} from './publish-gates.ts';
import { isOnceMore, reapplied, refuseTakenBack, stillMerged, wantedNow } from './republish.ts';
import type { Wanted } from './republish.ts';

export interface PublishOptions extends HoldOptions {
  /** Makes a request again that a person closed. */
  readonly again: boolean;
  /** A person insists, although the repository states that it wants no such contributions. */
  readonly despitePolicy: boolean;
  /** What the repository states, before anything is sent. */
  readonly onStated: (lines: readonly StatedLine[]) => void;
}

export interface Published {
  readonly state: RunState;
  /** Why it was not published; null where it was. */
  readonly held: PublishHeld | null;
  /** Why it was not merged, where the policy lets it land by itself. */
  readonly notMerged: NotMerged;
}

function closedByPerson(request: ReviewRequest): LoopwrightError {
  return new LoopwrightError('LW_FORGE_CLOSED', {
    message: `request ${request.number} was closed without being merged: ${request.url}`,
    next: 'Somebody decided that. To show the change once more: `loopwright land RUN --request --again`.',
    details: { number: request.number },
  });
}

/** What is on the forge already; an open or merged request that this run knows nothing of is not its own. */
async function requestThere(
  publishing: Publishing,
  branch: string,
  options: PublishOptions,
): Promise<ReviewRequest | null> {
  const { intent } = publishing.recorder.state().publication;
  const all = await publishing.forge.find(branch);
  const living = all.find(({ state }) => state === 'open') ?? all.find(({ state }) => state === 'merged') ?? null;
  if (living !== null && intent?.branch !== branch) throw foreignRequest(publishing, living, intent?.commit ?? null);
  const [newest] = all;
  if (living === null && newest !== undefined && !options.again) throw closedByPerson(newest);
  return living;
}

/** Shows our verdict beside the request. A token that may not do that is no reason to fail: it is said. */
async function reportVerdict({ forge, recorder }: Publishing, commit: string): Promise<string | null> {
  const { stop } = recorder.state();
  try {
    await forge.report(commit, { name: VERDICT, state: 'green', words: stop?.detail ?? 'accepted' });
    return null;
  } catch (error) {
    const expected = ['LW_FORGE_LOGIN', 'LW_FORGE_MISSING', 'LW_FORGE_REFUSED'] as const;
    if (!expected.some((code) => isLoopwrightError(error, code))) throw error;
    return isLoopwrightError(error) ? error.message : '';
  }
}

interface RequestWords {
  readonly title: string;
  readonly body: string;
}

async function requestWords({ deps, recorder, forge }: Publishing, title: string): Promise<RequestWords> {
  const state = recorder.state();
  const marks = requestMarks(state);
  const signOff = await wantsSignOff(deps, state);
  const body = await deps.describe(state, { forge: forge.name, marks: marks.length, signOff });
  return { title, body: `${body}${marks}` };
}

/** The request is there: whoever made it may have died before it could say so. */
async function recordRequest(
  publishing: Publishing,
  intent: PublishIntent,
  found: boolean,
  request: ReviewRequest,
): Promise<void> {
  const { forge, recorder } = publishing;
  const { number, url } = request;
  if (!request.body.includes(`Loopwright-Run: ${recorder.state().runId}`)) {
    await forge.describe(number, await requestWords(publishing, intent.title));
  }
  const unreported = await reportVerdict(publishing, intent.commit);
  await recorder.append({ type: 'publish.finished', number, url, found, unreported });
}

/** The branch, then the request. The intent is in the log. */
async function carryOut(publishing: Publishing, intent: PublishIntent): Promise<void> {
  const { deps, place, signal } = publishing;
  const { branch, commit, target } = intent;
  await deps.remotes.push(place, { branch, commit }, signal);
  const wanted = { branch, target, ...(await requestWords(publishing, intent.title)) };
  const { request, found } = await requestOnce(publishing, wanted);
  if (request.head !== commit) throw foreignRequest(publishing, request, commit);
  await recordRequest(publishing, intent, found, request);
}

interface ToPublish {
  readonly branch: string;
  readonly target: string;
  readonly tip: string;
  readonly change: Change;
}

/** What was, or was about to be, on this very branch: it may be there with it. */
async function earlierOn({ deps, place, recorder }: Publishing, branch: string): Promise<Landable | null> {
  const { base, publication } = recorder.state();
  const { intent } = publication;
  if (intent === null || intent.branch !== branch) return null;
  return (await deps.results.builtOn(place.repository, intent.commit, base.commit)) ? intent : null;
}

/** The commit of an earlier try is taken again where it can be. It holds what was judged, to the byte, or does it again on the target. */
async function commitToPublish(publishing: Publishing, to: ToPublish): Promise<Landable> {
  const { deps, place, recorder } = publishing;
  const state = recorder.state();
  const earlier = await earlierOn(publishing, to.branch);
  if (isOnceMore(state.runId, to.branch)) {
    const again = earlier ?? (await reapplied(publishing, to));
    if (again !== null) return again;
    throw wrongState(state, `its change is on ${to.target}`, 'There is nothing to show.');
  }
  const treeOf = (commit: string): Promise<string> => deps.remotes.tree(place.repository, commit);
  const isSame = earlier !== null && (await treeOf(earlier.commit)) === (await treeOf(to.change.checkpoint));
  const taken = isSame ? earlier : await landedCommit(deps, state, to.change);
  await requireJudgedDiff(publishing, to.change, taken.commit);
  return taken;
}

/** Everything that has to hold, then the intent, then the effects. null where it is published. */
async function publishNow(
  publishing: Publishing,
  wanted: Wanted,
  options: PublishOptions,
): Promise<PublishHeld | null> {
  const { deps, place, recorder, forge, signal } = publishing;
  const { policy, base } = recorder.state();
  const change = await requireLandable(deps, recorder);
  const { branch } = wanted;
  const target = wanted.target ?? policy.publish?.target ?? (await forge.defaultBranch());
  await requireOwnBranch(publishing, branch, target);
  const tip = await deps.remotes.bring(place, target, base.commit, signal);
  await requireSharedBase(publishing, target, tip);
  const stated = await readStatedPolicy(publishing, tip);
  options.onStated(stated);
  requireWelcome(publishing, stated, options.despitePolicy);
  const { commit, title } = await commitToPublish(publishing, { branch, target, tip, change });
  const held = (await tooManyOpen(publishing, branch)) ?? (await checkTarget(publishing, { target, tip, commit }));
  if (held !== null) {
    await recorder.append({ type: 'publish.held', ...held });
    return held;
  }
  // Checks take time: somebody may have frozen its paths, or taken a key away, meanwhile.
  await requireLandable(deps, recorder);
  const { name, repository, remote } = forge;
  const intent = { forge: name, repository, remote, branch, target, commit, title };
  await recorder.append({ type: 'publish.requested', ...intent });
  await carryOut(publishing, intent);
  return null;
}

/** A request of this run is on the forge: the log learns what became of it. */
async function followUp(publishing: Publishing, intent: PublishIntent, request: ReviewRequest): Promise<void> {
  const { recorder } = publishing;
  const { base, publication } = recorder.state();
  const { commit } = intent;
  if (request.state !== 'merged' && request.head !== commit) throw foreignRequest(publishing, request, commit);
  const merge =
    request.state === 'merged' ? await proveMerge(publishing, request, { commit, base: base.commit }) : null;
  if (publication.request === null) await recordRequest(publishing, intent, true, request);
  const mergeCommit = merge?.mergeCommit ?? null;
  if (publication.merging && mergeCommit !== null) await recorder.append({ type: 'merge.finished', mergeCommit });
  const seen = recorder.state().publication.request;
  if (seen?.state === request.state && seen.mergeCommit === mergeCommit) return;
  await recorder.append({ type: 'request.seen', state: request.state, mergeCommit });
}

/** A request that a person closed is recorded as that, and left alone. */
async function noticeClosed(publishing: Publishing, error: unknown): Promise<never> {
  const { request } = publishing.recorder.state().publication;
  if (isLoopwrightError(error, 'LW_FORGE_CLOSED') && request?.state === 'open') {
    await publishing.recorder.append({ type: 'request.seen', state: 'closed', mergeCommit: null });
  }
  throw error;
}

/**
 * Publishes the accepted change, or finds that it is published; merges it where the policy lets a change land by itself and everything is green.
 * Rejects as the forge does, as landing does, and with `LW_FORGE_BRANCH`, `LW_FORGE_CLOSED`, `LW_FORGE_FORBIDS`, `LW_FORGE_UNPROVEN`,
 * `LW_BASE_NOT_ON_REMOTE`.
 */
export async function publishRun(
  deps: PublishDependencies,
  runId: string,
  options: PublishOptions,
): Promise<Published> {
  return holdRun(deps, runId, options, async (recorder, signal) => {
    refuseTakenBack(recorder.state(), options.again);
    const { intent: earlier, withdrawn } = recorder.state().publication;
    // Without an accepted change there is nothing to ask a forge about; one that waits again has no place for what became of it.
    const isNew = earlier === null || withdrawn !== null || recorder.state().stop === null;
    const change = isNew ? await requireLandable(deps, recorder) : null;
    const publishing = await openPublishing(deps, recorder, signal);
    if (earlier !== null) requireSameForge(publishing, earlier);
    const wanted = await wantedNow(publishing);
    const there =
      (await stillMerged(publishing, wanted, change)) ??
      (await requestThere(publishing, wanted.branch, options).catch((error: unknown) =>
        noticeClosed(publishing, error),
      ));
    if (there !== null && earlier !== null) {
      // Withdrawn and there all the same: somebody opened it again, or nobody merged what takes it back.
      if (withdrawn !== null) await recorder.append({ type: 'publish.requested', ...earlier });
      await followUp(publishing, earlier, there);
    }
    const held = there === null ? await publishNow(publishing, wanted, options) : null;
    const { intent, request } = recorder.state().publication;
    const lands = recorder.state().policy.class.autonomy === 'land' && !isOnceMore(runId, wanted.branch);
    const mayMerge = held === null && lands && intent !== null && request?.state === 'open';
    const notMerged = mayMerge ? await mergeRequest(publishing, intent, request.number) : null;
    return { state: recorder.state(), held, notMerged };
  });
}
