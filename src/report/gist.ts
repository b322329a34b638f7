/** The gist of every event in one line. May hold text from outside: neutralise it before showing it. */
import { programWords } from '../core/agent-event.ts';
import type { Change } from '../core/change.ts';
import type { CheckResult } from '../core/check.ts';
import type { GuardedTree, RecordedEvent } from '../core/event.ts';
import { useWords } from '../core/permission.ts';
import { carriedWords } from './carried-words.ts';
import { attemptWords, egressTotals, totalsWords } from './egress-words.ts';
import { askedWords, endedWords, offeredWords, spendWords } from './cloud-words.ts';
import { expiredWords, frozenWords, remindedWords, signatureWords } from './people-words.ts';
import { perEvent } from './event-table.ts';
import type { EventTable } from './event-table.ts';
import {
  ANSWER_WORDS,
  breachWords,
  conclusionWord,
  countedWords,
  movedWords,
  turnEndWords,
  REDO_MODE_WORDS,
  UNDO_MODE_WORDS,
} from './phrases.ts';
import { EXPERIMENT_WORDS, experimentWords, verdictWord } from './phrases.ts';
import { PUBLISH_GISTS } from './publish-words.ts';
import { callWords, claimedWords, quotaWords, raiseWords, recoveredWords, refusalWords } from './spend-words.ts';
import { bytes, count, duration, lines, short, some } from './words.ts';

const MAX_NAMES = 3;

function checkGist(result: CheckResult): string {
  const moved = movedWords(result);
  const against = moved.length === 0 ? '' : `, against the base ${moved.join(' and ')}`;
  const summary = `${result.checkId} ${conclusionWord(result.conclusion)} (${countedWords(result)}${against})`;
  return `${summary} after ${duration(result.wallTimeMs)}: ${result.summary}`;
}

function changeGist(change: Change): string {
  if (change.fileCount === 0) return `iteration ${change.iteration}: nothing was changed`;
  const size = `${count(change.fileCount, 'file')}, ${lines(change.addedLines, change.removedLines)}`;
  const names = some(
    change.files.map((file) => file.path),
    MAX_NAMES,
  );
  return `iteration ${change.iteration}: ${size}: ${names}`;
}

function stage(iteration: number): string {
  return iteration === 0 ? 'base' : `iteration ${iteration}`;
}

function guardWords({ hidden, emptied, locked, loose }: GuardedTree): readonly string[] {
  const left = `${loose} files may not change and are kept by the detector for scope alone`;
  return [
    ...(hidden.length === 0 ? [] : [`shown to the agent as empty: ${some(hidden, 5)}`]),
    ...(emptied.length === 0 ? [] : [`emptied in dependencies: ${some(emptied, 5)}`]),
    ...(locked.length === 0 ? [] : [`read-only for the agent: ${some(locked, 5)}`]),
    ...(loose === 0 ? [] : [left]),
  ];
}

const GISTS: EventTable<null, string> = {
  'run.started': ({ policy, base, task }) =>
    `${policy.class.name} with ${policy.agent.driver} from ${base.name} ${short(base.commit)}: ${task.goal}`,
  'leg.started': ({ pid, host, epoch }) => `process ${pid} on ${host}, epoch ${epoch}`,
  'leg.ended': ({ why }) => `let go: ${why}`,
  'workspace.requested': () => '',
  'workspace.prepared': ({ kind, dependencies, guarded }) =>
    [
      dependencies.length === 0 ? kind : `${kind}, with ${dependencies.join(', ')}`,
      ...(guarded === undefined ? [] : guardWords(guarded)),
    ].join('; '),
  'check.requested': ({ iteration, checkId, revision }) => `${stage(iteration)}: ${checkId} on ${short(revision)}`,
  'check.finished': ({ iteration, result }) => `${stage(iteration)}: ${checkGist(result)}`,
  'turn.requested': ({ iteration, prompt, carried }) =>
    `iteration ${iteration}, prompt ${short(prompt)}${carried === undefined ? '' : `, ${carriedWords(carried)}`}`,
  'turn.finished': ({ iteration, end, wallTimeMs, outputBytes, output }) =>
    `iteration ${iteration}: ${turnEndWords(end)}, after ${duration(wallTimeMs)}, ${bytes(outputBytes)} of output ${short(output)}`,
  'agent.found': (found) => programWords(found),
  'session.named': ({ iteration, sessionId }) => `iteration ${iteration}: ${sessionId}`,
  'model.called': (call) => callWords(call),
  'model.refused': (event) => refusalWords(event),
  'tool.stripped': ({ model, tools }) => `${tools.join(', ')} taken out of a call of ${model}`,
  'quota.reached': (event) =>
    `${quotaWords(event)} (${event.status === null ? 'no answer' : `status ${event.status}`}, attempt ${event.attempt})`,
  'charge.recovered': (event) => recoveredWords(event),
  'usage.claimed': (event) => claimedWords(event),
  'limit.raised': (event) => raiseWords(event),
  'permission.asked': ({ tool, use, digest }) => `${short(digest)}: ${useWords(tool, use)}`,
  'permission.answered': ({ digest, decision, reason }) => `${short(digest)}: ${ANSWER_WORDS[decision]}: ${reason}`,
  'permission.decided': ({ digest, decision, by, reason }) =>
    `${short(digest)}: ${decision} by ${by}${reason === '' ? '' : `: ${reason}`}`,
  'egress.attempted': (event) => `${stage(event.iteration)}: ${attemptWords(event)}`,
  'egress.counted': ({ iteration, routes, unnamed }) =>
    `${stage(iteration)}: ${totalsWords(egressTotals(routes, unnamed))}`,
  'session.asked': (event) => `iteration ${event.iteration}: ${askedWords(event)}`,
  'session.ended': (event) => endedWords(event),
  'branch.offered': (event) => `iteration ${event.iteration}: ${offeredWords(event)}`,
  'spend.claimed': (event) => spendWords(event),
  'experiment.requested': ({ iteration, kind }) => `iteration ${iteration}: ${EXPERIMENT_WORDS[kind]}`,
  'experiment.finished': ({ result }) => `iteration ${result.iteration}: ${experimentWords(result)}`,
  'change.requested': ({ iteration }) => `iteration ${iteration}`,
  'change.collected': ({ change }) => changeGist(change),
  'checkpoint.created': ({ iteration, commit, ref }) => `iteration ${iteration}: ${short(commit)} as ${ref}`,
  'finding.raised': ({ iteration, finding }) =>
    `iteration ${iteration}: ${finding.detector} (${finding.severity}): ${finding.message}`,
  'verdict.reached': ({ iteration, verdict }) =>
    `${stage(iteration)}: ${verdictWord(verdict)}: ${verdict.reasons.join('; ')}`,
  'limit.reached': ({ breach }) => breachWords(breach),
  'undo.planned': ({ plan }) => `${count(plan.steps.length, 'step')} for ${short(plan.head)}`,
  'rehearsal.requested': ({ head }) => short(head),
  'rehearsal.finished': ({ rehearsal }) =>
    `${rehearsal.worked ? 'it works' : 'it does not work'}: ${rehearsal.evidence}`,
  'approval.requested': ({ request }) =>
    `iteration ${request.iteration}, diff ${short(request.diffHash)}: ${request.reasons.join('; ')}`,
  'approval.decided': ({ approval }) => {
    const reason = approval.reason === '' ? '' : `: ${approval.reason}`;
    return `${approval.decision} by ${approval.by}, diff ${short(approval.diffHash)}${reason} (${signatureWords(approval)})`;
  },
  'approval.expired': (event) => expiredWords(event),
  'approval.reminded': (event) => remindedWords(event),
  'run.frozen': (event) => frozenWords(event),
  'run.thawed': (event) => frozenWords(event),
  'stop.requested': ({ by }) => `by ${by}`,
  'run.stopped': ({ reason, detail }) => `${reason}: ${detail}`,
  'land.requested': ({ branch, commit }) => `${short(commit)} to ${branch}`,
  'land.finished': ({ branch, commit, previous }) =>
    `${short(commit)} on ${branch}, ${previous === null ? 'created' : `was at ${short(previous)}`}`,
  ...PUBLISH_GISTS,
  'undo.requested': ({ mode }) => mode,
  'undo.executed': ({ mode, evidence }) => `${UNDO_MODE_WORDS[mode]}: ${evidence}`,
  'redo.requested': ({ mode }) => mode,
  'redo.executed': ({ mode, evidence }) => `${REDO_MODE_WORDS[mode]}: ${evidence}`,
};

export function gist(event: RecordedEvent): string {
  return perEvent(GISTS, event, null);
}
