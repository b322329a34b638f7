/** The runs as a table, newest first as they come. */
import { isParked } from '../../core/fold-freeze.ts';
import { outcomeOf, statusOf, waitsForQuota } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import { clip, prose, visible } from '../../report/escape.ts';
import { OUTCOME_WORDS } from '../../report/phrases.ts';
import type { Tone } from '../../report/phrases.ts';
import { undoStandingWords } from '../../report/undo-words.ts';
import { age } from '../../report/words.ts';
import { table, usableColumns } from './columns.ts';
import type { Cell } from './columns.ts';
import type { Page } from './facts.ts';
import { tonePaint } from './palette.ts';

export interface ListedRun {
  readonly state: RunState;
  /** A process holds the run. */
  readonly live: boolean;
  /** What froze it is over. Left out where nobody looked. */
  readonly thawed?: boolean;
}

/** Goals are shortened to this before the table is laid out. */
const MAX_GOAL = 80;

/** How the run stands, in the fewest words that do not hide anything. */
export function standing({ state, live, thawed }: ListedRun): { readonly words: string; readonly tone: Tone } {
  const status = statusOf(state);
  const outcome = outcomeOf(state);
  const between = undoStandingWords(state);
  if (waitsForQuota(state)) return { words: 'waits for quota', tone: 'wait' };
  if (isParked(state)) return { words: thawed === true ? 'to be resumed' : 'frozen', tone: 'wait' };
  if (status === 'waiting') return { words: 'waits for a person', tone: 'wait' };
  if (status === 'running') {
    // A run that nobody drives did not stop: its process died, and `resume` takes it up again.
    return live ? { words: 'running', tone: 'quiet' } : { words: 'to be resumed', tone: 'wait' };
  }
  // What a process is at now, it has not left unfinished.
  if (between !== null && !live) return { words: between.brief, tone: between.tone };
  if (outcome === 'not-accepted') return { words: state.stop?.reason ?? OUTCOME_WORDS[outcome], tone: 'bad' };
  return { words: OUTCOME_WORDS[outcome], tone: outcome === 'undone' ? 'quiet' : 'good' };
}

function row(page: Page, run: ListedRun, now: number): readonly Cell[] {
  const { state } = run;
  const { words, tone } = standing(run);
  const { dim } = page.palette;
  return [
    { text: visible(state.runId) },
    { text: age(now - state.startedAt), paint: dim },
    { text: words, paint: tonePaint(page.palette, tone) },
    { text: clip(visible(state.policy.class.name), 20) },
    { text: clip(visible(state.policy.agent.driver), 20) },
    { text: clip(prose(state.task.goal), MAX_GOAL), paint: dim },
  ];
}

/** `now`: milliseconds since 1970 UTC. */
export function renderList(page: Page, runs: readonly ListedRun[], now: number): readonly string[] {
  if (runs.length === 0) return ['No runs yet. Start one: `loopwright run "what should be true afterwards"`.'];
  const columns = [
    { title: 'run' },
    { title: 'age', align: 'right' },
    { title: 'how it stands' },
    { title: 'class', optional: true },
    { title: 'agent', optional: true },
    { title: 'task', flexible: true },
  ] as const;
  const rows = runs.map((run) => row(page, run, now));
  return table(columns, rows, { columns: usableColumns(page.columns), heading: page.palette.bold });
}
