/** The bytes of an XML report to the elements in it: encoding, noise around it, and everything that XML can do to a reader. */
import { SaxesParser } from 'saxes';
import { decodeReport, toleratedXml } from './decode.ts';
import { unreadable } from './reading.ts';
import type { ReportOrigin, UnreadableReport } from './reading.ts';

export type Attributes = Readonly<Record<string, string>>;

/** What is made of the elements as they open and close. Names come without their namespace prefix. */
export interface XmlHandler<T> {
  /** Returns a problem when this cannot be such a report. */
  open(name: string, attributes: Attributes): string | null;
  text(part: string): void;
  close(): void;
  finish(): T;
}

/** Elements of a report nest a handful deep; beyond this somebody is playing. */
const MAX_DEPTH = 128;

/** Small enough that a broken report of megabytes is left at its first error. */
const CHUNK_CHARS = 64 * 1024;

function endOf(text: string, tag: string): number {
  const at = text.lastIndexOf(tag);
  return at < 0 ? -1 : at + tag.length;
}

/** On standard output the report may stand between lines of something else, such as the banner of npm. */
function withoutNoise(text: string, roots: readonly string[]): string {
  const start = text.search(new RegExp(`<\\?xml\\s|<(?:${roots.join('|')})[\\s/>]`));
  if (start < 0) return text;
  const end = Math.max(...roots.map((root) => endOf(text, `</${root}>`)));
  return end > start ? text.slice(start, end) : text.slice(start);
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

function parserFor<T>(handler: XmlHandler<T>, progress: Progress): SaxesParser {
  const parser = new SaxesParser({ xmlns: false });
  // With a handler saxes goes on after an error; whatever it reports after the first one is ignored.
  parser.on('error', (error) => {
    progress.problem ??= problemOf(error.message);
  });
  parser.on('opentag', (tag) => {
    progress.depth += 1;
    if (progress.problem !== null) return;
    const name = tag.name.slice(tag.name.indexOf(':') + 1);
    if (progress.depth > MAX_DEPTH) progress.problem = `nests deeper than ${MAX_DEPTH} elements`;
    else progress.problem = handler.open(name, tag.attributes);
  });
  parser.on('closetag', () => {
    progress.depth -= 1;
    if (progress.problem === null) handler.close();
  });
  const text = (part: string): void => {
    if (progress.problem === null) handler.text(part);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  return parser;
}

export interface XmlShape<T> {
  /** The names that the root element can have. */
  readonly roots: readonly string[];
  /** Whether characters that XML forbids are shown as others, for formats that everybody writes by hand. */
  readonly tolerant: boolean;
  readonly handler: XmlHandler<T>;
}

/** Pure and total. Entities of a document type are never resolved. */
export function readXml<T>(bytes: Uint8Array, origin: ReportOrigin, shape: XmlShape<T>): T | UnreadableReport {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const text = (shape.tolerant ? toleratedXml(decoded.text) : decoded.text).trim();
  if (text === '') return unreadable('is empty');
  const xml = origin === 'stream' ? withoutNoise(text, shape.roots) : text;
  if (!xml.includes('<')) return unreadable('is not XML');
  const progress: Progress = { problem: null, depth: 0 };
  const parser = parserFor(shape.handler, progress);
  for (let at = 0; at < xml.length && progress.problem === null; at += CHUNK_CHARS) {
    parser.write(xml.slice(at, at + CHUNK_CHARS));
  }
  if (progress.problem === null) parser.close();
  return progress.problem === null ? shape.handler.finish() : unreadable(progress.problem);
}
