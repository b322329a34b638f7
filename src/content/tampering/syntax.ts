/**
 * What a parser said of a file, as plain data, and the questions that rules ask of it. The grammars name alike what is alike
 * (`call_expression`, `catch_clause`, `body`), so one set of words serves all of them; where two differ, both words stand here.
 */

export interface SyntaxNode {
  readonly type: string;
  /** The part it plays in its parent: `body`, `arguments`; null where the grammar names none. */
  readonly field: string | null;
  /** Units of UTF-16 from the start of the text. */
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** Named ones only: no brackets, no commas. */
  readonly children: readonly SyntaxNode[];
}

export type LanguageId = 'script' | 'python' | 'go' | 'rust' | 'java' | 'ruby' | 'csharp' | 'php';

/** One side of a changed file that a grammar could read. */
export interface Source {
  readonly path: string;
  readonly language: LanguageId;
  readonly text: string;
  readonly root: SyntaxNode;
  /** What `callAt` said already: every rule asks it of every node. */
  readonly calls: Map<SyntaxNode, Call>;
}

export const CALLS: ReadonlySet<string> = new Set([
  'call',
  'call_expression',
  'method_invocation',
  'invocation_expression',
  'function_call_expression',
  'member_call_expression',
  'nullsafe_member_call_expression',
  'scoped_call_expression',
  'macro_invocation',
  'new_expression',
  'object_creation_expression',
]);

export const FUNCTIONS: ReadonlySet<string> = new Set([
  'function_declaration',
  'generator_function_declaration',
  'function_definition',
  'function_item',
  'method_definition',
  'method_declaration',
  'method',
  'singleton_method',
  'local_function_statement',
]);

/** Functions without a name of their own. */
export const CLOSURES: ReadonlySet<string> = new Set([
  'arrow_function',
  'function_expression',
  'func_literal',
  'closure_expression',
  'lambda',
  'lambda_expression',
  'anonymous_function',
  'do_block',
  'block',
]);

export const CATCHES: ReadonlySet<string> = new Set(['catch_clause', 'except_clause', 'rescue', 'rescue_modifier']);

export const TRIES: ReadonlySet<string> = new Set(['try_statement', 'begin', 'try_expression']);

export const CONDITIONALS: ReadonlySet<string> = new Set([
  'if_statement',
  'if_expression',
  'if',
  'unless',
  'if_modifier',
  'unless_modifier',
  'elif_clause',
  'elsif',
  'ternary_expression',
  'conditional_expression',
  'conditional',
  'switch_statement',
]);

export const STRINGS: ReadonlySet<string> = new Set([
  'string',
  'template_string',
  'string_literal',
  'raw_string_literal',
  'interpreted_string_literal',
  'verbatim_string_literal',
  'encapsed_string',
  'simple_symbol',
  'char_literal',
  'character_literal',
]);

const NUMBERS: ReadonlySet<string> = new Set([
  'number',
  'integer',
  'float',
  'int_literal',
  'float_literal',
  'integer_literal',
  'decimal_integer_literal',
  'hex_integer_literal',
  'decimal_floating_point_literal',
  'real_literal',
]);

const WORDS: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'nil',
  'none',
  'undefined',
  'null_literal',
  'boolean_literal',
  'boolean',
]);

export const COMMENTS: ReadonlySet<string> = new Set(['comment', 'line_comment', 'block_comment', 'html_comment']);

const ASSIGNMENTS: ReadonlySet<string> = new Set(['assignment_expression', 'assignment', 'assignment_statement']);

export function textOf(source: Pick<Source, 'text'>, node: SyntaxNode): string {
  return source.text.slice(node.start, node.end);
}

/** On one line, so that a change of layout is none. */
export function flat(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([()[\]{},;.]) ?/g, '$1')
    .replaceAll(/,([)\]}])/g, '$1')
    .trim();
}

/** Depth first, without recursion; `into` false leaves out what is below the node. */
export function* within(node: SyntaxNode, into: (node: SyntaxNode) => boolean = () => true): Generator<SyntaxNode> {
  const waiting = [node];
  for (;;) {
    const next = waiting.pop();
    if (next === undefined) return;
    yield next;
    if (next !== node && !into(next)) continue;
    for (let index = next.children.length - 1; index >= 0; index -= 1) {
      const child = next.children[index];
      if (child !== undefined) waiting.push(child);
    }
  }
}

/** Without its comments. */
export function codeOf(source: Pick<Source, 'text'>, node: SyntaxNode): string {
  let code = '';
  let from = node.start;
  for (const { type, start, end } of within(node)) {
    if (!COMMENTS.has(type)) continue;
    code += source.text.slice(from, start);
    from = end;
  }
  return code + source.text.slice(from, node.end);
}

export function part(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return node.children.find((child) => child.field === field);
}

export function bodyOf(node: SyntaxNode): SyntaxNode | undefined {
  return part(node, 'body') ?? node.children.find(({ type }) => type === 'block' || type === 'arrow_expression_clause');
}

export interface Call {
  readonly node: SyntaxNode;
  /** What is called, on one line: `expect(a).not.toBe`. */
  readonly callee: string;
  readonly args: readonly SyntaxNode[];
  /** What a call through a receiver is made on. */
  readonly inner: SyntaxNode | undefined;
}

function argumentsNode(node: SyntaxNode): SyntaxNode | undefined {
  return part(node, 'arguments') ?? node.children.find(({ type }) => type === 'token_tree' || type === 'argument_list');
}

/** The calls that a call is made on, as in `expect(a)` of `expect(a).toBe(b)`. */
function receiver(node: SyntaxNode): SyntaxNode | undefined {
  return node.children.find(({ field }) => field === 'function' || field === 'object' || field === 'receiver');
}

export function callAt(source: Source, node: SyntaxNode): Call | null {
  if (!CALLS.has(node.type)) return null;
  const known = source.calls.get(node);
  if (known !== undefined) return known;
  const list = argumentsNode(node);
  const block = part(node, 'block');
  const end = list?.start ?? block?.start ?? node.end;
  const callee = flat(source.text.slice(node.start, end)).replace(/^(?:new|await) /, '');
  const args = (list?.children ?? [])
    .filter(({ type }) => !COMMENTS.has(type))
    .map((arg) => (arg.type === 'argument' && arg.children.length === 1 ? (arg.children[0] ?? arg) : arg));
  const call = { node, callee, args: block === undefined ? args : [...args, block], inner: receiver(node) };
  source.calls.set(node, call);
  return call;
}

/** The last name of what is called: `toBe`. */
export function lastName(callee: string): string {
  return /([\w$]+[!?]?)(?:<[^>]*>)?$/.exec(callee)?.[1] ?? '';
}

export interface Literal {
  readonly kind: 'string' | 'number' | 'word';
  /** Without quotes. */
  readonly value: string;
}

export function literalAt(source: Source, node: SyntaxNode | undefined): Literal | null {
  if (node === undefined) return null;
  const text = textOf(source, node);
  if (NUMBERS.has(node.type)) return { kind: 'number', value: text };
  if (WORDS.has(node.type)) return { kind: 'word', value: text };
  if (STRINGS.has(node.type)) {
    if (node.children.some(({ type }) => /substitution|interpolation/.test(type))) return null;
    return { kind: 'string', value: text.replace(/^[A-Za-z@$]{0,3}(["'`]{1,3}|:)/, '').replace(/["'`]{1,3}$/, '') };
  }
  const wraps =
    /^(?:parenthesized_expression|expression_list|unary_expression|unary_operator|literal_element|pattern)$/;
  const [only] = node.children;
  if (!wraps.test(node.type) || node.children.length !== 1) return null;
  const inner = literalAt(source, only);
  return inner?.kind === 'number' && text.startsWith('-') ? { kind: 'number', value: `-${inner.value}` } : inner;
}

export interface Assignment {
  readonly node: SyntaxNode;
  readonly left: string;
  readonly right: SyntaxNode;
}

export function assignmentAt(source: Source, node: SyntaxNode): Assignment | null {
  if (!ASSIGNMENTS.has(node.type)) return null;
  const left = part(node, 'left');
  const right = part(node, 'right');
  return left === undefined || right === undefined ? null : { node, left: flat(textOf(source, left)), right };
}
