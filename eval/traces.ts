/** Labelled traces of agents: what a file of them holds, read and refused where it is not as it should be. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { kindOfTool } from '../src/core/detectors/steps/step.ts';
import type { Step } from '../src/core/detectors/steps/step.ts';

type Entry = Readonly<Record<string, unknown>>;

/** `onset`: index of the step where the spiral begins, by its label. */
export type Expected =
  | { readonly kind: 'spiral'; readonly onset: number }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unknown' };

export interface Trace {
  readonly id: string;
  readonly expected: Expected;
  readonly steps: readonly Step[];
  /** US dollars of the whole run; null where the source does not say. */
  readonly costUsd: number | null;
  /** The first kind of spiral it is labelled with; empty where it is none. */
  readonly spiral: string;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(entry: Entry, key: string, place: string): string {
  const value = entry[key];
  if (typeof value !== 'string') throw new Error(`${place} has no "${key}"`);
  return value;
}

function list(entry: Entry, key: string, place: string): readonly Entry[] {
  const value = entry[key];
  if (!Array.isArray(value) || !value.every(isEntry)) throw new Error(`${place} has no list "${key}"`);
  return value;
}

function readStep(entry: Entry, place: string): Step {
  const tool = text(entry, 'tool', place);
  const { files, out_len: length } = entry;
  return {
    tool,
    kind: kindOfTool(tool),
    input: text(entry, 'input_sha', place),
    output: text(entry, 'out_stable_sha', place),
    outputCharacters: typeof length === 'number' ? length : 0,
    failed: entry['is_error'] === true,
    files: Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [],
    tree: null,
    tokens: null,
  };
}

/** A run that is labelled both ways is a spiral. Without either label nothing is known, and nothing is counted. */
function readLabels(labels: readonly Entry[], place: string): { expected: Expected; spiral: string } {
  const named = labels.map((entry) => ({ name: text(entry, 'label', place), onset: entry['onset_step'] }));
  const spirals = named.filter(({ name }) => name.startsWith('stuck.'));
  const onsets = spirals.map(({ onset }) => onset).filter((onset) => typeof onset === 'number');
  if (spirals.length > onsets.length) throw new Error(`${place} is labelled a spiral without "onset_step"`);
  if (onsets.length > 0) {
    return { expected: { kind: 'spiral', onset: Math.min(...onsets) }, spiral: spirals[0]?.name.slice(6) ?? '' };
  }
  const healthy = named.some(({ name }) => name.startsWith('healthy_'));
  return { expected: { kind: healthy ? 'healthy' : 'unknown' }, spiral: '' };
}

function readTrace(line: string, place: string): Trace {
  const entry: unknown = JSON.parse(line);
  if (!isEntry(entry)) throw new Error(`${place} is no object`);
  const outcome = isEntry(entry['outcome']) ? entry['outcome'] : {};
  const cost = outcome['cost_usd'];
  return {
    id: text(entry, 'id', place),
    ...readLabels(list(entry, 'labels', place), place),
    steps: list(entry, 'steps', place).map((step) => readStep(step, place)),
    costUsd: typeof cost === 'number' ? cost : null,
  };
}

/** Rejects with an `Error` whose message says which line is not as it should be. */
export async function readTraces(path: string): Promise<readonly Trace[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, at) => readTrace(line, `${path}:${at + 1}`));
}

/** The half the detectors' numbers were chosen on. A hash of the id decides, so that nobody does. */
export function isTuning({ id }: Trace): boolean {
  return (createHash('sha256').update(id).digest()[0] ?? 0) % 2 === 0;
}
