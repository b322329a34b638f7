/** One line that says what runs now and for how long. The CLI redraws it on a terminal and nowhere else. */
import type { EventType, RecordedEvent } from '../../core/event.ts';
import type { Limits } from '../../core/limit.ts';
import { perEvent } from '../../report/event-table.ts';
import type { EventTable } from '../../report/event-table.ts';
import { visible } from '../../report/escape.ts';
import { bytes, count, duration, money } from '../../report/words.ts';
import { fit, usableColumns } from './columns.ts';
import type { Page } from './facts.ts';

export interface Tick {
  /** Wall clock, milliseconds since 1970 UTC: the clock of `RecordedEvent.at`. */
  readonly now: number;
  /** What the agent wrote in this turn so far. */
  readonly outputBytes?: number;
  /** Of the run so far, as metered. */
  readonly modelCalls?: number;
  readonly costUsd?: number;
}

export interface Ticker {
  onEvent(event: RecordedEvent, limits: Limits | null): void;
  tick(tick: Tick, limits: Limits | null): string | null;
}

interface Doing {
  readonly words: string;
  readonly since: number;
  readonly isTurn: boolean;
}

/** What events begin; the types that are not here begin nothing that takes time. */
const BEGUN: Partial<EventTable<Limits | null, string>> = {
  'workspace.requested': () => 'preparing the workspace',
  'check.requested': ({ checkId, stage, iteration }) =>
    `check ${visible(checkId)} on ${stage === 'baseline' ? 'the base' : `the change of iteration ${iteration}`}`,
  'turn.requested': ({ iteration }, limits) => `iteration ${iterationOf(iteration, limits)}, the agent takes its turn`,
  'change.requested': () => 'collecting the change',
  'rehearsal.requested': () => 'rehearsing the undo',
  'land.requested': () => 'landing',
  'undo.requested': () => 'undoing',
  'redo.requested': () => 'undoing the undo',
};

/** What happens while something else goes on, and ends none of it. */
const BESIDE: ReadonlySet<EventType> = new Set([
  'agent.found',
  'session.named',
  'model.called',
  'model.refused',
  'tool.stripped',
  'quota.reached',
  'charge.recovered',
  'usage.claimed',
  'session.asked',
  'session.ended',
  'branch.offered',
  'spend.claimed',
  'limit.raised',
  'stop.requested',
]);

/** `2 of 4`, or `2` where iterations are unlimited. */
export function iterationOf(iteration: number, limits: Limits | null): string {
  return limits === null || limits.iterations === 'unlimited'
    ? String(iteration)
    : `${iteration} of ${limits.iterations}`;
}

export function createTicker(page: Page): Ticker {
  let doing: Doing | null = null;
  let last: { readonly at: number; readonly activeMs: number } | null = null;

  return {
    onEvent(event, limits) {
      last = { at: event.at, activeMs: event.activeMs };
      if (BESIDE.has(event.type)) return;
      const words = perEvent(BEGUN, event, limits);
      doing = words === undefined ? null : { words, since: event.at, isTurn: event.type === 'turn.requested' };
    },
    tick({ now, outputBytes, modelCalls = 0, costUsd = 0 }, limits) {
      if (doing === null || last === null) return null;
      const run = last.activeMs + Math.max(0, now - last.at);
      const ceiling = limits?.wallTimeMs ?? 'unlimited';
      const of = ceiling === 'unlimited' ? '' : ` of ${duration(ceiling)}`;
      const output = doing.isTurn && outputBytes !== undefined ? `, ${bytes(outputBytes)} of output` : '';
      const spend = modelCalls === 0 ? '' : `, ${money(costUsd)} in ${count(modelCalls, 'model call')}`;
      const words = `${doing.words}: ${duration(Math.max(0, now - doing.since))}${spend}${output} (run ${duration(run)}${of})`;
      // One cell less than the terminal has: a full last column makes some terminals wrap.
      return page.palette.dim(fit(words, usableColumns(page.columns) - 1));
    },
  };
}
