/** What waits for people, over all runs, the oldest first. A projection of their states and of the time it is. */
import { overdueApprovals } from '../core/approval.ts';
import { canExpire, requestOf } from '../core/fold-approval.ts';
import { isParked, isThawed } from '../core/fold-freeze.ts';
import { waitingQuestions } from '../core/fold-permission.ts';
import { freezeWords } from '../core/freeze.ts';
import { reviewOf } from '../core/landing/review.ts';
import { ownersOf } from '../core/owner.ts';
import { useWords } from '../core/permission.ts';
import { waitedFor } from '../core/reminder.ts';
import { waitsForAnswers } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import { undoStanding } from '../core/undo-standing.ts';
import { answerCommands, approvalCommands } from './summary.ts';
import { undoStandingWords } from './undo-words.ts';

export interface InboxItem {
  readonly run: string;
  /**
   * `expired`: it was approved, has not landed, and the approval is too old by now. `undo`: taking it back was begun and has not come to its
   * end, or it is taken back here and still on a forge.
   */
  readonly kind: 'approval' | 'expired' | 'answer' | 'frozen' | 'undo';
  readonly task: string;
  readonly repository: string;
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  /** Who can end the waiting, as far as anybody is named. */
  readonly waitsFor: readonly string[];
  readonly why: string;
  /** How often somebody was named who has to be told. */
  readonly reminders: number;
  /** By an estimate that was not calibrated; null where no change waits. */
  readonly reviewMinutes: number | null;
  readonly commands: readonly string[];
}

/** What waits for one owner, of changes to review. */
export interface OwnerLoad {
  /** As the runs name it; one run may count for several. */
  readonly owner: string;
  readonly reviews: number;
  readonly minutes: number;
}

function answerable(state: RunState): readonly string[] {
  const owners = ownersOf(state);
  return owners.length > 0 ? owners : [state.operator];
}

type Waiting = Omit<InboxItem, 'run' | 'task' | 'repository' | 'reviewMinutes'>;

/** An approval that counts no more, of a change that could have landed by it. */
function expiredWait(state: RunState, now: number): Waiting | null {
  const iteration = state.iterations.at(-1);
  const request = iteration === undefined || !canExpire(state) ? null : requestOf(iteration);
  if (request === null) return null;
  const [over] = overdueApprovals(state.approvals, request.diffHash, now);
  if (over?.expires === undefined) return null;
  const why = `the approval by ${over.by} is too old; the change waits again: ${request.reasons.join('; ')}`;
  const commands = approvalCommands(state.runId);
  return { kind: 'expired', since: over.expires, waitsFor: answerable(state), why, reminders: 0, commands };
}

/** What was brought back here and is not published again waits for nobody: it may be meant to stay here. */
function undoWait(state: RunState): Waiting | null {
  const standing = undoStandingWords(state);
  if (standing === null || undoStanding(state) === 'withdrawn') return null;
  const { words: why, command } = standing;
  const waitsFor = answerable(state);
  return { kind: 'undo', since: state.lastAt, waitsFor, why, reminders: 0, commands: [command] };
}

function waitOf(state: RunState, now: number, frozen: FrozenNow): Waiting | null {
  const { runId, approvalRequest: request, review } = state;
  if (request !== null && state.phase === 'waiting') {
    const since = review?.since ?? state.lastAt;
    const reminders = review?.reminded.length ?? 0;
    const why = request.reasons.join('; ');
    const commands = approvalCommands(runId);
    return { kind: 'approval', since, waitsFor: waitedFor(state), why, reminders, commands };
  }
  if (isParked(state)) {
    const words = state.frozen.map(freezeWords).join('; ');
    if (isThawed(state, frozen)) {
      const why = `nothing holds it any more, it only has to go on (it was: ${words})`;
      const commands = [`loopwright resume ${runId}`];
      return { kind: 'frozen', since: state.lastAt, waitsFor: [state.operator], why, reminders: 0, commands };
    }
    const waitsFor = [...new Set(state.frozen.map(({ by }) => by))];
    const why = words;
    const commands = ['loopwright freeze list', `loopwright resume ${runId}`];
    return { kind: 'frozen', since: state.lastAt, waitsFor, why, reminders: 0, commands };
  }
  if (!waitsForAnswers(state)) return undoWait(state) ?? expiredWait(state, now);
  const questions = waitingQuestions(state);
  const why = questions.map(({ tool, use }) => `the agent asks: ${useWords(tool, use)}`).join('; ');
  const commands = answerCommands(runId, questions[0]?.digest ?? '');
  return { kind: 'answer', since: state.lastAt, waitsFor: answerable(state), why, reminders: 0, commands };
}

/** Ids of the freezes that hold at this moment. */
export type FrozenNow = ReadonlySet<string>;

/** `now`: milliseconds since 1970 UTC. */
export function inboxOf(states: readonly RunState[], now: number, frozen: FrozenNow): readonly InboxItem[] {
  return states
    .flatMap((state): readonly InboxItem[] => {
      const wait = waitOf(state, now, frozen);
      if (wait === null) return [];
      const reviewed = wait.kind === 'approval' || wait.kind === 'expired';
      const reviewMinutes = reviewed ? (reviewOf(state)?.minutes ?? null) : null;
      return [{ run: state.runId, task: state.task.goal, repository: state.task.repository, ...wait, reviewMinutes }];
    })
    .toSorted((one, other) => one.since - other.since);
}

/** The most loaded first. What waits for nobody by name counts for `anybody`. */
export function ownerLoads(items: readonly InboxItem[]): readonly OwnerLoad[] {
  const reviews = items.filter(({ reviewMinutes }) => reviewMinutes !== null);
  const owned = reviews.flatMap((item) =>
    (item.waitsFor.length === 0 ? ['anybody'] : item.waitsFor).map((owner) => ({ owner, item })),
  );
  return [...Map.groupBy(owned, ({ owner }) => owner)]
    .map(([owner, all]) => ({
      owner,
      reviews: all.length,
      minutes: all.reduce((sum, { item }) => sum + (item.reviewMinutes ?? 0), 0),
    }))
    .toSorted((one, other) => other.minutes - one.minutes || (one.owner < other.owner ? -1 : 1));
}
