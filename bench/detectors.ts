/** What folding a long run costs, and what its detectors cost beside it: 100,000 events, most of them model calls. */
import { CALL } from '../test/fixtures/model-events.ts';
import { change, openLog, policy, result, started } from '../test/fixtures/world.ts';
import { detect } from '../src/core/detectors/index.ts';
import { NO_STEPS, watchStep } from '../src/core/detectors/steps/index.ts';
import { kindOfTool } from '../src/core/detectors/steps/step.ts';
import type { Step } from '../src/core/detectors/steps/step.ts';
import type { RecordedEvent, RunEvent } from '../src/core/event.ts';
import { evolve } from '../src/core/evolve.ts';
import type { RunState } from '../src/core/state.ts';
import { ACTION_DETECTORS } from '../src/core/policy.ts';
import type { ActionDetector, DetectorAction } from '../src/core/policy.ts';
import { inTurn, row, type Row } from './measure.ts';

const ITERATIONS = 100;
const CALLS_EACH = 990;
const ROUNDS = 5;

function iterationEvents(iteration: number): readonly RunEvent[] {
  const { checkId } = result('failure');
  const call: RunEvent = { type: 'model.called', ...CALL, iteration };
  const collected = change(iteration);
  return [
    { type: 'turn.requested', iteration, prompt: '3'.repeat(64) },
    ...Array.from({ length: CALLS_EACH }, (_, n): RunEvent => ({ ...call, callId: `${iteration}.${n}` })),
    {
      type: 'turn.finished',
      iteration,
      end: { kind: 'ended', exitCode: 0 },
      claims: [],
      wallTimeMs: 5,
      outputBytes: 100,
      output: '4'.repeat(64),
    },
    { type: 'change.requested', iteration },
    { type: 'change.collected', change: collected },
    { type: 'check.requested', stage: 'acceptance', iteration, checkId, revision: collected.checkpoint },
    { type: 'check.finished', stage: 'acceptance', iteration, result: result('failure') },
    { type: 'verdict.reached', iteration, verdict: { kind: 'continue', reasons: ['red'] } },
  ];
}

/** A run that never gets anywhere and that nothing stops. */
function longRun(): readonly RecordedEvent[] {
  const actions = Object.fromEntries(ACTION_DETECTORS.map((id) => [id, 'note'])) as Record<
    ActionDetector,
    DetectorAction
  >;
  const detectors = { ...policy().detectors, actions };
  const log = openLog(started({ policy: policy({ detectors }) }));
  const baseline = { stage: 'baseline', iteration: 0, checkId: 'test' } as const;
  log.append(
    { type: 'workspace.requested' },
    { type: 'workspace.prepared', kind: 'clone', dependencies: [] },
    { type: 'check.requested', ...baseline, revision: 'b'.repeat(40) },
    { type: 'check.finished', ...baseline, result: result('failure') },
    { type: 'verdict.reached', iteration: 0, verdict: { kind: 'continue', reasons: ['red'] } },
  );
  for (let iteration = 1; iteration <= ITERATIONS; iteration += 1) log.append(...iterationEvents(iteration));
  return log.events;
}

function fold(events: readonly RecordedEvent[], judged: (state: RunState) => void): void {
  let state: RunState | null = null;
  for (const event of events) {
    if (event.type === 'verdict.reached' && state !== null) judged(state);
    state = evolve(state, event);
  }
}

function steps(count: number): readonly Step[] {
  const tools = ['Bash', 'Read', 'Edit', 'Grep'];
  return Array.from({ length: count }, (_, n): Step => {
    const tool = tools[n % tools.length] ?? 'Bash';
    return {
      tool,
      kind: kindOfTool(tool),
      input: `${n % 50}`,
      output: `${n % 70}`,
      outputCharacters: n % 400,
      failed: n % 5 === 0,
      files: [],
      tree: null,
      tokens: 1_000,
    };
  });
}

export async function detectors(): Promise<readonly Row[]> {
  const events = longRun();
  const lines = events.map((event) => JSON.stringify(event));
  const all = steps(ITERATIONS * CALLS_EACH);
  const medians = await inTurn(ROUNDS, {
    parse: () => lines.map((line): unknown => JSON.parse(line)),
    fold: () => fold(events, () => undefined),
    detect: () => fold(events, (state) => void detect(state)),
    watch: () => all.reduce((watch, step) => watchStep(watch, step).watch, NO_STEPS),
  });
  const of = (name: string): number => medians[name] ?? Number.NaN;
  const baseline = [`parsing ${events.length} events`, of('parse')] as const;
  return [
    row('detectors', `fold of ${events.length} events`, of('fold'), { baseline, samples: ROUNDS }),
    row('detectors', 'the same, with every detector after each iteration', of('detect'), {
      baseline: ['the fold alone', of('fold')],
      target: [of('parse'), 'detectors cost less than parsing the log'],
      samples: ROUNDS,
    }),
    row('detectors', `detectors over ${all.length} steps`, of('watch'), {
      baseline,
      samples: ROUNDS,
      note: `${((of('watch') * 1_000) / all.length).toFixed(1)} µs a step`,
    }),
  ];
}
