/** Merging a request: only where the policy lets a change land by itself, everything is green, and git shows it afterwards. */
import { isLoopwrightError } from '../core/errors.ts';
import type { PublishIntent } from '../core/publish-event.ts';
import { requireLandable } from './decisions.ts';
import { checkTarget } from './publish-gates.ts';
import { foreignRequest, proveMerge, VERDICT } from './publication.ts';
import type { Publishing } from './publication.ts';

/** Why it is not merged, in words; null where it is. */
export type NotMerged = string | null;

/** Resolves when the forge says that it is merged, whatever became of the answer. */
async function merge({ forge }: Publishing, number: number, commit: string): Promise<void> {
  try {
    await forge.merge(number, commit);
  } catch (error) {
    const open = isLoopwrightError(error, 'LW_FORGE_REFUSED') || isLoopwrightError(error, 'LW_FORGE_UNREACHABLE');
    // Refused may be the second try of what happened at the first.
    if (!open || (await forge.look(number)).state !== 'merged') throw error;
  }
}

/** Merges at the very commit that was checked, on the very target it was checked on. */
export async function mergeRequest(publishing: Publishing, intent: PublishIntent, number: number): Promise<NotMerged> {
  const { deps, place, recorder, forge, signal } = publishing;
  const { base } = recorder.state();
  const { commit, target } = intent;
  await requireLandable(deps, recorder);
  const request = await forge.look(number);
  if (request.head !== commit) throw foreignRequest(publishing, request, commit);
  if (request.target !== target) return `it leads to ${request.target} by now, and was checked on ${target}`;
  const { state, items } = await forge.checks(commit);
  // Ours is there before others have begun: alone it would merge what nobody else has looked at.
  if (items.every(({ name }) => name === VERDICT)) return 'no check of the forge has said anything about it';
  if (state !== 'green') {
    const which = items.filter((one) => one.state === state).map(({ name }) => name);
    return `its checks on the forge are ${state}${which.length === 0 ? '' : ` (${which.join(', ')})`}`;
  }
  const tip = await deps.remotes.bring(place, target, base.commit, signal);
  const held = await checkTarget(publishing, { target, tip, commit });
  if (held !== null) {
    await recorder.append({ type: 'publish.held', ...held });
    return held.detail;
  }
  await requireLandable(deps, recorder);
  await recorder.append({ type: 'merge.requested', number, commit });
  await merge(publishing, number, commit);
  const { mergeCommit } = await proveMerge(publishing, await forge.look(number), { commit, base: base.commit });
  await recorder.append({ type: 'merge.finished', mergeCommit });
  return null;
}
