/** What every store refuses, in the same words. */
import { LoopwrightError } from '../core/errors.ts';

export function unknownRun(runId: string): LoopwrightError {
  return new LoopwrightError('LW_RUN_UNKNOWN', {
    message: `the store holds no run ${runId}`,
    next: 'See the runs it holds with `loopwright list`.',
    details: { runId },
  });
}

export function runExists(runId: string): LoopwrightError {
  return new LoopwrightError('LW_STORE_UNAVAILABLE', {
    message: `the store already holds a run ${runId}, so it was not created`,
    next: `Use another id, or continue the run with \`loopwright resume ${runId}\`.`,
    details: { runId },
  });
}

export function eventDamaged(runId: string, seq: number, cause: Error): LoopwrightError {
  return new LoopwrightError('LW_STORE_UNAVAILABLE', {
    message: `event ${seq} of run ${runId} is damaged: ${cause.message}`,
    next: 'Keep the file and restore the store from a backup. The other runs in it can still be used.',
    details: { runId, seq },
    cause,
  });
}

export function blobMissing(hash: string, seen: string, cause?: unknown): LoopwrightError {
  return new LoopwrightError('LW_BLOB_MISSING', {
    message: `the recorded payload ${hash} ${seen}`,
    next: 'The events that name it still hold. If the disk is damaged, restore the store from a backup.',
    details: { hash },
    cause,
  });
}

export function storeClosed(): LoopwrightError {
  return new LoopwrightError('LW_STORE_UNAVAILABLE', {
    message: 'the store was already closed',
    next: 'This is a defect of loopwright: it used a store after closing it. Please report it.',
  });
}

export function callHeldTwice(runId: string, callId: string): LoopwrightError {
  return new LoopwrightError('LW_LEDGER_CALL', {
    message: `call ${callId} of run ${runId} was already held, so it was not held again`,
    next: 'This is a defect of loopwright: every model call needs an id of its own. Please report it.',
    details: { runId, callId },
  });
}

export function callNeverHeld(runId: string, callId: string): LoopwrightError {
  return new LoopwrightError('LW_LEDGER_CALL', {
    message: `run ${runId} never held a call ${callId}, so nothing was charged`,
    next: 'This is a defect of loopwright: a model call went out that no money was held for. Please report it.',
    details: { runId, callId },
  });
}

export function ledgerDamaged(what: string): LoopwrightError {
  return new LoopwrightError('LW_STORE_UNAVAILABLE', {
    message: `the ledger is damaged: ${what}; nothing was held or charged`,
    next: 'Keep the file, restore the store from a backup, or point LOOPWRIGHT_HOME to a new directory.',
    details: { what },
  });
}
