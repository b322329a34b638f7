/**
 * Event -> state. A pure fold: the same events give the same state, on any machine, in any version that knows them.
 * It refuses a contradiction with a named reason (contradiction.ts); it never repairs one.
 */
import { AGENT_FOLDS } from './fold-agent.ts';
import { contradiction } from './contradiction.ts';
import type { ContradictionReason } from './contradiction.ts';
import { EGRESS_FOLDS } from './egress-event.ts';
import { EVENT_VERSION } from './event.ts';
import type { EventType, RecordedEvent } from './event.ts';
import { EXPERIMENT_FOLDS } from './fold-experiment.ts';
import { APPROVAL_FOLDS, APPROVAL_FOLDS_AFTER_STOP } from './fold-approval.ts';
import { FREEZE_FOLDS, FREEZE_FOLDS_AFTER_STOP } from './fold-freeze.ts';
import { UNDO_FOLDS_AFTER_STOP } from './fold-undo.ts';
import { PERMISSION_FOLDS } from './fold-permission.ts';
import { CLOUD_FOLDS } from './fold-cloud.ts';
import { PUBLISH_FOLDS } from './fold-publish.ts';
import { canReopen, quotaAfter, raiseLimit, SPEND_FOLDS } from './fold-spend.ts';
import { initialState } from './state.ts';
import type { Iteration, Phase, RequestEvent, RunState } from './state.ts';

type Recorded<T extends EventType> = Extract<RecordedEvent, { type: T }>;
type Handler<T extends EventType> = (state: RunState, event: Recorded<T>) => RunState;

function refuseUnless(condition: boolean, reason: ContradictionReason, event: RecordedEvent, seen: string): void {
  if (!condition) throw contradiction(reason, event.seq, `${event.type}, ${seen}`);
}

function inPhase(state: RunState, event: RecordedEvent, phase: Phase): void {
  refuseUnless(state.phase === phase, 'wrong-phase', event, `phase is ${state.phase}, not ${phase}`);
}

/** A repeated request is how recovery tries an effect again; any other open request is a contradiction. */
function request(state: RunState, event: RecordedEvent & RequestEvent): RunState {
  const open = state.pending?.type ?? event.type;
  refuseUnless(open === event.type, 'request-open', event, `${open} is open`);
  return { ...state, pending: event };
}

function finish(state: RunState, event: RecordedEvent, requested: RequestEvent['type']): RunState {
  const open = state.pending?.type ?? 'nothing';
  refuseUnless(open === requested, 'finish-without-request', event, `${open} is open`);
  return { ...state, pending: null };
}

function updateIteration(state: RunState, event: RecordedEvent, number: number, patch: Partial<Iteration>): RunState {
  const current = state.iterations.at(-1);
  if (current?.number !== number) {
    throw contradiction('iteration-out-of-order', event.seq, `${number}, under way is ${current?.number ?? 'none'}`);
  }
  return { ...state, iterations: [...state.iterations.slice(0, -1), { ...current, ...patch }] };
}

const turnRequested: Handler<'turn.requested'> = (state, event) => {
  inPhase(state, event, 'ready');
  const expected = state.iterations.length + 1;
  refuseUnless(event.iteration === expected, 'iteration-out-of-order', event, `${event.iteration}, not ${expected}`);
  refuseUnless(state.pending === null, 'request-open', event, 'a turn is never taken twice');
  const opened: Iteration = {
    number: event.iteration,
    prompt: event.prompt,
    ...(event.carried === undefined ? {} : { carried: event.carried }),
    turn: null,
    change: null,
    checkpointRef: null,
    checks: [],
    findings: [],
    verdict: null,
  };
  return { ...request(state, event), iterations: [...state.iterations, opened] };
};

const turnFinished: Handler<'turn.finished'> = (state, event) => {
  const { iteration, end, claims, wallTimeMs, outputBytes, output, sightings = [] } = event;
  const turn = { end, claims, wallTimeMs, outputBytes, output, ...(sightings.length > 0 ? { sightings } : {}) };
  const next = updateIteration(finish(state, event, 'turn.requested'), event, iteration, { turn });
  const usage = { ...next.usage, outputBytes: next.usage.outputBytes + outputBytes };
  return { ...next, phase: 'turned', usage, quota: end.kind === 'quota' ? end.quota : next.quota };
};

const changeCollected: Handler<'change.collected'> = (state, event) => {
  const { change } = event;
  const next = updateIteration(finish(state, event, 'change.requested'), event, change.iteration, { change });
  const { fileCount: changedFiles, addedLines, removedLines } = change;
  return { ...next, phase: 'collected', usage: { ...next.usage, changedFiles, addedLines, removedLines } };
};

const checkFinished: Handler<'check.finished'> = (state, event) => {
  const open = state.pending;
  const same = open?.type === 'check.requested' && open.checkId === event.result.checkId && open.stage === event.stage;
  refuseUnless(same, 'finish-without-request', event, `${event.result.checkId} was not the one under way`);
  const closed = finish(state, event, 'check.requested');
  if (event.stage === 'baseline') return { ...closed, baseline: [...closed.baseline, event.result] };
  const checks = [...(state.iterations.at(-1)?.checks ?? []), event.result];
  return updateIteration(closed, event, event.iteration, { checks });
};

const verdictReached: Handler<'verdict.reached'> = (state, event) => {
  const goesOn = event.verdict.kind === 'continue';
  if (event.iteration === 0) {
    inPhase(state, event, 'baseline');
    return { ...state, baselineVerdict: event.verdict, phase: goesOn ? 'ready' : 'judged' };
  }
  inPhase(state, event, 'collected');
  const next = updateIteration(state, event, event.iteration, { verdict: event.verdict });
  return { ...next, phase: goesOn ? 'ready' : 'judged' };
};

const whileRunning: { readonly [T in EventType]?: Handler<T> } = {
  'leg.started': (state, { by, at }) => ({
    ...state,
    legOpen: true,
    stopRequested: by ? null : state.stopRequested,
    quota: quotaAfter(state, at, by),
  }),
  'leg.ended': (state) => ({ ...state, legOpen: false }),
  'workspace.requested': (state, event) => {
    inPhase(state, event, 'preparing');
    return request(state, event);
  },
  'workspace.prepared': (state, event) => {
    const { kind, dependencies } = event;
    return { ...finish(state, event, 'workspace.requested'), phase: 'baseline', workspace: { kind, dependencies } };
  },
  'check.requested': (state, event) => {
    inPhase(state, event, event.stage === 'baseline' ? 'baseline' : 'collected');
    return request(state, event);
  },
  'check.finished': checkFinished,
  'turn.requested': turnRequested,
  'turn.finished': turnFinished,
  'change.requested': (state, event) => {
    inPhase(state, event, 'turned');
    return request(state, event);
  },
  'change.collected': changeCollected,
  'checkpoint.created': (state, event) => updateIteration(state, event, event.iteration, { checkpointRef: event.ref }),
  'finding.raised': (state, event) => {
    inPhase(state, event, 'collected');
    const findings = [...(state.iterations.at(-1)?.findings ?? []), event.finding];
    return updateIteration(state, event, event.iteration, { findings });
  },
  'verdict.reached': verdictReached,
  ...AGENT_FOLDS,
  ...SPEND_FOLDS,
  ...PERMISSION_FOLDS,
  ...EGRESS_FOLDS,
  ...CLOUD_FOLDS,
  ...EXPERIMENT_FOLDS,
  ...APPROVAL_FOLDS,
  ...FREEZE_FOLDS,
  'limit.reached': (state, event) => ({ ...state, limitsReached: [...state.limitsReached, event.breach] }),
  'undo.planned': (state, event) => {
    inPhase(state, event, 'judged');
    return { ...state, undo: { plan: event.plan, rehearsal: null } };
  },
  'rehearsal.requested': (state, event) => {
    inPhase(state, event, 'judged');
    return request(state, event);
  },
  'rehearsal.finished': (state, event) => {
    const closed = finish(state, event, 'rehearsal.requested');
    refuseUnless(closed.undo?.plan.head === event.head, 'finish-without-request', event, event.head);
    const undo = closed.undo === null ? null : { plan: closed.undo.plan, rehearsal: event.rehearsal };
    return { ...closed, phase: 'rehearsed', undo };
  },
  'stop.requested': (state, event) => ({ ...state, stopRequested: { by: event.by } }),
  'run.stopped': (state, event) => ({
    ...state,
    phase: 'stopped',
    legOpen: false,
    pending: null,
    approvalRequest: null,
    stop: { reason: event.reason, detail: event.detail, at: event.at },
  }),
};

const afterStop: { readonly [T in EventType]?: Handler<T> } = {
  ...APPROVAL_FOLDS_AFTER_STOP,
  ...FREEZE_FOLDS_AFTER_STOP,
  ...PUBLISH_FOLDS,
  // A check on the merge result may have a way to hosts.
  ...EGRESS_FOLDS,
  ...UNDO_FOLDS_AFTER_STOP,
  'limit.raised': (state, event) => {
    refuseUnless(canReopen(state), 'after-stop', event, `stopped: ${state.stop?.reason ?? 'no'}`);
    return raiseLimit(state, event);
  },
  'land.requested': (state, event) => {
    const { branch, commit } = event;
    const offered = state.stop?.reason === 'accepted' && state.undone === null && state.landing === null;
    refuseUnless(offered, 'nothing-to-land', event, `stopped: ${state.stop?.reason ?? 'no'}`);
    return { ...state, landRequested: { branch, commit } };
  },
  'land.finished': (state, event) => {
    const { branch, commit, previous } = event;
    refuseUnless(state.landRequested?.branch === branch, 'finish-without-request', event, branch);
    return { ...state, landRequested: null, landing: { branch, commit, previous }, landedAt: event.at };
  },
};

function handle(state: RunState, event: RecordedEvent): RunState {
  const table = state.stop === null ? whileRunning : afterStop;
  // The table maps each type to a handler of exactly that type; the compiler cannot follow the lookup.
  const handler = table[event.type] as Handler<EventType> | undefined;
  if (handler !== undefined) return handler(state, event);
  if (event.type === 'run.started') throw contradiction('started-twice', event.seq, event.type);
  throw contradiction(state.stop === null ? 'nothing-to-land' : 'after-stop', event.seq, event.type);
}

/** Folds one event. `null` is the state before the first event. Throws `LW_LOG_CONTRADICTION`. */
export function evolve(state: RunState | null, event: RecordedEvent): RunState {
  refuseUnless(event.v === EVENT_VERSION, 'unknown-version', event, `version ${String(event.v)}`);
  if (state === null) {
    if (event.type !== 'run.started' || event.seq !== 1) throw contradiction('not-started', event.seq, event.type);
    return initialState(event);
  }
  refuseUnless(event.runId === state.runId, 'foreign-run', event, event.runId);
  refuseUnless(event.seq === state.lastSeq + 1, 'sequence-gap', event, `${event.seq} after ${state.lastSeq}`);
  refuseUnless(event.epoch >= state.epoch, 'epoch-went-back', event, `${event.epoch} after ${state.epoch}`);
  refuseUnless(event.activeMs >= state.activeMs, 'time-went-back', event, `${event.activeMs} after ${state.activeMs}`);
  const { seq: lastSeq, at: lastAt, activeMs, epoch } = event;
  const next = handle(state, event);
  return { ...next, lastSeq, lastAt, activeMs, epoch, usage: { ...next.usage, wallTimeMs: activeMs } };
}

/** Folds a whole log. Throws `LW_LOG_CONTRADICTION`, also for an empty one. */
export function foldRun(events: readonly RecordedEvent[]): RunState {
  let state: RunState | null = null;
  for (const event of events) state = evolve(state, event);
  if (state === null) throw contradiction('not-started', 0, 'an empty log');
  return state;
}
