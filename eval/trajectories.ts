/**
 * Judgement on spirals inside a run: is each stopped, and is honest work left alone. Step by step: a detector never sees what
 * comes later. A spiral that is stopped at its last step was not stopped; a healthy run that is stopped there was.
 */
import { join } from 'node:path';
import { NO_STEPS, watchStep } from '../src/core/detectors/steps/index.ts';
import type { Step } from '../src/core/detectors/steps/step.ts';
import { PEER_RULES } from './peer-rules.ts';
import type { PeerRule } from './peer-rules.ts';
import type { Suite, SuiteResult } from './suite.ts';
import { isTuning, readTraces } from './traces.ts';
import type { Trace } from './traces.ts';

interface StopAt {
  readonly step: number;
  readonly by: string;
}

export interface WrongTrace {
  readonly id: string;
  readonly expected: 'stop' | 'no stop';
  readonly got: 'no stop' | StopAt;
}

export interface TrajectoryFigures {
  readonly spirals: number;
  readonly stopped: number;
  readonly healthy: number;
  readonly falseStops: number;
  /** Neither labelled a spiral nor healthy: counted in no other figure. */
  readonly unlabelled: number;
  readonly unlabelledStops: number;
  /** Steps from the labelled onset to the stop, over the spirals that were stopped; null where none was. */
  readonly medianLatenessSteps: number | null;
  /** Share of what the spirals cost, taking every step of a run for as dear as the others; null where no cost is known. */
  readonly spendAvoided: number | null;
  readonly spendAvoidedUsd: number | null;
  readonly wrong: readonly WrongTrace[];
}

type Watcher = (steps: readonly Step[]) => StopAt | null;

interface Watched {
  readonly trace: Trace;
  readonly stop: StopAt | null;
}

/** Our own detectors. */
function watched(steps: readonly Step[]): StopAt | null {
  let watch = NO_STEPS;
  for (const [step, action] of steps.entries()) {
    const seen = watchStep(watch, action);
    const stop = seen.findings.find(({ severity }) => severity === 'stop');
    if (stop !== undefined) return { step, by: stop.detector };
    watch = seen.watch;
  }
  return null;
}

function watchedBy(rule: PeerRule): Watcher {
  return (steps) => {
    const step = steps.findIndex((_, at) => rule.stops(steps.slice(0, at + 1)));
    return step === -1 ? null : { step, by: rule.name };
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const next = sorted[Math.ceil((sorted.length - 1) / 2)];
  return middle === undefined || next === undefined ? null : (middle + next) / 2;
}

function saves({ trace, stop }: Watched): boolean {
  return stop !== null && stop.step < trace.steps.length - 1;
}

function lateness(one: Watched): readonly number[] {
  const { expected } = one.trace;
  return one.stop !== null && expected.kind === 'spiral' && saves(one) ? [one.stop.step - expected.onset] : [];
}

function avoidedUsd({ trace, stop }: Watched): number {
  if (stop === null || trace.costUsd === null) return 0;
  return (trace.costUsd * (trace.steps.length - 1 - stop.step)) / trace.steps.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function wrongOf(one: Watched): readonly WrongTrace[] {
  const { id, expected } = one.trace;
  if (expected.kind === 'spiral' && !saves(one)) return [{ id, expected: 'stop', got: one.stop ?? 'no stop' }];
  return expected.kind === 'healthy' && one.stop !== null ? [{ id, expected: 'no stop', got: one.stop }] : [];
}

function figuresOf(traces: readonly Trace[], watcher: Watcher): TrajectoryFigures {
  const all = traces.map((trace): Watched => ({ trace, stop: watcher(trace.steps) }));
  const of = (kind: Trace['expected']['kind']): readonly Watched[] =>
    all.filter(({ trace }) => trace.expected.kind === kind);
  const spirals = of('spiral');
  const spentUsd = sum(spirals.map(({ trace }) => trace.costUsd ?? 0));
  const savedUsd = sum(spirals.map(avoidedUsd));
  const wrong = all.flatMap(wrongOf);
  const missed = wrong.filter(({ expected }) => expected === 'stop').length;
  return {
    spirals: spirals.length,
    stopped: spirals.length - missed,
    healthy: of('healthy').length,
    falseStops: wrong.length - missed,
    unlabelled: of('unknown').length,
    unlabelledStops: of('unknown').filter(({ stop }) => stop !== null).length,
    medianLatenessSteps: median(spirals.flatMap(lateness)),
    spendAvoided: spentUsd === 0 ? null : savedUsd / spentUsd,
    spendAvoidedUsd: spentUsd === 0 ? null : savedUsd,
    wrong,
  };
}

export interface Measured extends TrajectoryFigures {
  readonly halves: { readonly tuning: TrajectoryFigures; readonly heldOut: TrajectoryFigures };
  readonly peers: readonly (TrajectoryFigures & { readonly name: string; readonly source: string })[];
  /** How many spirals each detector stopped, and how many healthy runs. */
  readonly detectors: Readonly<Record<string, { readonly spirals: number; readonly healthy: number }>>;
  readonly kinds: Readonly<Record<string, { readonly spirals: number; readonly stopped: number }>>;
}

function byDetector(traces: readonly Trace[]): Measured['detectors'] {
  const found: Record<string, { spirals: number; healthy: number }> = {};
  for (const { steps, expected } of traces) {
    const stop = expected.kind === 'unknown' ? null : watched(steps);
    if (stop === null) continue;
    const counts = (found[stop.by] ??= { spirals: 0, healthy: 0 });
    counts[expected.kind === 'spiral' ? 'spirals' : 'healthy'] += 1;
  }
  return found;
}

function byKind(traces: readonly Trace[]): Measured['kinds'] {
  const kinds = Map.groupBy(
    traces.filter(({ expected }) => expected.kind === 'spiral'),
    ({ spiral }) => spiral,
  );
  return Object.fromEntries(
    [...kinds].map(([kind, all]) => {
      const { spirals, stopped } = figuresOf(all, watched);
      return [kind, { spirals, stopped }];
    }),
  );
}

/** Rejects with an `Error` whose message says which line is not as it should be. */
export async function measureTrajectories(path: string): Promise<Measured> {
  const traces = await readTraces(path);
  return {
    ...figuresOf(traces, watched),
    halves: {
      tuning: figuresOf(traces.filter(isTuning), watched),
      heldOut: figuresOf(
        traces.filter((trace) => !isTuning(trace)),
        watched,
      ),
    },
    peers: PEER_RULES.map((rule) => ({
      name: rule.name,
      source: rule.source,
      ...figuresOf(traces, watchedBy(rule)),
    })),
    detectors: byDetector(traces),
    kinds: byKind(traces),
  };
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'of none' : `of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
}

function percent(value: number | null): string {
  return value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`;
}

function cells(figures: TrajectoryFigures): readonly string[] {
  return [
    `${figures.stopped} ${share(figures.stopped, figures.spirals)}`,
    `${figures.falseStops} ${share(figures.falseStops, figures.healthy)}`,
    `${figures.medianLatenessSteps ?? 'none'}`,
    percent(figures.spendAvoided),
    `${figures.unlabelledStops} of ${figures.unlabelled}`,
  ];
}

function rows(measured: Measured): readonly (readonly string[])[] {
  const { halves, peers } = measured;
  return [
    ['all', ...cells(measured)],
    ['the half the numbers were chosen on', ...cells(halves.tuning)],
    ['the half held out', ...cells(halves.heldOut)],
    ...peers.map((peer) => [peer.name, ...cells(peer)]),
  ];
}

function wrongWords({ id, expected, got }: WrongTrace): string {
  return `${id}: expected ${expected}, got ${got === 'no stop' ? got : `a stop by ${got.by} at step ${got.step}`}`;
}

function table(head: readonly string[], body: readonly (readonly string[])[]): readonly string[] {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)];
}

function page(measured: Measured): string {
  const { peers, detectors, kinds, wrong } = measured;
  const head = [
    'who',
    'spirals stopped',
    'healthy runs stopped',
    'median lateness, steps',
    'spend avoided',
    'others stopped',
  ];
  return [
    '# Spirals, measured',
    '',
    '<!-- Generated by `npm run eval -- trajectories --write`. Do not edit. -->',
    '',
    'Labelled traces of real agents go through the detectors over steps, one step at a time. Lateness counts from the step at',
    'which a person saw the spiral begin. Spend avoided is the share of what the spirals cost, if every step of a run costs the',
    'same; nobody reacts to a warning here. Others are runs with neither label. The numbers of the detectors were chosen on one half of the runs;',
    'a hash of the id decides which. docs/detectors.md says how often the other half was measured while that was done.',
    '',
    ...table(head, rows(measured)),
    '',
    'The rules of the others are read kindly: outputs without times and addresses, thoughts taken to be equal, every failed step an',
    'error. What needs prose, or asks a model, cannot be read from these traces.',
    '',
    ...peers.map(({ name, source }) => `- ${name}: ${source}.`),
    '',
    '## By kind of spiral',
    '',
    ...table(
      ['kind', 'spirals', 'stopped'],
      Object.entries(kinds).map(([kind, { spirals, stopped }]) => [kind, `${spirals}`, `${stopped}`]),
    ),
    '',
    '## Which detector stopped it',
    '',
    ...table(
      ['detector', 'spirals', 'healthy runs'],
      Object.entries(detectors).map(([id, { spirals, healthy }]) => [`\`${id}\``, `${spirals}`, `${healthy}`]),
    ),
    '',
    ...(wrong.length === 0 ? [] : ['## Not as labelled', '', ...wrong.map((one) => `- ${wrongWords(one)}`), '']),
  ].join('\n');
}

/** Of all labelled runs; the held-out half alone has too few for a share of one in a hundred. */
const LEAST_STOPPED = 0.9;
const MOST_FALSE_STOPS = 0.01;

function belowPromise({ spirals, stopped, healthy, falseStops }: TrajectoryFigures): readonly string[] {
  const missed = spirals === 0 || stopped / spirals < LEAST_STOPPED;
  const tooMany = healthy === 0 || falseStops / healthy > MOST_FALSE_STOPS;
  return [
    ...(missed ? [`stopped ${stopped} of ${spirals} spirals; at least ${LEAST_STOPPED * 100} % are promised`] : []),
    ...(tooMany
      ? [`stopped ${falseStops} of ${healthy} healthy runs; at most ${MOST_FALSE_STOPS * 100} % are promised`]
      : []),
  ];
}

export const trajectoriesSuite: Suite = {
  name: 'trajectories',
  needs: 'trajectories.jsonl',
  async run(dataDirectory: string): Promise<SuiteResult> {
    const measured = await measureTrajectories(join(dataDirectory, 'trajectories.jsonl'));
    const lines = rows(measured).map(
      ([who = '', stopped, falseStops, late, avoided, others]) =>
        `${who.padEnd(36)} spirals ${stopped}, healthy ${falseStops}, lateness ${late}, avoided ${avoided}, others ${others}`,
    );
    const wrong = measured.wrong.map((one) => `  ${wrongWords(one)}`);
    return {
      figures: { ...measured },
      page: page(measured),
      below: belowPromise(measured),
      lines: [...lines, ...(wrong.length === 0 ? [] : ['', 'wrong:', ...wrong])],
    };
  },
};
