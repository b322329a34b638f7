/**
 * Judgement on reports of checks: does a file give the labelled counts, and does none pass that must not.
 *
 * Every file is read as the report of a command that exited with 0. That is the most tempting case: only the report can
 * then keep the check from passing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECK_FORMATS, loadCheckFormat } from '../src/checks/registry.ts';
import type { Interpretation, ReportFormat } from '../src/core/check.ts';
import type { CheckFormat } from '../src/ports/check.ts';
import { readManifest } from './manifest.ts';
import type { Counts, Expectation, Labelled } from './manifest.ts';
import type { Suite, SuiteResult } from './suite.ts';

export interface Wrong {
  readonly id: string;
  readonly format: string;
  readonly expected: Counts | 'refusal' | 'other labels';
  readonly got: (Counts & { readonly conclusion: string }) | 'unsupported';
  readonly summary: string;
}

export interface ChecksFigures {
  readonly files: number;
  readonly exact: number;
  /** Concluded a success although the label is red, empty or unreadable. */
  readonly falsePasses: number;
  /** Files in a format that no reader here reads. All of them are in `wrong` too. */
  readonly unsupported: number;
  readonly wrong: readonly Wrong[];
}

/** Formats of the manifest that are read, by the name they have there. */
function readerOf(format: string): ReportFormat | null {
  if (format === 'exit-code') return null;
  return CHECK_FORMATS.find((id) => id === format) ?? null;
}

function interpretFile(format: CheckFormat, file: string, bytes: Uint8Array): Interpretation {
  const nothing = new Uint8Array();
  return format.interpret({
    spec: { id: file, run: 'true', report: format.id, reportFile: file, timeoutMs: 60_000 },
    end: { kind: 'exited', code: 0 },
    stdout: nothing,
    stderr: nothing,
    stdoutTruncated: false,
    artefacts: [{ path: file, bytes, truncated: false }],
  });
}

function countsOf({ counted, failed, skipped }: Interpretation): Counts {
  return { total: counted + skipped, passed: counted - failed, failed, skipped };
}

function same(a: Counts, b: Counts): boolean {
  return a.total === b.total && a.passed === b.passed && a.failed === b.failed && a.skipped === b.skipped;
}

/** At exit code 0 a check may pass exactly when something was executed and nothing failed. */
function mayPass(expected: Expectation): boolean {
  return expected.kind === 'counts' && expected.counts.failed === 0 && expected.counts.passed > 0;
}

function isExact(expected: Expectation, got: Interpretation): boolean {
  if ((got.conclusion === 'success') !== mayPass(expected)) return false;
  if (expected.kind === 'counts') return same(expected.counts, countsOf(got));
  if (expected.kind === 'other') return false;
  const refused = got.conclusion === 'inconclusive' && got.counted === 0;
  return refused || (expected.orCounts !== null && same(expected.orCounts, countsOf(got)));
}

function label(expected: Expectation): Wrong['expected'] {
  if (expected.kind === 'counts') return expected.counts;
  return expected.kind === 'refusal' ? 'refusal' : 'other labels';
}

interface Judged {
  readonly falsePass: boolean;
  readonly supported: boolean;
  readonly wrong: Wrong | null;
}

async function judge(directory: string, one: Labelled, formats: ReadonlyMap<string, CheckFormat>): Promise<Judged> {
  const { file: id, format, expected } = one;
  const reader = readerOf(format);
  // What must be refused must be refused by everyone: nobody says which reader would be asked.
  const asked = expected.kind === 'refusal' ? [...formats.keys()] : reader === null ? [] : [reader];
  if (asked.length === 0) {
    const wrong: Wrong = { id, format, expected: label(expected), got: 'unsupported', summary: 'no reader' };
    return { falsePass: false, supported: false, wrong };
  }
  const bytes = await readFile(join(directory, id));
  const got = asked.flatMap((name) => {
    const found = formats.get(name);
    return found === undefined ? [] : [interpretFile(found, id, bytes)];
  });
  const falsePass = got.some((one) => one.conclusion === 'success') && !mayPass(expected);
  const bad = got.find((one) => !isExact(expected, one));
  if (bad === undefined) return { falsePass, supported: true, wrong: null };
  const shown = { ...countsOf(bad), conclusion: bad.conclusion };
  return {
    falsePass,
    supported: true,
    wrong: { id, format, expected: label(expected), got: shown, summary: bad.summary },
  };
}

export async function measureChecks(directory: string): Promise<ChecksFigures> {
  const labelled = await readManifest(directory);
  const readers = CHECK_FORMATS.filter((id) => readerOf(id) !== null);
  const formats = new Map(await Promise.all(readers.map(async (id) => [id, await loadCheckFormat(id)] as const)));
  const judged: Judged[] = [];
  for (const one of labelled) judged.push(await judge(directory, one, formats));
  const wrong = judged.flatMap((one) => (one.wrong === null ? [] : [one.wrong]));
  return {
    files: judged.length,
    exact: judged.length - wrong.length,
    falsePasses: judged.filter((one) => one.falsePass).length,
    unsupported: judged.filter((one) => !one.supported).length,
    wrong,
  };
}

function words(value: Wrong['expected'] | Wrong['got']): string {
  if (typeof value === 'string') return value;
  const { total, passed, failed, skipped } = value;
  const conclusion = 'conclusion' in value ? `${value.conclusion}, ` : '';
  return `${conclusion}${total} (${passed} passed, ${failed} failed, ${skipped} skipped)`;
}

function table(figures: ChecksFigures): readonly string[] {
  const byFormat = Map.groupBy(
    figures.wrong.filter((one) => one.got === 'unsupported'),
    (one) => one.format,
  );
  const unsupported = [...byFormat].map(([format, files]) => `  ${format.padEnd(28)} ${files.length}`);
  const misread = figures.wrong
    .filter((one) => one.got !== 'unsupported')
    .map((one) => `  ${one.id}\n    expected ${words(one.expected)}\n    got      ${words(one.got)}: ${one.summary}`);
  return [
    `files         ${figures.files}`,
    `exact         ${figures.exact}`,
    `false passes  ${figures.falsePasses}`,
    `wrong         ${figures.wrong.length}, of which ${figures.unsupported} in formats that are not read yet`,
    ...(misread.length === 0 ? [] : ['', 'misread:', ...misread]),
    ...(unsupported.length === 0 ? [] : ['', 'not read yet:', ...unsupported]),
  ];
}

export const checksSuite: Suite = {
  name: 'checks',
  needs: 'check-fixtures',
  async run(dataDirectory: string): Promise<SuiteResult> {
    const figures = await measureChecks(join(dataDirectory, 'check-fixtures'));
    return { figures: { ...figures }, lines: table(figures) };
  },
};
