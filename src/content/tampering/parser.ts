/**
 * The grammars, as WebAssembly: what they read was written by an agent, and inside WebAssembly the worst it can do is to end
 * the reading (docs/decisions/0021-grammars-as-webassembly.md). Loaded with the first file that has a grammar.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Language, Parser, TreeCursor } from '@vscode/tree-sitter-wasm';
import type { SyntaxNode } from './syntax.ts';

const PACKAGE = '@vscode/tree-sitter-wasm';

/** Longest text that is read, in units of UTF-16. Sources that people write are shorter; what is longer was generated. */
export const MOST_UNITS = 400_000;

/** Against a text that a grammar needs more than linear time for; some twenty times what the longest honest text takes. */
const MOST_MS = 10_000;

const MOST_NODES = 500_000;

/** Deeper than anything written by hand, and shallow enough for whoever walks it. */
const MOST_DEPTH = 400;

/** What an error is called that WebAssembly or a full stack ends a parse with. */
const ENDED: ReadonlySet<string> = new Set(['RuntimeError', 'RangeError']);

/** null: the text is too long, too deep, took too long or broke the parser, so nothing is known of it. */
export type Parse = (grammar: string, text: string) => Promise<SyntaxNode | null>;

interface Library {
  readonly Language: typeof Language;
  readonly Parser: typeof Parser;
}

interface Runtime {
  readonly parser: Parser;
  readonly language: (grammar: string) => Promise<Language>;
}

interface Growing extends SyntaxNode {
  readonly children: Growing[];
}

/** A copy of where the cursor stands, without what is below it. */
function nodeAt(cursor: TreeCursor): Growing {
  return {
    type: cursor.nodeType,
    field: cursor.currentFieldName,
    start: cursor.startIndex,
    end: cursor.endIndex,
    line: cursor.startPosition.row + 1,
    children: [],
  };
}

/** The named nodes below the cursor as plain data, so that nothing of the parser outlives the reading. */
function copied(cursor: TreeCursor): SyntaxNode | null {
  const root = nodeAt(cursor);
  // The nodes that the cursor stands in; an unnamed one has no children of its own worth keeping.
  const open: Growing[] = [root];
  let count = 0;
  let entered = cursor.gotoFirstChild();
  while (open.length > 0) {
    if (!entered) {
      open.pop();
      if (open.length === 0) return root;
      cursor.gotoParent();
      entered = cursor.gotoNextSibling();
      continue;
    }
    count += 1;
    if (count > MOST_NODES || open.length > MOST_DEPTH) return null;
    const node = nodeAt(cursor);
    if (cursor.nodeIsNamed) open.at(-1)?.children.push(node);
    if (cursor.gotoFirstChild()) open.push(node);
    else entered = cursor.gotoNextSibling();
  }
  return root;
}

function parseWith(parser: Parser, language: Language, text: string): SyntaxNode | null {
  const ends = performance.now() + MOST_MS;
  parser.setLanguage(language);
  const tree = parser.parse(text, null, { progressCallback: () => performance.now() > ends });
  if (tree === null) {
    parser.reset();
    return null;
  }
  const cursor = tree.walk();
  try {
    return copied(cursor);
  } finally {
    cursor.delete();
    tree.delete();
  }
}

/** A parser that WebAssembly ended is not asked again: another one is made. */
export function createParse(): Parse {
  const require = createRequire(import.meta.url);
  const entry = require.resolve(PACKAGE);
  const start = async (): Promise<Runtime> => {
    const { Language: Grammar, Parser: Reader } = require(entry) as Library;
    await Reader.init();
    const loaded = new Map<string, Promise<Language>>();
    return {
      parser: new Reader(),
      language: (grammar) => {
        const known = loaded.get(grammar) ?? Grammar.load(join(dirname(entry), `tree-sitter-${grammar}.wasm`));
        loaded.set(grammar, known);
        return known;
      },
    };
  };
  let runtime: Promise<Runtime> | null = null;
  return async (grammar, text) => {
    if (text.length > MOST_UNITS) return null;
    runtime ??= start();
    const { parser, language } = await runtime;
    const read = await language(grammar);
    try {
      return parseWith(parser, read, text);
    } catch (error) {
      if (!(error instanceof Error) || !ENDED.has(error.name)) throw error;
      runtime = null;
      delete require.cache[entry];
      return null;
    }
  };
}
