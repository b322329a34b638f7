/**
 * Lines of compilers and linters to findings, for tools that have no better report. Lines that are not understood are passed
 * by, so an absence of findings proves nothing: only a line that says how many files were looked at does (mypy, and tsc
 * with `--diagnostics`). Notes belong to the finding before them and are not counted.
 */
import { decodeReport } from '../decode.ts';
import { stripAnsi } from '../excerpt.ts';
import { placed, readFindings, unreadable } from '../reading.ts';
import type { RawFinding, ReadFindings, UnreadableReport } from '../reading.ts';
import { findingOnLine, rustHead, rustPlace } from './lines.ts';

/** Longer lines are data. */
const MAX_LINE_CHARS = 2_000;

const EXAMINED: readonly RegExp[] = [
  /^Success: no issues found in (\d{1,9}) source files?\b/m,
  /^Found \d+ errors? in \d+ files? \(checked (\d{1,9}) source files?\)/m,
  // Whole lines only: half of a number is another number.
  /^Files: +(\d{1,9})\r?\n/m,
];

function examinedIn(text: string): number | null {
  for (const pattern of EXAMINED) {
    const count = pattern.exec(text)?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

function isMachineText(text: string): boolean {
  return /^(?:<\?xml|<[A-Za-z]|\{|\[\s*(?:[{\]"]|$))/.test(text);
}

function findingsIn(lines: readonly string[]): readonly RawFinding[] {
  const findings: RawFinding[] = [];
  for (const [at, whole] of lines.entries()) {
    const line = whole.slice(0, MAX_LINE_CHARS);
    const rust = rustHead(line);
    // The place of a message of rustc stands on the line below it.
    const place = rust === null ? null : rustPlace((lines[at + 1] ?? '').slice(0, MAX_LINE_CHARS));
    if (rust !== null && place !== null) {
      findings.push({ unit: place.file, rule: rust.rule, level: rust.level, message: placed(place, rust.words) });
      continue;
    }
    const found = findingOnLine(line);
    if (found !== null) findings.push(found);
  }
  return findings;
}

export function readLintText(bytes: Uint8Array): ReadFindings | UnreadableReport {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const text = stripAnsi(decoded.text);
  const trimmed = text.trim();
  if (trimmed === '') return unreadable('is empty');
  if (isMachineText(trimmed)) return unreadable('is XML or JSON; another `report` reads it');
  return readFindings(findingsIn(text.split(/\r?\n/)), examinedIn(text), null);
}
