/** Drives real runs of the scripted agent through turns, and says how each turn was judged. */
import { writeFileSync } from 'node:fs';
import type { CheckResult } from '../src/core/check.ts';
import type { RecordedEvent } from '../src/core/event.ts';
import type { Place } from '../test/scenario/harness.ts';

export interface ScriptedTurn {
  readonly id: string;
  /** Steps of the scripted agent's language. */
  readonly steps: readonly unknown[];
  /** Leaves traces no later turn can take back, so it has a run to itself. */
  readonly alone?: boolean;
}

export interface JudgedTurn {
  readonly id: string;
  /** `held` waits for a person; `refused` is everything that is neither. */
  readonly verdict: 'accepted' | 'held' | 'refused';
  /** Detectors and zones that hold, the reason of a stop, or what stands in the way of acceptance. */
  readonly by: readonly string[];
  readonly checks: readonly CheckResult[];
  /** What the agent printed. */
  readonly output: string;
}

/** Path -> text; null where there is to be no such file. */
export type Tree = ReadonlyMap<string, string | null>;

/** Steps that make these files what they are to be. */
export function stepsTo(tree: Tree): readonly unknown[] {
  return [...tree].map(([path, text]) => (text === null ? { run: `rm -rf -- '${path}'` } : { write: { path, text } }));
}

export interface Driven {
  /** Why the base was refused before any turn; null when it was not. */
  readonly baseRefused: string | null;
  readonly judged: readonly JudgedTurn[];
}

type Of<T extends RecordedEvent['type']> = Extract<RecordedEvent, { type: T }>;

function all<T extends RecordedEvent['type']>(events: readonly RecordedEvent[], type: T): readonly Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type);
}

function stopOf(events: readonly RecordedEvent[]): string {
  const stop = all(events, 'run.stopped').at(-1);
  return stop === undefined ? 'the run did not stop' : `${stop.reason}: ${stop.detail}`;
}

async function judgedTurn(place: Place, events: readonly RecordedEvent[], id: string, at: number): Promise<JudgedTurn> {
  const verdict = all(events, 'verdict.reached').find(({ iteration }) => iteration === at)?.verdict;
  const checks = all(events, 'check.finished').flatMap((event) =>
    event.stage === 'acceptance' && event.iteration === at ? [event.result] : [],
  );
  const turn = all(events, 'turn.finished').find(({ iteration }) => iteration === at);
  const output = turn === undefined ? '' : (await place.cli('log', 'last', '--blob', turn.output)).out;
  const common = { id, checks, output };
  if (verdict === undefined) return { ...common, verdict: 'refused', by: [stopOf(events)] };
  if (verdict.kind === 'accept') return { ...common, verdict: 'accepted', by: [] };
  if (verdict.kind === 'hold') return { ...common, verdict: 'held', by: verdict.zones };
  // The number of turns is ours; what matters is what else stands against the change.
  const ours = verdict.kind === 'stop' && verdict.stopReason === 'limit-iterations';
  const why = verdict.kind === 'stop' && !ours ? [verdict.stopReason, ...verdict.reasons] : verdict.reasons;
  return { ...common, verdict: 'refused', by: ours ? why.slice(1) : why };
}

/** Of one run, so that it is heard of in time how a long list goes. */
const MAX_TURNS = 10;

/** Makes the tree of the agent what it was on the base. Files that the policy keeps from the agent stay hidden. */
export const RESET = { run: 'git reset -q --hard; git clean -fdxq -e node_modules' };

/** The turns the next run takes: up to and without the next one that wants a run to itself. */
function together(turns: readonly ScriptedTurn[]): readonly ScriptedTurn[] {
  if (turns[0]?.alone === true) return turns.slice(0, 1);
  const next = turns.findIndex((turn) => turn.alone === true);
  return turns.slice(0, next < 0 ? MAX_TURNS : Math.min(next, MAX_TURNS));
}

/**
 * One run takes as many turns as it can; where it ends before the last (a turn was accepted, held or stopped), another
 * goes on with the rest. Every turn therefore begins on the tree of the base.
 */
export async function driveTurns(
  place: Place,
  turns: readonly ScriptedTurn[],
  seen: (judged: JudgedTurn) => void = () => undefined,
): Promise<Driven> {
  const judged: JudgedTurn[] = [];
  const script = place.beside('script.yaml');
  while (judged.length < turns.length) {
    const batch = together(turns.slice(judged.length));
    // JSON is YAML.
    writeFileSync(script, JSON.stringify({ turns: batch.map(({ steps }) => [RESET, ...steps, { claim: 'done' }]) }));
    // A script that is over repeats its last turn.
    const most = ['--max-iterations', String(batch.length)];
    const { events } = await place.run('Make the red test pass.', '--agent', 'scripted', '--script', script, ...most);
    const taken = all(events, 'turn.requested').length;
    if (taken === 0) return { baseRefused: stopOf(events), judged };
    for (const [at, turn] of batch.slice(0, taken).entries()) {
      const one = await judgedTurn(place, events, turn.id, at + 1);
      judged.push(one);
      seen(one);
    }
  }
  return { baseRefused: null, judged };
}
