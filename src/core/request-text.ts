/** What people read of a change that is published: the message of its commit, and the request. Pure. */
import { ownersOf } from './owner.ts';
import { newestChange } from './state.ts';
import type { RunState } from './state.ts';

/** A title longer than this is cut by most screens. */
const TITLE_CHARACTERS = 72;

/** One line of the goal. */
export function requestTitle({ task }: RunState): string {
  const line = (task.goal.split('\n').find((text) => text.trim() !== '') ?? task.goal).replaceAll(/\s+/g, ' ').trim();
  return line.length <= TITLE_CHARACTERS ? line : `${line.slice(0, TITLE_CHARACTERS - 1)}…`;
}

/** The message of the commit: title, goal, trailers. */
export function commitText(state: RunState): string {
  return `${requestTitle(state)}\n\nLoopwright-Run: ${state.runId}\n`;
}

/** Longer than any fence in the text, so that nothing of it ends it. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(longest + 1);
}

/** The body of the request, without the marks. What the agent says of itself has no place in it. */
export function requestText(state: RunState): { readonly title: string; readonly body: string } {
  const { task, policy } = state;
  const change = newestChange(state);
  const checks = state.iterations.at(-1)?.checks ?? [];
  const mark = fence(task.goal);
  const body = [
    `${mark}\n${task.goal.trim()}\n${mark}`,
    `Made by the agent \`${policy.agent.driver}\` under loopwright, which ran these checks itself on a fresh checkout of the change:`,
    checks.map(({ checkId, summary }) => `- \`${checkId}\`: ${summary}`).join('\n'),
    `${change?.fileCount ?? 0} files, ${change?.addedLines ?? 0} lines added, ${change?.removedLines ?? 0} removed.`,
    `Take it back with \`loopwright undo ${state.runId}\`.`,
  ];
  return { title: requestTitle(state), body: body.join('\n\n') };
}

const OWNER = /^Loopwright-Owner:[ \t]*(\S[^\n]{0,200}?)[ \t]*$/gm;

/** Stand below every body: by them a request is told from others, and counted for its owners. */
export function requestMarks(state: RunState): string {
  const owners = ownersOf(state).map((owner) => `Loopwright-Owner: ${owner}\n`);
  return `\n\nLoopwright-Run: ${state.runId}\n${owners.join('')}`;
}

/** Whose open request it is: as marked, else whoever is asked to look at it. */
export function ownersOfRequest(request: {
  readonly body: string;
  readonly reviewers: readonly string[];
}): readonly string[] {
  const marked = [...request.body.matchAll(OWNER)].map(([, owner = '']) => owner);
  return marked.length > 0 ? marked : request.reviewers;
}
