/**
 * Judgement on changes: does each that is labelled risky wait for a person, and does each that is not pass.
 *
 * Only paths are labelled, so only zones by path are measured here: a commit is held when a file of it lies in a zone.
 * Zones by owner and by what a diff does can only hold more; their tests are beside them.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathClassifier } from '../src/policy/classify.ts';
import { DEFAULT_ZONES } from '../src/policy/risk-zones.ts';
import { readCommit } from './risk-labels.ts';
import type { LabelledCommit } from './risk-labels.ts';
import type { Suite, SuiteResult } from './suite.ts';

export interface WrongHold {
  readonly id: string;
  readonly expected: string;
  readonly got: string;
}

export interface Counts {
  readonly risky: number;
  readonly recalled: number;
  readonly safe: number;
  readonly falseHolds: number;
}

interface LabelFigures {
  readonly label: string;
  readonly commits: number;
  /** Held at all. */
  readonly held: number;
  /** Held by a zone that stands for this very label. */
  readonly named: number;
}

export interface RiskFigures extends Counts {
  readonly wrong: readonly WrongHold[];
  readonly labels: readonly LabelFigures[];
  /** The zones were written with `tuning` open; `heldOut` was only measured. The half is a hash of the id. */
  readonly halves: { readonly tuning: Counts; readonly heldOut: Counts };
  /** The commits that a person labelled, by that label alone. */
  readonly hand: Counts;
  /** Commits whose only label is that they change dependencies. Risky here; a reader may count them as safe. */
  readonly dependenciesAlone: { readonly commits: number; readonly held: number };
}

/** Zones that stand for a label. Labels are wider than zones: an example of an `.env` file is labelled infrastructure. */
const ZONES_OF: Readonly<Record<string, readonly string[]>> = {
  infra: ['infrastructure', 'ci', 'manifest', 'secrets', 'agent-settings'],
  migration: ['migrations'],
  payment: ['payments'],
  auth: ['auth'],
  'customer-facing': ['customer-facing'],
  dependency: ['dependencies', 'manifest'],
};

interface Judged {
  readonly commit: LabelledCommit;
  /** Zone to the first file in it. */
  readonly zones: ReadonlyMap<string, string>;
}

/** Even and odd of the first byte: the same id is in the same half on every machine. */
export function halfOf(id: string): 'tuning' | 'heldOut' {
  return (createHash('sha256').update(id).digest()[0] ?? 0) % 2 === 0 ? 'tuning' : 'heldOut';
}

function count(judged: readonly Judged[], labelsOf: (commit: LabelledCommit) => readonly string[]): Counts {
  const risky = judged.filter(({ commit }) => labelsOf(commit).length > 0);
  const safe = judged.filter(({ commit }) => labelsOf(commit).length === 0);
  const held = (all: readonly Judged[]): number => all.filter(({ zones }) => zones.size > 0).length;
  return { risky: risky.length, recalled: held(risky), safe: safe.length, falseHolds: held(safe) };
}

function wrongHold({ commit, zones }: Judged): WrongHold | null {
  const risky = commit.labels.length > 0;
  if (risky === zones.size > 0) return null;
  const got = [...zones].map(([zone, path]) => `${zone} (${path})`).join(', ');
  const expected = risky ? `held: ${commit.labels.join(', ')}` : 'not held';
  return { id: commit.id, expected, got: risky ? 'not held' : `held: ${got}` };
}

function labelFigures(judged: readonly Judged[]): readonly LabelFigures[] {
  const labels = [...new Set(judged.flatMap(({ commit }) => commit.labels))].toSorted();
  return labels.map((label) => {
    const all = judged.filter(({ commit }) => commit.labels.includes(label));
    const wanted = ZONES_OF[label] ?? [label];
    const named = all.filter(({ zones }) => wanted.some((zone) => zones.has(zone)));
    const held = all.filter(({ zones }) => zones.size > 0);
    return { label, commits: all.length, held: held.length, named: named.length };
  });
}

/** Rejects with an `Error` whose message says which line is not as it should be. */
export async function measureRisk(path: string): Promise<RiskFigures> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const classify = pathClassifier({
    protect: [],
    paths: { allow: ['**'], deny: [], dependencies: [] },
    risk: DEFAULT_ZONES,
  });
  const judged = lines.map((line, at): Judged => {
    const commit = readCommit(line, `${path}:${at + 1}`);
    const zones = new Map<string, string>();
    for (const file of commit.files)
      for (const zone of classify(file, true).zones) zones.set(zone, zones.get(zone) ?? file);
    return { commit, zones };
  });
  const half = (name: 'tuning' | 'heldOut'): Counts =>
    count(
      judged.filter(({ commit }) => halfOf(commit.id) === name),
      ({ labels }) => labels,
    );
  const alone = judged.filter(({ commit: { labels } }) => labels.length === 1 && labels[0] === 'dependency');
  return {
    ...count(judged, ({ labels }) => labels),
    wrong: judged.flatMap((one) => wrongHold(one) ?? []),
    labels: labelFigures(judged),
    halves: { tuning: half('tuning'), heldOut: half('heldOut') },
    hand: count(
      judged.filter(({ commit }) => commit.hand !== null),
      ({ hand }) => hand ?? [],
    ),
    dependenciesAlone: { commits: alone.length, held: alone.filter(({ zones }) => zones.size > 0).length },
  };
}

/** The promise: `recall on the risky classes at least 0.98, false holds at most 15 %`. */
const LEAST_RECALL = 0.98;
const MOST_FALSE_HOLDS = 0.15;

/** What keeps the promise from being kept, in sentences. A data set without risky or without safe commits proves nothing. */
export function belowPromise(figures: RiskFigures): readonly string[] {
  const one = (name: string, { risky, recalled, safe, falseHolds }: Counts): readonly string[] => [
    ...(risky === 0 ? [`${name}: no risky commit was measured`] : []),
    ...(safe === 0 ? [`${name}: no safe commit was measured`] : []),
    ...(recalled < LEAST_RECALL * risky ? [`${name}: ${recalled} of ${risky} risky recalled, less than 98 %`] : []),
    ...(falseHolds > MOST_FALSE_HOLDS * safe ? [`${name}: ${falseHolds} of ${safe} safe held, more than 15 %`] : []),
  ];
  return [...one('all', figures), ...one('held-out half', figures.halves.heldOut)];
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'none there' : `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
}

function row(name: string, { risky, recalled, safe, falseHolds }: Counts): string {
  return `| ${name} | ${share(recalled, risky)} | ${share(falseHolds, safe)} |`;
}

function page(figures: RiskFigures): string {
  const { halves, hand, labels, dependenciesAlone, wrong } = figures;
  return [
    '# Risk zones, measured',
    '',
    '<!-- Generated by `npm run eval -- risk --write`. Do not edit. -->',
    '',
    'Commits of public repositories with labelled risks. Recalled: a commit with a label waits for a person, because a built-in',
    'zone covers the path of a file in it. A false hold: a commit without a label waits. The labels are of paths; what zones see',
    'in a diff, and owners, are not measured here and can only hold more.',
    '',
    '| commits | risky ones recalled | safe ones held |',
    '| --- | --- | --- |',
    row('all', figures),
    row('half the zones were tuned on', halves.tuning),
    row('half held out', halves.heldOut),
    row('labelled by hand, by that label alone', hand),
    '',
    'The half is decided by a hash of the id. The labels of both halves were read once before the zones were written, so the',
    'second half is held out from tuning, not from sight; and there are four repositories in all, two of them libraries.',
    '',
    `Changes of dependencies are a zone, so they count as risky. ${share(dependenciesAlone.held, dependenciesAlone.commits)} commits with no other label are`,
    `held; who counts those as safe reads ${share(figures.falseHolds + dependenciesAlone.held, figures.safe + dependenciesAlone.commits)} safe ones held. Edits of existing tests and`,
    'tool settings wait for a person too, as protected edits of their own; they are not counted here.',
    '',
    '| label | commits | held | held by the zone of that name |',
    '| --- | --- | --- | --- |',
    ...labels.map(({ label, commits, held, named }) => `| ${label} | ${commits} | ${held} | ${named} |`),
    ...(wrong.length === 0 ? [] : ['', '## Not as labelled', '']),
    ...wrong.map(({ id, expected, got }) => `- \`${id}\`: expected ${expected}; got ${got}`),
    '',
  ].join('\n');
}

export const riskSuite: Suite = {
  name: 'risk',
  needs: 'risk-commits.jsonl',
  async run(dataDirectory: string): Promise<SuiteResult> {
    const figures = await measureRisk(join(dataDirectory, 'risk-commits.jsonl'));
    const { halves, hand, dependenciesAlone } = figures;
    const line = (name: string, counts: Counts): string =>
      `${name.padEnd(14)}${share(counts.recalled, counts.risky)} risky recalled, ${share(counts.falseHolds, counts.safe)} safe held`;
    return {
      figures: { ...figures },
      page: page(figures),
      below: belowPromise(figures),
      lines: [
        line('all', figures),
        line('tuning half', halves.tuning),
        line('held-out half', halves.heldOut),
        line('by hand', hand),
        `dependencies  ${share(dependenciesAlone.held, dependenciesAlone.commits)} commits with no other label held`,
        ...(figures.wrong.length === 0 ? [] : ['', 'wrong:']),
        ...figures.wrong.map(({ id, expected, got }) => `  ${id}  expected ${expected}; got ${got}`),
      ],
    };
  },
};
