/**
 * Judgement on reports of checks: does a file give the labelled counts, and does none pass that must not.
 *
 * Every file is read as the report of a command that exited with 0. That is the most tempting case: only the report can
 * then keep the check from passing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckFormat } from '../src/checks/registry.ts';
import { FINDING_REPORT_FORMATS, TEST_REPORT_FORMATS } from '../src/core/check.ts';
import type { Interpretation, ReportFormat } from '../src/core/check.ts';
import type { CheckFormat } from '../src/ports/check.ts';
import { readManifest } from './manifest.ts';
import type { Counts, Expectation, FindingCounts, Labelled } from './manifest.ts';
import type { Suite, SuiteResult } from './suite.ts';

export interface Wrong {
  readonly id: string;
  readonly format: string;
  readonly expected: Counts | FindingCounts | 'refusal' | 'no pass';
  readonly got: ((Counts | FindingCounts) & { readonly conclusion: string }) | 'unsupported';
  readonly summary: string;
}

/** How the files of one format were read. */
interface FormatFigures {
  readonly format: string;
  readonly files: number;
  readonly exact: number;
}

export interface ChecksFigures {
  readonly files: number;
  readonly exact: number;
  /** Files of which nothing is known; they are exact when they do not pass. */
  readonly unlabelled: number;
  /** Concluded a success although the label is red, empty or unreadable, or there is no label. */
  readonly falsePasses: number;
  /** Files in a format that no reader here reads. All of them are in `wrong` too. */
  readonly unsupported: number;
  readonly formats: readonly FormatFigures[];
  readonly wrong: readonly Wrong[];
}

/** Names in the manifest that are not the names here. */
const ALIASES: Readonly<Record<string, ReportFormat>> = {
  'xunit.net': 'xunit',
  'eslint-json-with-metadata': 'eslint-json',
  text: 'lint-text',
};

/** Names that say only that the file is in none of the formats the manifest knows; anybody may read it. */
const NOBODYS = /^(?:UNPARSEABLE|jsonl|json-other|other-xml:.*)$/;

const READERS: readonly ReportFormat[] = [...TEST_REPORT_FORMATS, ...FINDING_REPORT_FORMATS];

/** Who is asked to read a file. What must be refused must be refused by everyone. */
function readersOf(format: string, expected: Expectation): readonly ReportFormat[] {
  if (expected.kind === 'refusal' || NOBODYS.test(format)) return READERS;
  const name = ALIASES[format] ?? format;
  return READERS.filter((id) => id === name);
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

function findingsOf({ tests, counted, failed }: Interpretation): FindingCounts {
  const findings = tests.filter((test) => test.finding === true);
  const red = findings.filter((test) => test.status === 'failed');
  // What was examined counts one where it is clean; the others are the files that the errors are in.
  const files = counted - failed + new Set(red.map((test) => test.id.split(' > ')[0])).size;
  return { findings: findings.length, errors: red.length, files };
}

function sameFindings(label: FindingCounts, got: FindingCounts): boolean {
  const agree = (said: number | null, read: number | null): boolean => said === null || said === read;
  return label.findings === got.findings && agree(label.errors, got.errors) && agree(label.files, got.files);
}

/** At exit code 0 a check may pass exactly when something was executed and nothing failed. */
function mayPass(expected: Expectation): boolean {
  if (expected.kind === 'findings') return expected.counts.errors === 0;
  return expected.kind === 'counts' && expected.counts.failed === 0 && expected.counts.passed > 0;
}

/** A label of findings says what is wrong, not what was looked at: an analysis without an error need not pass. */
function mustPass(expected: Expectation): boolean {
  return expected.kind === 'counts' && mayPass(expected);
}

/** Something was read out of it. */
function hasSpoken(got: Interpretation): boolean {
  return got.counted + got.skipped > 0 || got.conclusion !== 'inconclusive';
}

function isExact(expected: Expectation, got: Interpretation): boolean {
  const passed = got.conclusion === 'success';
  if (passed ? !mayPass(expected) : mustPass(expected)) return false;
  if (expected.kind === 'unlabelled') return true;
  if (expected.kind === 'findings') return sameFindings(expected.counts, findingsOf(got));
  if (expected.kind === 'counts') return same(expected.counts, countsOf(got));
  return !hasSpoken(got) || (expected.orCounts !== null && same(expected.orCounts, countsOf(got)));
}

function label(expected: Expectation): Wrong['expected'] {
  if (expected.kind === 'counts' || expected.kind === 'findings') return expected.counts;
  return expected.kind === 'refusal' ? 'refusal' : 'no pass';
}

interface Judged {
  readonly format: string;
  readonly falsePass: boolean;
  readonly supported: boolean;
  readonly wrong: Wrong | null;
}

async function judge(directory: string, one: Labelled, formats: ReadonlyMap<string, CheckFormat>): Promise<Judged> {
  const { file: id, format, expected } = one;
  const asked = readersOf(format, expected);
  const named = { id, format, expected: label(expected) };
  if (asked.length === 0) {
    const wrong: Wrong = { ...named, got: 'unsupported', summary: 'no reader' };
    return { format, falsePass: false, supported: false, wrong };
  }
  const bytes = await readFile(join(directory, id));
  const all = asked.flatMap((name) => {
    const found = formats.get(name);
    return found === undefined ? [] : [interpretFile(found, id, bytes)];
  });
  // Of many who were asked, those speak who could read it.
  const spoke = all.filter(hasSpoken);
  const got = spoke.length === 0 ? all.slice(0, 1) : spoke;
  const falsePass = got.some((read) => read.conclusion === 'success') && !mayPass(expected);
  const bad = got.find((read) => !isExact(expected, read));
  if (bad === undefined) return { format, falsePass, supported: true, wrong: null };
  const counts = expected.kind === 'findings' ? findingsOf(bad) : countsOf(bad);
  const shown = { ...counts, conclusion: bad.conclusion };
  return { format, falsePass, supported: true, wrong: { ...named, got: shown, summary: bad.summary } };
}

function formatFigures(judged: readonly Judged[]): readonly FormatFigures[] {
  const byFormat = Map.groupBy(judged, (one) => one.format);
  return [...byFormat]
    .map(([format, files]) => ({
      format,
      files: files.length,
      exact: files.filter((one) => one.wrong === null).length,
    }))
    .toSorted((a, b) => b.files - a.files || (a.format < b.format ? -1 : 1));
}

export async function measureChecks(directory: string): Promise<ChecksFigures> {
  const labelled = await readManifest(directory);
  const formats = new Map(await Promise.all(READERS.map(async (id) => [id, await loadCheckFormat(id)] as const)));
  const judged: Judged[] = [];
  for (const one of labelled) judged.push(await judge(directory, one, formats));
  const wrong = judged.flatMap((one) => (one.wrong === null ? [] : [one.wrong]));
  return {
    files: judged.length,
    exact: judged.length - wrong.length,
    unlabelled: labelled.filter((one) => one.expected.kind === 'unlabelled').length,
    falsePasses: judged.filter((one) => one.falsePass).length,
    unsupported: judged.filter((one) => !one.supported).length,
    formats: formatFigures(judged),
    wrong,
  };
}

function words(value: Wrong['expected'] | Wrong['got']): string {
  if (typeof value === 'string') return value;
  const conclusion = 'conclusion' in value ? `${value.conclusion}, ` : '';
  if ('findings' in value) {
    const { findings, errors, files } = value;
    return `${conclusion}${findings} findings (${errors ?? '?'} errors, ${files ?? '?'} files)`;
  }
  const { total, passed, failed, skipped } = value;
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
    `unlabelled    ${figures.unlabelled} (exact when they do not pass)`,
    `false passes  ${figures.falsePasses}`,
    `wrong         ${figures.wrong.length}, of which ${figures.unsupported} in formats that are not read yet`,
    ...(misread.length === 0 ? [] : ['', 'misread:', ...misread]),
    ...(unsupported.length === 0 ? [] : ['', 'not read yet:', ...unsupported]),
  ];
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function page(figures: ChecksFigures): string {
  const { files, exact, unlabelled, falsePasses, formats, wrong } = figures;
  const rows = formats.map((one) => [`\`${one.format}\``, `${one.files}`, `${one.exact}`]);
  const share = ((exact / Math.max(files, 1)) * 100).toFixed(1);
  const refused = wrong.map(
    (one) => `- \`${one.id}\`: ${words(one.expected)} by its label; read as ${words(one.got)}. ${one.summary}`,
  );
  return [
    '# How well reports are read',
    '<!-- Generated by `npm run eval -- checks --write`. Do not edit. -->',
    `Labelled real outputs of test runners and analysers, each read as the report of a command that exited with 0: ${exact} of ${files} exact (${share} %), ${falsePasses} passed wrongly.`,
    `Exact: all counts are those of the label, and the check passes where the label is green. ${unlabelled} files without a label are exact when they do not pass. Names are those of the manifest.`,
    markdownTable(['format', 'files', 'exact'], rows),
    ...(refused.length === 0 ? [] : ['## Not as labelled', refused.join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

export const checksSuite: Suite = {
  name: 'checks',
  needs: 'check-fixtures',
  async run(dataDirectory: string): Promise<SuiteResult> {
    const figures = await measureChecks(join(dataDirectory, 'check-fixtures'));
    return { figures: { ...figures }, lines: table(figures), page: page(figures) };
  },
};
