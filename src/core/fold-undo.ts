/** What undo and redo do to the state. Part of `evolve`; pure. */
import { refuseUnless } from './contradiction.ts';
import type { RunState } from './state.ts';
import type { UndoEvent } from './undo-event.ts';

type Of<T extends UndoEvent['type']> = Extract<UndoEvent, { type: T }> & { readonly seq: number; readonly at: number };

function undoRequested(state: RunState, event: Of<'undo.requested'>): RunState {
  refuseUnless(state.iterations.length > 0, 'nothing-to-land', event, `${event.type}, no iteration`);
  return { ...state, undoRequested: event.mode };
}

function undoExecuted(state: RunState, event: Of<'undo.executed'>): RunState {
  const { mode, evidence, commit } = event;
  refuseUnless(state.undoRequested !== null, 'finish-without-request', event, `${event.type}, ${mode}`);
  return {
    ...state,
    undoRequested: null,
    // A redo that was begun and never finished is over with it.
    redoRequested: null,
    landing: null,
    landedAt: null,
    landRequested: null,
    landedBefore: state.landing ?? state.landedBefore,
    undone: { mode, evidence, ...(commit === undefined ? {} : { commit }) },
    publication: { ...state.publication, held: null },
  };
}

function redoRequested(state: RunState, event: Of<'redo.requested'>): RunState {
  refuseUnless(state.undone !== null, 'nothing-to-redo', event, `${event.type}, ${event.mode}`);
  return { ...state, redoRequested: event.mode };
}

function redoExecuted(state: RunState, event: Of<'redo.executed'>): RunState {
  refuseUnless(state.redoRequested !== null, 'finish-without-request', event, `${event.type}, ${event.mode}`);
  const landing = state.landedBefore;
  const landedAt = landing === null ? null : event.at;
  const { withdrawn } = state.publication;
  const publication = { ...state.publication, withdrawn: withdrawn && { ...withdrawn, broughtBack: true } };
  return { ...state, redoRequested: null, undone: null, landing, landedBefore: null, landedAt, publication };
}

/** One entry per event, so that the compiler refuses a forgotten one. All of them happen to runs that have stopped. */
export const UNDO_FOLDS_AFTER_STOP: {
  readonly [T in UndoEvent['type']]: (state: RunState, event: Of<T>) => RunState;
} = {
  'undo.requested': undoRequested,
  'undo.executed': undoExecuted,
  'redo.requested': redoRequested,
  'redo.executed': redoExecuted,
};
