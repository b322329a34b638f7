/**
 * JUnit XML to outcomes.
 *
 * There is no standard, only writers; this reads what they have in common and errs towards red:
 * - every `testcase`, at any depth, is one test; its identity is the names of its suites, its class and its name;
 * - `failure`, `error`, `rerunFailure`, `rerunError`: failed. `flakyFailure`, `flakyError` alone: passed in the end;
 * - `skipped`, `disabled`, `warning` (PHPUnit: a class without tests), and the attributes that say "not run": skipped.
 *   A failure beside it wins, except for `skipped type="todo"` (Node), where the failure is expected;
 * - `failure` or `error` directly in a suite is a failed test named like the suite;
 * - a suite that declares failures and shows none is a contradiction, and a report that only declares counts names nothing.
 */
import { SaxesParser } from 'saxes';
import { decodeReport, toleratedXml } from '../decode.ts';
import { unreadable } from '../reading.ts';
import type { Reading, ReportOrigin } from '../reading.ts';
import { junitDocument } from './document.ts';
import type { JunitDocument } from './document.ts';

/** Elements of a report nest a handful deep; beyond this somebody is playing. */
const MAX_DEPTH = 128;

/** Small enough that a broken report of megabytes is left at its first error. */
const CHUNK_CHARS = 64 * 1024;

const XML_START = /<\?xml\s|<testsuites?[\s/>]/;

/** On standard output the report may stand between lines of something else, such as the banner of npm. */
function withoutNoise(text: string): string {
  const start = text.search(XML_START);
  if (start < 0) return text;
  const end = Math.max(endOf(text, '</testsuites>'), endOf(text, '</testsuite>'));
  return end > start ? text.slice(start, end) : text.slice(start);
}

function endOf(text: string, tag: string): number {
  const at = text.lastIndexOf(tag);
  return at < 0 ? -1 : at + tag.length;
}

/** The parser's words without the internal position, which people do not need twice. */
function problemOf(message: string): string {
  const where = /^(\d+):\d+: (.*)$/s.exec(message);
  const words = where?.[2] ?? message;
  return `is not well-formed XML or is incomplete (line ${where?.[1] ?? '?'}: ${words.replace(/\.$/, '')})`;
}

interface Progress {
  problem: string | null;
  depth: number;
}

function parserFor(document: JunitDocument, progress: Progress): SaxesParser {
  const parser = new SaxesParser({ xmlns: false });
  // With a handler saxes goes on after an error; whatever it reports after the first one is ignored.
  parser.on('error', (error) => {
    progress.problem ??= problemOf(error.message);
  });
  parser.on('opentag', (tag) => {
    progress.depth += 1;
    if (progress.problem !== null) return;
    if (progress.depth > MAX_DEPTH) progress.problem = `nests deeper than ${MAX_DEPTH} elements`;
    else progress.problem = document.open(tag.name, tag.attributes);
  });
  parser.on('closetag', () => {
    progress.depth -= 1;
    if (progress.problem === null) document.close();
  });
  const text = (part: string): void => {
    if (progress.problem === null) document.text(part);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  return parser;
}

function parse(xml: string): Reading {
  const document = junitDocument();
  const progress: Progress = { problem: null, depth: 0 };
  const parser = parserFor(document, progress);
  for (let at = 0; at < xml.length && progress.problem === null; at += CHUNK_CHARS) {
    parser.write(xml.slice(at, at + CHUNK_CHARS));
  }
  if (progress.problem === null) parser.close();
  return progress.problem === null ? document.finish() : unreadable(progress.problem);
}

export function readJunit(bytes: Uint8Array, origin: ReportOrigin): Reading {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const tolerated = toleratedXml(decoded.text).trim();
  if (tolerated === '') return unreadable('is empty');
  const xml = origin === 'stream' ? withoutNoise(tolerated) : tolerated;
  if (!xml.includes('<')) return unreadable('is not XML');
  return parse(xml);
}
