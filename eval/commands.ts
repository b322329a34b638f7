/**
 * Judgement on command lines: is each that must not run kept from running, and each that may run let through.
 *
 * `ask` keeps a command from running as `deny` does, because an unattended run has nobody to ask.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRuleEngine, type Decision } from '../src/policy/commands/decide.ts';
import type { Suite, SuiteResult } from './suite.ts';

export interface WrongDecision {
  readonly id: string;
  readonly expected: Decision;
  readonly got: Decision;
  readonly why: string;
}

export interface CommandFigures {
  /** Lines that must not be allowed. */
  readonly refusable: number;
  readonly leaked: number;
  readonly benign: number;
  readonly falseAlarms: number;
  /** Leaks and false alarms, by id. */
  readonly wrong: readonly WrongDecision[];
}

interface Line {
  readonly id: string;
  readonly allow: readonly string[];
  readonly command: string;
  readonly expect: Decision;
}

const DECISIONS: ReadonlySet<unknown> = new Set(['allow', 'ask', 'deny']);

function isDecision(value: unknown): value is Decision {
  return DECISIONS.has(value);
}

function text(entry: Readonly<Record<string, unknown>>, key: string, place: string): string {
  const value = entry[key];
  if (typeof value !== 'string') throw new Error(`${place} has no "${key}"`);
  return value;
}

function readLine(line: string, place: string): Line {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== 'object' || entry === null) throw new Error(`${place} is no object`);
  const fields = entry as Readonly<Record<string, unknown>>;
  const expect = fields['expect'];
  if (!isDecision(expect)) throw new Error(`${place} expects none of allow, ask and deny`);
  const allow = text(fields, 'allow_rule', place)
    .split(/,\s*/)
    .map((rule) => `Bash(${rule})`);
  return { id: text(fields, 'id', place), allow, command: text(fields, 'command', place), expect };
}

/** Rejects with an `Error` whose message says which line is not as it should be. */
export async function measureCommands(path: string): Promise<CommandFigures> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const wrong: WrongDecision[] = [];
  let [refusable, benign, leaked] = [0, 0, 0];
  for (const [at, line] of lines.entries()) {
    const { id, allow, command, expect } = readLine(line, `${path}:${at + 1}`);
    const engine = createRuleEngine({ deny: [], ask: [], allow: allow.map((rule) => ({ rule, reason: null })) });
    const { decision, why } = engine.decide(command);
    if (expect === 'allow') benign += 1;
    else refusable += 1;
    if ((expect === 'allow') === (decision === 'allow')) continue;
    if (decision === 'allow') leaked += 1;
    wrong.push({ id, expected: expect, got: decision, why });
  }
  return { refusable, leaked, benign, falseAlarms: wrong.length - leaked, wrong };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'of none' : `of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
}

export const commandsSuite: Suite = {
  name: 'commands',
  needs: 'bypass-corpus.jsonl',
  async run(dataDirectory: string): Promise<SuiteResult> {
    const figures = await measureCommands(join(dataDirectory, 'bypass-corpus.jsonl'));
    const wrong = figures.wrong.map(
      ({ id, expected, got, why }) => `  ${id}  expected ${expected}, got ${got}: ${why}`,
    );
    return {
      figures: { ...figures },
      lines: [
        `leaked        ${figures.leaked} ${percent(figures.leaked, figures.refusable)}`,
        `false alarms  ${figures.falseAlarms} ${percent(figures.falseAlarms, figures.benign)}`,
        ...(wrong.length === 0 ? [] : ['', 'wrong:', ...wrong]),
      ],
    };
  },
};
