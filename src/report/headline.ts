/** The verdict of a report: how the run stands, set by loopwright alone, before anything the agent wrote. */
import { isParked } from '../core/fold-freeze.ts';
import { waitingQuestions } from '../core/fold-permission.ts';
import { freezeWords } from '../core/freeze.ts';
import type { QuotaWait } from '../core/model-event.ts';
import { useWords } from '../core/permission.ts';
import { outcomeOf, statusOf, waitsForAnswers, waitsForQuota } from '../core/state.ts';
import type { RunState, Stop } from '../core/state.ts';
import { stopReasonEntry } from '../core/stop-reason.ts';
import { undoStanding } from '../core/undo-standing.ts';
import { nextAction, PHASE_WORDS, reportsOnly, UNDO_MODE_WORDS } from './phrases.ts';
import type { Tone } from './phrases.ts';
import { quotaWords } from './spend-words.ts';
import { approvalCommands } from './summary.ts';
import { undoStandingWords } from './undo-words.ts';

export interface Headline {
  readonly title: string;
  readonly tone: Tone;
  /** What that means, in loopwright's own words. */
  readonly meaning: string;
  /** The values that decided; may name tests and files, so it is text from outside. */
  readonly detail: string | null;
  /** What a person can do now. */
  readonly next: string;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function waiting(state: RunState): Headline {
  const [look = '', yes = '', no = ''] = approvalCommands(state.runId);
  return {
    title: 'Waits for a person',
    tone: 'wait',
    meaning: 'The change passed and its undo was rehearsed; a person has to decide whether it is taken.',
    detail: state.approvalRequest?.reasons.join('; ') ?? null,
    next: `Read it with \`${look}\`, then \`${yes}\` or \`${no}\`.`,
  };
}

function frozen({ runId, frozen: freezes }: RunState): Headline {
  return {
    title: 'Frozen',
    tone: 'wait',
    meaning: 'A person froze paths that the run may change; nothing is lost and no process is held.',
    detail: freezes.map(freezeWords).join('; '),
    next: `When it is over, go on with \`loopwright resume ${runId}\`.`,
  };
}

function waitingForQuota({ runId }: RunState, quota: QuotaWait): Headline {
  return {
    title: 'Waits for quota',
    tone: 'wait',
    meaning: 'A vendor takes no more calls for now; nothing is lost and no process is held.',
    detail: quotaWords(quota),
    next: `Go on with \`loopwright resume ${runId}\`, or let it wait by itself with \`loopwright resume ${runId} --wait-for-quota\`.`,
  };
}

function waitingForAnswers({ runId, permissions }: RunState): Headline {
  const questions = waitingQuestions({ permissions });
  return {
    title: 'Waits for a person',
    tone: 'wait',
    meaning: 'The agent asked for what a person has to decide about; nothing is lost and no process is held.',
    detail: questions.map(({ tool, use, reason }) => `${useWords(tool, use)} (${reason})`).join('; '),
    next: `See what it asks with \`loopwright answer ${runId}\`, decide it there, then \`loopwright resume ${runId}\`.`,
  };
}

/** null where nothing was taken back, or all of it came back. */
function takenBack(state: RunState, { reason, detail }: Stop): Headline | null {
  const { undone, landing, runId } = state;
  const between = undoStandingWords(state);
  const also = between === null ? '' : sentence(between.words);
  if (undone !== null) {
    const next = between === null ? '' : `${also} Take it back there too with \`${between.command}\`.`;
    const meaning = sentence(UNDO_MODE_WORDS[undone.mode]);
    return { title: 'Undone', tone: 'quiet', meaning, detail: undone.evidence, next };
  }
  if (between === null) return null;
  if (undoStanding(state) === 'unfinished') {
    const next = `Finish it with \`${between.command}\`.`;
    return { title: 'Undo not finished', tone: between.tone, meaning: also, detail: detailOf(detail), next };
  }
  const title = landing === null ? 'Accepted' : 'Accepted and landed';
  const next = `${also} Publish it with \`${between.command}\`, or take it back with \`loopwright undo ${runId}\`.`;
  return { title, tone: 'good', meaning: stopReasonEntry(reason).meaning, detail: detailOf(detail), next };
}

function detailOf(detail: string): string | null {
  return detail === '' ? null : detail;
}

function ended(state: RunState, { reason, detail: words }: Stop): Headline {
  const { meaning } = stopReasonEntry(reason);
  const detail = detailOf(words);
  if (state.landing !== null) {
    const next = `Take it back with \`loopwright undo ${state.runId}\`.`;
    return { title: 'Accepted and landed', tone: 'good', meaning, detail, next };
  }
  const next = nextAction(reason, state.runId, reportsOnly(state.policy));
  return outcomeOf(state) === 'accepted'
    ? { title: 'Accepted', tone: 'good', meaning, detail, next }
    : { title: `Not accepted: ${reason}`, tone: 'bad', meaning, detail, next };
}

export function headlineOf(state: RunState): Headline {
  const { runId, stop } = state;
  if (state.stop === null && state.quota !== null && waitsForQuota(state)) return waitingForQuota(state, state.quota);
  if (isParked(state)) return frozen(state);
  if (waitsForAnswers(state)) return waitingForAnswers(state);
  if (statusOf(state) === 'waiting') return waiting(state);
  if (stop === null) {
    return {
      title: 'Not finished',
      tone: 'quiet',
      meaning: `The run is under way: ${PHASE_WORDS[state.phase]}.`,
      detail: null,
      next: `Follow it with \`loopwright watch ${runId}\`, or take it up again with \`loopwright resume ${runId}\`.`,
    };
  }
  return takenBack(state, stop) ?? ended(state, stop);
}
