/** The test cases of a file, by name, as the runners of its language find them, and what keeps a case from counting. */
import type { Assertion } from './assertions.ts';
import { assertionsIn, callsAside } from './assertions.ts';
import { skipsElsewhere } from './machine.ts';
import {
  CLOSURES,
  CONDITIONALS,
  FUNCTIONS,
  STRINGS,
  TRIES,
  bodyOf,
  callAt,
  flat,
  literalAt,
  part,
  textOf,
  within,
} from './syntax.ts';
import type { Call, LanguageId, Source, SyntaxNode } from './syntax.ts';

export interface TestCase {
  /** With the suites it stands in: `slugify > keeps dots`. */
  readonly name: string;
  readonly line: number;
  /** The word that keeps it from running or from counting: `it.skip`, `@Disabled`; null where it counts. */
  readonly skipped: string | null;
  /** It runs on some machines only, or may give up, or whether a runner finds it is not known. */
  readonly sometimes: boolean;
  /** The word that keeps all others from running. */
  readonly only: string | null;
  readonly assertions: readonly Assertion[];
  /** It calls something beside what it asserts. */
  readonly acts: boolean;
  /** The whole of it, for looking whether a name stands in it. */
  readonly text: string;
}

interface Found {
  readonly kind: 'case' | 'suite';
  readonly name: string;
  readonly skipped: string | null;
  readonly sometimes?: boolean;
  readonly only: string | null;
  readonly body: SyntaxNode;
}

/** `it`, `xit.each`, `test.describe.only`, `Deno.test`, `t.test`. */
const SCRIPT =
  /^(?:Deno\.|QUnit\.|t\.|ava\.|serial\.)?([xf]?)(it|test|specify|describe|context|suite|group|bench)((?:\.\w+)*)(?=$|\()/;

const SUITES: ReadonlySet<string> = new Set(['describe', 'context', 'suite', 'group']);

const SKIPS = /\.(skip|todo|failing|fails|fail|fixme|pending|skipIf|runIf|ignore)\b/g;

const CODE: ReadonlySet<string> = new Set(['arrow_function', 'function_expression', 'generator_function']);

const OPTION_SKIPS = /(?:^|[{,])["']?(skip|todo|ignore|fails)["']?:(?!false\b)/;

function titleOf(source: Source, name: SyntaxNode): string {
  return literalAt(source, name)?.value ?? flat(textOf(source, name));
}

/** From the bracket that opens after `start` up to the one that closes it, without both. */
function bracketed(text: string, start: number): string {
  const from = text.indexOf('(', start) + 1;
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if ('([{'.includes(text[at] ?? '')) depth += 1;
    if (')]}'.includes(text[at] ?? '')) depth -= 1;
    if (depth === 0) return text.slice(from, at);
  }
  return text.slice(from);
}

function scriptSkip(callee: string, word: string, options: readonly string[]): string | null {
  const modifier = [...callee.matchAll(SKIPS)].find(({ 0: name, index }) => {
    const isAsked = name === '.skipIf' || name === '.runIf';
    return !isAsked || !skipsElsewhere(bracketed(callee, index), name === '.runIf');
  })?.[0];
  if (modifier !== undefined) return `${word}${modifier}`;
  const option = options.map((text) => OPTION_SKIPS.exec(text)?.[1]).find((found) => found !== undefined);
  return option === undefined ? null : `${word} with ${option}`;
}

function scriptOnly(match: RegExpExecArray, options: readonly string[]): string | null {
  const [, prefix, word = '', modifiers = ''] = match;
  if (prefix === 'f') return `f${word}`;
  if (modifiers.includes('.only')) return `${word}${modifiers}`;
  return options.some((text) => /\bonly:true\b/.test(text)) ? `${word} with only` : null;
}

function scriptCase(source: Source, call: Call): Found | null {
  const match = SCRIPT.exec(call.callee);
  const [name] = call.args;
  if (match === null || name === undefined) return null;
  const [, prefix, word = '', modifiers = ''] = match;
  const body = call.args.find(({ type }) => CODE.has(type));
  const isNamed = STRINGS.has(name.type) || (name.type !== 'object' && body !== undefined && name !== body);
  if (!isNamed) return null;
  const options = call.args.filter(({ type }) => type === 'object').map((arg) => flat(textOf(source, arg)));
  const suite = SUITES.has(word) || modifiers.includes('.describe');
  const without = body === undefined && !suite ? `${word} without a body` : null;
  return {
    kind: suite ? 'suite' : 'case',
    name: titleOf(source, name),
    skipped: prefix === 'x' ? `x${word}` : (scriptSkip(call.callee, word, options) ?? without),
    sometimes: /\.(?:skip|run)If\b/.test(call.callee),
    only: scriptOnly(match, options),
    body: body ?? call.node,
  };
}

const RUBY = /^([xf]?)(it|specify|example|scenario|test|should|describe|context|feature|pending|skip)$/;

const RUBY_SKIPS = /(?<=[,(] ?)(?::(?:skip|pending)\b|(?:skip|pending): ?(?!false|nil))/;

function rubyCase(source: Source, call: Call): Found | null {
  const match = RUBY.exec(call.callee.replace(/^RSpec\./, ''));
  const body = part(call.node, 'block');
  const [name] = call.args;
  if (match === null || body === undefined || name === undefined || name === body) return null;
  const [, prefix = '', word = ''] = match;
  const options = flat(textOf(source, call.node).slice(0, body.start - call.node.start));
  const isCrossed = prefix === 'x' || word === 'pending' || word === 'skip';
  return {
    kind: /^(?:describe|context|feature)$/.test(word) ? 'suite' : 'case',
    name: titleOf(source, name),
    skipped: isCrossed ? `${prefix}${word}` : (RUBY_SKIPS.exec(options)?.[0] ?? null),
    only: prefix === 'f' || /[,(] ?(?::focus\b|focus: ?true)/.test(options) ? `${prefix}${word}` : null,
    body,
  };
}

/** `it('...', fn)->skip()` of Pest: what is said of the case hangs behind it. */
function pestCase(source: Source, call: Call, behind: string): Found | null {
  const match = /^(it|test|describe)$/.exec(call.callee);
  const [name] = call.args;
  const body = call.args.find(({ type }) => /^(?:anonymous_function|arrow_function)/.test(type));
  if (match === null || name === undefined || body === undefined) return null;
  return {
    kind: match[1] === 'describe' ? 'suite' : 'case',
    name: titleOf(source, name),
    skipped: /->(?:skip|todo|skipOn\w+)\(/.exec(behind)?.[0] ?? null,
    only: /->only\(/.exec(behind)?.[0] ?? null,
    body,
  };
}

function goSubtest(source: Source, call: Call): Found | null {
  const [name, body] = call.args;
  if (!/^\w+\.Run$/.test(call.callee) || name === undefined || body?.type !== 'func_literal') return null;
  return { kind: 'case', name: flat(textOf(source, name)).replaceAll('"', ''), skipped: null, only: null, body };
}

interface Declared {
  /** A function whose name, or whose marks, make it a test. */
  readonly test: (name: string, marks: string) => boolean;
  /** The word among the marks that keeps it from running or from counting. */
  readonly skip: (marks: string) => string | null;
}

function never(): null {
  return null;
}

function marked(pattern: RegExp): Declared['skip'] {
  return (marks) => pattern.exec(marks)?.[0] ?? null;
}

const PYTHON_SKIPS = /@[\w.]*\b(skip|xfail|expectedFailure|skipif|skipIf|skipUnless)\b/g;

function pythonSkip(marks: string): string | null {
  const found = [...marks.matchAll(PYTHON_SKIPS)].find(({ 1: word = '', index }) => {
    if (!/^skip(?:if|If|Unless)$/.test(word)) return true;
    const condition = flat(bracketed(marks, index)).replace(/^condition ?= ?/, '');
    return !skipsElsewhere(condition.replace(/,(?:reason ?=.*|(["']).*\1)$/, ''), word === 'skipUnless');
  });
  return found?.[0] ?? null;
}

/** JUnit 5 asks for systems by name. */
function javaSkip(marks: string): string | null {
  const [, word = '', systems = ''] = /@((?:Dis|En)abledOnOs)\(([^)]*)\)/.exec(marks) ?? [];
  if (/\b[A-Z]{3,}\b/.test(systems) && /\bLINUX\b/.test(systems) === word.startsWith('Dis')) return `@${word}`;
  const pattern = /@(?:Disabled(?!On(?:Os|Jre)\b|ForJreRange\b)\w*|Ignore|EnabledIf\w*)\b|\benabled ?= ?false/;
  return pattern.exec(marks)?.[0] ?? null;
}

const DECLARED: Readonly<Record<LanguageId, Declared>> = {
  script: { test: () => false, skip: never },
  python: {
    test: (name, marks) => name.startsWith('test') && !/@[\w.]*\bfixture\b/.test(marks),
    skip: pythonSkip,
  },
  go: { test: (name) => /^(?:Test|Fuzz|Example)(?![a-z])/.test(name), skip: never },
  rust: {
    test: (_, marks) => /#\[(?:[\w:]+::)?(?:test|rstest|test_case|quickcheck|wasm_bindgen_test)\b/.test(marks),
    skip: marked(/#\[ignore\b|#\[should_panic\b|#\[cfg\(any\(\)\)/),
  },
  java: {
    test: (_, marks) =>
      /@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b/.test(marks),
    skip: javaSkip,
  },
  ruby: { test: (name) => name.startsWith('test_'), skip: never },
  csharp: {
    test: (_, marks) =>
      /\[(?:\w+\.)*(?:Fact|Theory|Test|TestCase\w*|TestMethod|DataTestMethod|SkippableFact)\b/.test(marks),
    skip: marked(/\bSkip ?=|\[(?:Ignore|Explicit)\b/),
  },
  php: {
    test: (name, marks) => name.startsWith('test') || /#\[Test\b|@test\b/.test(marks),
    skip: marked(/@group skip\b/),
  },
};

/** An example that does not end by saying what it prints is compiled and never run: https://pkg.go.dev/testing#hdr-Examples */
const GO_OUTPUT = /^\s*\/\/\s*(?:unordered )?output:.*(?:\n\s*\/\/.*)*\s*\}\s*$/im;

const CLASSES: ReadonlySet<string> = new Set(['class_definition', 'class_declaration', 'mod_item', 'class', 'module']);

/** Decorators, annotations and attributes of a declaration: inside it, around it or in front of it. */
function marksOf(source: Source, node: SyntaxNode, parent: SyntaxNode | undefined): string {
  const name = part(node, 'name') ?? node;
  const wrapped = parent?.type === 'decorated_definition' ? parent : node;
  let start = wrapped.start;
  const siblings = parent?.children ?? [];
  for (let at = siblings.indexOf(node) - 1; at >= 0; at -= 1) {
    const before = siblings[at];
    if (before === undefined || !/^(?:attribute_item|line_comment|block_comment|comment)$/.test(before.type)) break;
    start = Math.min(start, before.start);
  }
  const text = source.text.slice(start, name.start);
  // PHPUnit reads marks in comments.
  return source.language === 'php' ? text : text.replaceAll(/\/\/.*$/gm, '');
}

/** Marks that ask where it runs. */
const ASKS_WHERE = /skip|On(?:Os|Jre)\b|ForJreRange\b|#\[cfg_attr|#\[cfg\((?!test\))/i;

/** Of Python: a class that says that it holds no tests. */
const NO_TESTS = /^\s+__test__\s*=\s*False\b/m;

/** A plain class of Python is looked into where it is called a test: pytest's `python_classes`. */
function isLookedInto({ language }: Source, node: SyntaxNode, name: string): boolean {
  if (language !== 'python' || node.type !== 'class_definition') return true;
  return /test/i.test(name) || part(node, 'superclasses') !== undefined;
}

function declaredCase(source: Source, node: SyntaxNode, parent: SyntaxNode | undefined): Found | null {
  const suite = CLASSES.has(node.type);
  if (!suite && !FUNCTIONS.has(node.type)) return null;
  const body = bodyOf(node);
  const named = part(node, 'name');
  if (body === undefined || named === undefined) return null;
  const name = textOf(source, named);
  const { test, skip } = DECLARED[source.language];
  const marks = marksOf(source, node, parent);
  if (!suite && !test(name, marks)) return null;
  if (source.language === 'go' && name.startsWith('Example') && !GO_OUTPUT.test(textOf(source, node))) return null;
  const none = suite && source.language === 'python' ? NO_TESTS.exec(textOf(source, node))?.[0].trim() : undefined;
  return {
    kind: suite ? 'suite' : 'case',
    name,
    skipped: none ?? skip(marks),
    sometimes: ASKS_WHERE.test(marks) || !isLookedInto(source, node, name),
    only: null,
    body,
  };
}

/** Calls inside of a case after which it does not count. */
const GIVES_UP =
  /^(?:(?:this|t|tb|b|f|ctx|context|test|it|self|pytest|unittest|Assert|Skip|Assume|\$this->|self::|static::)[.]?)?(?:skip|skipTest|Skip|SkipNow|Skipf|xfail|fixme|markTestSkipped|markTestIncomplete|Ignore|Inconclusive|pending)$/;

/** Only what is not in a branch: `if (windows) t.Skip()` says where a test cannot run. */
function givesUp(source: Source, body: SyntaxNode): string | null {
  const statements =
    body.type === 'statement_block' || body.type === 'block'
      ? body.children
      : (bodyOf(body)?.children ?? body.children);
  const flatList = statements.flatMap((one) =>
    /^(?:statement_list|body_statement)$/.test(one.type) ? one.children : [one],
  );
  for (const statement of flatList) {
    const [inner] = statement.type.endsWith('expression_statement') ? statement.children : [statement];
    const awaited = inner?.type === 'await_expression' ? inner.children[0] : inner;
    if (awaited === undefined) continue;
    const callee = callAt(source, awaited)?.callee ?? (source.language === 'ruby' ? textOf(source, awaited) : '');
    if (GIVES_UP.test(callee)) return callee;
  }
  return null;
}

function foundAt(source: Source, node: SyntaxNode, parents: readonly SyntaxNode[]): Found | null {
  const declared = declaredCase(source, node, parents.at(-1));
  if (declared !== null) return declared;
  const call = callAt(source, node);
  if (call === null) return null;
  if (source.language === 'script') return scriptCase(source, call);
  if (source.language === 'ruby') return rubyCase(source, call);
  if (source.language === 'go') return goSubtest(source, call);
  if (source.language !== 'php') return null;
  const outermost = parents.findLast(({ type }) => type.endsWith('statement')) ?? node;
  return pestCase(source, call, source.text.slice(node.end, outermost.end));
}

/** It may end before it is through: it skips itself, or returns, in a branch. What stands in other functions is theirs. */
function mayGiveUp(source: Source, body: SyntaxNode): boolean {
  const isOwn = (node: SyntaxNode): boolean => !CLOSURES.has(node.type) || node.type === 'block';
  const gives = (node: SyntaxNode): boolean =>
    /^return(?:_statement)?$/.test(node.type) || GIVES_UP.test(callAt(source, node)?.callee ?? '');
  return [...within(body, isOwn)].some(
    (node) => CONDITIONALS.has(node.type) && [...within(node, isOwn)].some((inner) => gives(inner)),
  );
}

/** Where the same name is given again below, what stood above is never run. */
const LAST_COUNTS: ReadonlySet<LanguageId> = new Set(['python', 'ruby']);

function withoutRedefined(
  source: Source,
  found: readonly (TestCase & { readonly plain: boolean })[],
): readonly TestCase[] {
  const last = new Map(found.map((one) => [one.name, one]));
  return found.map(({ plain, ...one }) => {
    const again = last.get(one.name);
    if (!LAST_COUNTS.has(source.language) || !plain || again?.line === one.line) return one;
    return { ...one, skipped: one.skipped ?? `its name is given again in line ${again?.line ?? 0}` };
  });
}

interface Around {
  readonly names: readonly string[];
  readonly skipped: string | null;
  readonly sometimes: boolean;
  readonly inCase: boolean;
}

/** Every case, in order. Suites say their names and their marks to what stands in them. */
export function casesIn(source: Source): readonly TestCase[] {
  const found: (TestCase & { readonly plain: boolean })[] = [];
  const parents: SyntaxNode[] = [];
  const visit = (node: SyntaxNode, around: Around): void => {
    const seen = foundAt(source, node, parents);
    let inside = around;
    if (seen !== null) {
      const isFunction = FUNCTIONS.has(node.type);
      const skipped = around.skipped ?? seen.skipped ?? givesUp(source, seen.body);
      // A function within a test is not found by a runner.
      const sometimes = around.sometimes || seen.sometimes === true || (isFunction && around.inCase);
      const isCase = seen.kind === 'case';
      inside = { names: [...around.names, seen.name], skipped, sometimes, inCase: around.inCase || isCase };
      const plain = isFunction && !parents.some(({ type }) => CONDITIONALS.has(type) || TRIES.has(type));
      const said = { name: inside.names.join(' > '), line: node.line, only: seen.only, plain };
      if (isCase) {
        const nested = (below: SyntaxNode): boolean => foundAt(source, below, [node])?.kind !== 'case';
        const assertions = assertionsIn(source, seen.body, nested);
        const ends = mayGiveUp(source, seen.body);
        const acts = callsAside(source, seen.body);
        found.push({ ...said, skipped, sometimes: sometimes || ends, assertions, acts, text: textOf(source, node) });
      } else if (seen.only !== null) {
        found.push({ ...said, skipped: null, sometimes, assertions: [], acts: false, text: '' });
      }
    }
    parents.push(node);
    for (const child of node.children) visit(child, inside);
    parents.pop();
  };
  const whole = /^[ \t]*pytestmark\s*=\s*.*\b(?:skip|skipif|xfail)\b/m.exec(source.text)?.[0].trim() ?? null;
  const skipped = source.language === 'python' ? whole : null;
  visit(source.root, { names: [], skipped, sometimes: false, inCase: false });
  return withoutRedefined(source, found);
}
