/** What stands below the description of every request: by it one is told from others, and counted for its owners. Pure. */
import { ownersOf } from './owner.ts';
import type { RunState } from './state.ts';

const OWNER = /^Loopwright-Owner:[ \t]*(\S[^\n]{0,200}?)[ \t]*$/gm;

const RUN = '\nLoopwright-Run: ';

export function requestMarks(state: RunState): string {
  const owners = ownersOf(state).map((owner) => `Loopwright-Owner: ${owner}\n`);
  return `\n${RUN}${state.runId}\n${owners.join('')}`;
}

/** Whose open request it is: as the marks say, which are the last thing in it; else whoever is asked to look at it. */
export function ownersOfRequest(request: {
  readonly body: string;
  readonly reviewers: readonly string[];
}): readonly string[] {
  const marked = [...request.body.slice(Math.max(0, request.body.lastIndexOf(RUN))).matchAll(OWNER)].map(
    ([, owner = '']) => owner,
  );
  return marked.length > 0 ? marked : request.reviewers;
}
