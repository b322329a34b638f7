/** A change as the rules of tampering see it: both sides of every file as text, and as syntax where a grammar reads it. */
import { isTestPath } from '../../core/test-path.ts';
import type { ContentDetectorId, ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent, FileContent, WholeTree } from '../../ports/content.ts';
import { isAside, readingOf } from './languages.ts';
import { routinesIn } from './outline.ts';
import type { Routine } from './outline.ts';
import type { Parse } from './parser.ts';
import type { Source } from './syntax.ts';

export interface Side {
  readonly text: string;
  /** null where no grammar reads it, or gave up on it. */
  readonly source: Source | null;
  /** None where no grammar read it. */
  readonly routines: readonly Routine[];
}

export interface ReadFile {
  readonly path: string;
  readonly content: ChangedContent;
  readonly before: Side | null;
  readonly after: Side | null;
  readonly isTest: boolean;
  /** Scripts, examples, entry points: not what tests look at. */
  readonly isAside: boolean;
  /** A grammar reads such files, and did not read this one. */
  readonly unread: boolean;
}

export interface ReadChange {
  readonly files: readonly ReadFile[];
  readonly head: WholeTree;
}

export type Rule = (change: ReadChange) => readonly ContentSighting[] | Promise<readonly ContentSighting[]>;

export function sightingIn(
  detector: ContentDetectorId,
  path: string,
  where: Pick<ContentSighting, 'side' | 'line'>,
  message: string,
): ContentSighting {
  return { detector, path, side: where.side, line: where.line, message };
}

function textOf(content: FileContent | null): string | null {
  return content?.content == null ? null : Buffer.from(content.content).toString('utf8');
}

interface Budget {
  units: number;
}

async function readSide(parse: Parse, path: string, text: string | null, budget: Budget): Promise<Side | null> {
  if (text === null) return null;
  const reading = readingOf(path);
  if (reading === null || text.length > budget.units) return { text, source: null, routines: [] };
  budget.units -= text.length;
  const root = await parse(reading.grammar, text);
  if (root === null) return { text, source: null, routines: [] };
  const source = { path, language: reading.language, text, root, calls: new Map() };
  return { text, source, routines: routinesIn(source) };
}

/** Text of one change that grammars read, in units of UTF-16, so that a thousand long files take no hour. */
const MOST_UNITS_OF_A_CHANGE = 12_000_000;

export async function readFiles(parse: Parse, files: readonly ChangedContent[]): Promise<readonly ReadFile[]> {
  const budget: Budget = { units: MOST_UNITS_OF_A_CHANGE };
  const read: ReadFile[] = [];
  // Tests first: what is in them must not be missed for what is around them.
  for (const content of files.toSorted((one, other) => Number(isTestPath(other.path)) - Number(isTestPath(one.path)))) {
    const { path, previousPath } = content;
    const before = await readSide(parse, previousPath ?? path, textOf(content.before), budget);
    const after = await readSide(parse, path, textOf(content.after), budget);
    const missing = (side: Side | null, there: FileContent | null): boolean => there !== null && side?.source == null;
    const unread = readingOf(path) !== null && (missing(before, content.before) || missing(after, content.after));
    const isTest = isTestPath(path) || (previousPath !== null && isTestPath(previousPath));
    read.push({ path, content, before, after, isTest, isAside: isAside(path), unread });
  }
  return read;
}
