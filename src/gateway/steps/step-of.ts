/** From a tool call with its result to a step: digests of what matters, and none of the text. Pure. */
import { hash } from 'node:crypto';
import { kindOfTool } from '../../core/detectors/steps/step.ts';
import type { Step } from '../../core/detectors/steps/step.ts';
import type { ToolExchange } from './exchanges.ts';

/** Of a long output, as much as can tell two apart; the end of it says how a command ended. */
const READ_CHARACTERS = 20_000;

/** Where a failure is told, when it is told in words only: at the very start or end of an output. */
const EDGE_CHARACTERS = 400;

/** Keys in order, so that the same input written in another order is the same. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, inner]) => [key, canonical(inner)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** Several protocols carry arguments as JSON in a string. */
function inputOf(input: unknown): unknown {
  return typeof input === 'string' ? parsed(input) : input;
}

function digest(text: string): string {
  return hash('sha256', text).slice(0, 16);
}

/** The text of a result: itself, or that of its parts. */
function outputText(output: unknown): string {
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return output.map(outputText).join('\n');
  if (typeof output !== 'object' || output === null) return '';
  const { text, output: inner } = output as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return text;
  return typeof inner === 'string' ? `${inner}\n${JSON.stringify({ ...output, output: '' })}` : JSON.stringify(output);
}

/** What changes from run to run without meaning anything: clock times, durations, addresses, temporary names. */
function normalised(text: string): string {
  return text
    .replaceAll(/\u001B\[[0-9;]*[A-Za-z]/g, '')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '#')
    .replaceAll(/\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, '#')
    .replaceAll(/\b\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|secs?|seconds?|m|min|minutes?)\b/g, '#')
    .replaceAll(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b/gi, '#')
    .replaceAll(/\/tmp\/[^\s'"`:]+|\/var\/folders\/[^\s'"`:]+/g, '#')
    .replaceAll(/\b(?:pid|process|job)[ =:]*\d+/gi, '#');
}

const EXIT_CODE = /\bexit(?:ed)?[ _]?(?:with )?(?:code|status)?"?[ :=]+(-?\d+)/i;

/** Where a protocol has no word for it, agents write the exit code of a command before or after its output. */
function saysFailed(text: string): boolean {
  const edges = [text.slice(0, EDGE_CHARACTERS), text.slice(-EDGE_CHARACTERS)];
  return edges.some((edge) => Number(EXIT_CODE.exec(edge)?.[1] ?? '0') !== 0);
}

function filesOf(input: unknown): readonly string[] {
  if (typeof input !== 'object' || input === null) return [];
  return Object.entries(input).flatMap(([key, value]) =>
    /^(?:file_?path|path|file|file_?name|absolute_path|notebook_path)$/i.test(key) && typeof value === 'string'
      ? [value]
      : [],
  );
}

/** `tokens`: what the model calls since the step before were charged. */
export function stepOf({ tool, input, output, failed }: ToolExchange, tokens: number | null): Step {
  const given = inputOf(input);
  const whole = outputText(output);
  const half = READ_CHARACTERS / 2;
  const text = whole.length > READ_CHARACTERS ? `${whole.slice(0, half)}${whole.slice(-half)}` : whole;
  return {
    tool,
    kind: kindOfTool(tool),
    input: digest(JSON.stringify(canonical(given)) ?? ''),
    output: digest(`${whole.length > READ_CHARACTERS ? whole.length : ''}${normalised(text)}`),
    outputCharacters: whole.trim().length,
    failed: failed === true || saysFailed(text),
    files: filesOf(given),
    tree: null,
    tokens,
  };
}
