/**
 * TAP 13 and 14 to outcomes.
 *
 * - A test is a leaf. A test point that closes a subtest stands for the points inside it and is not counted again, except
 *   when it fails and nothing inside it did (a hook, a time limit), or is skipped and nothing ran inside.
 * - The identity is the names of the enclosing subtests and the description; the number is a position and plays no part.
 * - The directives "skip" and "todo" are skipped, whether ok or not; "todo" on a subtest covers the failures inside it.
 * - Whatever breaks the protocol (no plan, another count than planned, bail out) is a doubt: the report cannot pass.
 *
 * tap-parser reads the protocol. Diagnostics never reach its YAML parser: they are text of the system under test, and as
 * text they make a better message than their values would.
 */
import { Parser } from 'tap-parser';
import type { Result } from 'tap-parser';
import { decodeReport } from '../decode.ts';
import { cleanName, headOf } from '../excerpt.ts';
import { placeless, unreadable } from '../reading.ts';
import type { RawOutcome, Reading } from '../reading.ts';
import { NO_WIDTH, tapDocuments } from './lines.ts';
import type { TapLine } from './lines.ts';

interface Leaf {
  /** From the inside out while it travels up. */
  readonly names: string[];
  status: RawOutcome['status'];
  message: string;
}

/** One level of the report. */
interface Level {
  readonly leaves: Leaf[];
  /** The subtest that ended last and waits for the point that closes it. */
  subtest: { readonly level: Level; readonly parser: Parser } | null;
}

/** The diagnostics of the point that the parser was given last. */
interface Diagnostics {
  text: string;
}

/** Lines of a diagnostic block that say nothing about a failure. */
const DULL = /^(?:duration_ms: .*|type: '?(?:test|suite)'?|failureType: '?(?:testCodeFailure|subtestsFailed)'?)$/;

/** Node writes a `describe` without a test in it as a passed test point; it is none. */
const EMPTY_SUITE = /^type: '?suite'?$/m;

/** What went wrong, then what was wanted, then the rest: excerpts show the beginning. */
const TELLING = ['message', 'error', 'expected', 'wanted', 'actual', 'found', 'diff'];

/** The entries of a block: a line with a key, and the indented lines that belong to it. */
function entriesOf(diagnostics: string): readonly string[] {
  const entries: string[] = [];
  for (const line of diagnostics.split('\n')) {
    const last = entries.at(-1);
    if (last === undefined || /^[\w-]+:/.test(line)) entries.push(line);
    else entries[entries.length - 1] = `${last}\n${line}`;
  }
  return entries;
}

function rankOf(entry: string): number {
  const rank = TELLING.indexOf(/^([\w-]+):/.exec(entry)?.[1] ?? '');
  return rank < 0 ? TELLING.length : rank;
}

function messageOf(diagnostics: string): string {
  const telling = entriesOf(diagnostics).filter((entry) => !DULL.test(entry));
  return headOf(telling.toSorted((one, other) => rankOf(one) - rankOf(other)).join('\n'));
}

function nameOf(result: Result): string {
  return placeless(result.name.replace(NO_WIDTH, ''));
}

function isOff(result: Result): boolean {
  return result.skip !== false || result.todo !== false;
}

function statusOf(result: Result): RawOutcome['status'] {
  if (isOff(result)) return 'skipped';
  return result.ok ? 'passed' : 'failed';
}

/** Takes over the leaves of a subtest under the name of the point that closed it. */
function adopt(level: Level, inner: Level, closing: { readonly name: string; readonly todo: boolean }): boolean {
  let failed = false;
  for (const leaf of inner.leaves) {
    leaf.names.push(closing.name);
    if (closing.todo && leaf.status === 'failed') leaf.status = 'skipped';
    failed ||= leaf.status === 'failed';
    level.leaves.push(leaf);
  }
  return failed;
}

/** The diagnostics of an enclosing point that only says that something inside it failed. */
const BECAUSE_OF_INNER = /subtests? failed|subtestsFailed/;

/** A hook or a time limit of the enclosing subtest is why the tests in it fail, and only its own point says so. */
function explain(inner: Level, name: string, text: string): void {
  if (text === '' || BECAUSE_OF_INNER.test(text)) return;
  const cause = headOf(messageOf(text), { lines: 6, chars: 600 });
  for (const leaf of inner.leaves) {
    if (leaf.status === 'failed') leaf.message = headOf(`In "${cleanName(name)}":\n${cause}\n${leaf.message}`);
  }
}

function readPoint(level: Level, result: Result, diagnostics: Diagnostics): void {
  const { text } = diagnostics;
  diagnostics.text = '';
  const inner = level.subtest?.level ?? null;
  level.subtest = null;
  const name = nameOf(result);
  const status = statusOf(result);
  const shown = inner !== null && adopt(level, inner, { name, todo: result.todo !== false });
  if (shown && status === 'failed') explain(inner, name, text);
  const covered = inner !== null && (status === 'passed' || shown || (status === 'skipped' && inner.leaves.length > 0));
  const empty = inner === null && status === 'passed' && EMPTY_SUITE.test(text);
  if (covered || empty) return;
  level.leaves.push({ names: [name], status, message: status === 'failed' ? messageOf(text) : '' });
}

function brokenPlan(parser: Parser): string | null {
  // A subtest without any line inside planned nothing.
  if (parser.syntheticPlan && parser.level > 0) return null;
  if (parser.syntheticPlan || parser.planStart < 0) return 'its plan is missing, so it may be cut short';
  const planned = parser.planEnd - parser.planStart + 1;
  if (planned !== parser.count) return `it planned ${planned} and shows ${parser.count}`;
  const broken = parser.failures.find((failure) => 'tapError' in failure && typeof failure.tapError === 'string');
  return broken === undefined ? null : `it breaks the protocol (${String(broken.tapError)})`;
}

/** Everything that one document raised doubts with; the first is told. */
interface Doubts {
  first: string | null;
}

function raise(doubts: Doubts, doubt: string | null): void {
  doubts.first ??= doubt;
}

function watch(parser: Parser, diagnostics: Diagnostics, doubts: Doubts): Level {
  const level: Level = { leaves: [], subtest: null };
  parser.on('child', (child: Parser) => {
    // Diagnostics of a point that opens a subtest are not those of the first point inside.
    diagnostics.text = '';
    level.subtest = { level: watch(child, diagnostics, doubts), parser: child };
  });
  parser.on('assert', (result: Result) => readPoint(level, result, diagnostics));
  parser.on('complete', () => {
    if (parser.bailedOut !== false) {
      const reason = parser.bailedOut === true ? '' : `: ${cleanName(parser.bailedOut)}`;
      raise(doubts, `it bailed out${reason}`);
    }
    if (level.subtest !== null) {
      adopt(level, level.subtest.level, { name: placeless(level.subtest.parser.name), todo: false });
      raise(doubts, 'a subtest in it is never closed');
    }
    raise(doubts, brokenPlan(parser));
  });
  return level;
}

/** Points after a closing plan belong to nobody: the parser passes them by, so they are looked for here. */
const STRAY_POINT = /^(?: {4})*(?:not ok\b|ok \d)/m;

function readDocument(lines: Iterable<TapLine>): { readonly level: Level; readonly doubt: string | null } {
  const parser = new Parser();
  const diagnostics: Diagnostics = { text: '' };
  const doubts: Doubts = { first: null };
  const level = watch(parser, diagnostics, doubts);
  parser.on('extra', (extra: string) => {
    if (STRAY_POINT.test(extra)) raise(doubts, 'it has test points outside of its plan');
  });
  for (const line of lines) {
    if (line.kind === 'line') parser.write(`${line.text}\n`);
    else if (line.kind === 'diagnostics') diagnostics.text = line.text;
    else raise(doubts, line.doubt);
  }
  parser.end();
  return { level, doubt: doubts.first };
}

function toRaw(leaf: Leaf): RawOutcome {
  const raw = { path: leaf.names.toReversed(), status: leaf.status };
  return leaf.message === '' ? raw : { ...raw, message: leaf.message };
}

export function readTap(bytes: Uint8Array): Reading {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  if (decoded.text.trim() === '') return unreadable('is empty');
  const documents = tapDocuments(decoded.text);
  if (documents.length === 0) return unreadable('holds no TAP');
  const outcomes: RawOutcome[] = [];
  let doubt: string | null = null;
  for (const document of documents) {
    const read = readDocument(document);
    for (const leaf of read.level.leaves) outcomes.push(toRaw(leaf));
    doubt ??= read.doubt;
  }
  return { kind: 'read', outcomes, unnamed: null, doubt };
}
