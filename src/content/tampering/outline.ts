/** The functions of a source by their qualified names, and what their bodies come to. */
import { CLOSURES, COMMENTS, FUNCTIONS, bodyOf, callAt, flat, literalAt, part, textOf } from './syntax.ts';
import type { Source, SyntaxNode } from './syntax.ts';

export interface Routine {
  /** With the classes it stands in: `Cart.total`. */
  readonly name: string;
  readonly line: number;
  /** On one line. */
  readonly body: string;
  /** `constant`: it does nothing but return one. `missing`: it says that it is not written. */
  readonly does: 'something' | 'constant' | 'missing' | 'nothing';
  /** It stands in a class, where a subclass may do the work. */
  readonly inClass: boolean;
}

const WRAPS: ReadonlySet<string> = new Set([
  'statement_block',
  'block',
  'statement_list',
  'body_statement',
  'compound_statement',
  'expression_statement',
  'return_statement',
  'return_expression',
  'return',
  'arrow_expression_clause',
  'argument_list',
  'expression_list',
  'parenthesized_expression',
]);

const EMPTY_VALUES: ReadonlySet<string> = new Set([
  'array',
  'list',
  'object',
  'dictionary',
  'hash',
  'array_creation_expression',
]);

const UNWRITTEN =
  /^(?:throw new \w*(?:Error|Exception)\(.{0,30}\b(?:not (?:yet )?implemented|unimplemented|TO[D]O)|throw new NotImplemented\w*\(|raise NotImplementedError|panic\(["`].{0,20}(?:not (?:yet )?implemented|unimplemented|TO[D]O)|(?:todo|unimplemented)!)/i;

function doesWhat(source: Source, body: SyntaxNode): Routine['does'] {
  let at = body;
  for (;;) {
    if (UNWRITTEN.test(flat(textOf(source, at)))) return 'missing';
    if (literalAt(source, at) !== null) return 'constant';
    if (EMPTY_VALUES.has(at.type) && at.children.length === 0) return 'constant';
    if (at.type === 'pass_statement' || at.type === 'ellipsis') return 'nothing';
    const told = at.children.filter(
      ({ type, children }, index) =>
        !COMMENTS.has(type) &&
        !(
          index === 0 &&
          /^(?:expression_statement)$/.test(type) &&
          children[0]?.type === 'string' &&
          at.children.length > 1
        ),
    );
    if (told.length === 0 && WRAPS.has(at.type)) return 'nothing';
    const [only] = told;
    if (told.length !== 1 || only === undefined || !WRAPS.has(at.type)) {
      return callAt(source, at)?.callee.match(/^(?:todo|unimplemented)!/) ? 'missing' : 'something';
    }
    at = only;
  }
}

const CLASSES = /^(?:class|module|impl_item|trait_item|interface)|^(?:class|interface|struct|record|trait)_\w+$/;

interface Around {
  readonly names: readonly string[];
  readonly inClass: boolean;
  /** The name that an assignment gives to what stands right of it. */
  readonly given: string | null;
}

function routineAt(source: Source, node: SyntaxNode, { names, inClass, given }: Around): Routine | null {
  const body = bodyOf(node);
  const own = part(node, 'name');
  const declared = FUNCTIONS.has(node.type) && own !== undefined ? textOf(source, own) : null;
  const name = declared ?? (CLOSURES.has(node.type) ? given : null);
  if (name === null || body === undefined) return null;
  const receiver = part(node, 'receiver');
  const full = [...names, ...(receiver === undefined ? [] : [flat(textOf(source, receiver))]), name].join('.');
  return { name: full, line: node.line, body: flat(textOf(source, body)), does: doesWhat(source, body), inClass };
}

function givenName(source: Source, node: SyntaxNode): string | null {
  if (!/^(?:variable_declarator|pair|assignment|public_field_definition)$/.test(node.type)) return null;
  const key = node.children.find(({ field }) => /^(?:name|key|left|property)$/.test(field ?? ''));
  return key === undefined ? null : textOf(source, key);
}

/** Named functions, and closures that an assignment names. */
export function routinesIn(source: Source): readonly Routine[] {
  const found: Routine[] = [];
  const visit = (node: SyntaxNode, around: Around): void => {
    const routine = routineAt(source, node, around);
    if (routine !== null) found.push(routine);
    const isClass = CLASSES.test(node.type) && part(node, 'body') !== undefined;
    const named = isClass || routine !== null ? (part(node, 'name') ?? part(node, 'type')) : undefined;
    const names = named === undefined ? around.names : [...around.names, textOf(source, named)];
    const inClass = isClass || (around.inClass && routine === null);
    const given = givenName(source, node);
    for (const child of node.children) visit(child, { names, inClass, given });
  };
  visit(source.root, { names: [], inClass: false, given: null });
  return found;
}
