/** The test cases of a file, by name, as the runners of its language find them, and what keeps a case from counting. */
import type { Assertion } from './assertions.ts';
import { assertionsIn } from './assertions.ts';
import { FUNCTIONS, STRINGS, bodyOf, callAt, flat, literalAt, part, textOf } from './syntax.ts';
import type { Call, LanguageId, Source, SyntaxNode } from './syntax.ts';

export interface TestCase {
  /** With the suites it stands in: `slugify > keeps dots`. */
  readonly name: string;
  readonly line: number;
  /** The word that keeps it from running or from counting: `it.skip`, `@Disabled`; null where it counts. */
  readonly skipped: string | null;
  /** The word that keeps all others from running. */
  readonly only: string | null;
  readonly assertions: readonly Assertion[];
  /** The whole of it, for looking whether a name stands in it. */
  readonly text: string;
}

interface Found {
  readonly kind: 'case' | 'suite';
  readonly name: string;
  readonly skipped: string | null;
  readonly only: string | null;
  readonly body: SyntaxNode;
}

/** `it`, `xit.each`, `test.describe.only`, `Deno.test`, `t.test`. */
const SCRIPT =
  /^(?:Deno\.|QUnit\.|t\.|ava\.|serial\.)?([xf]?)(it|test|specify|describe|context|suite|group|bench)((?:\.\w+)*)(?=$|\()/;

const SUITES: ReadonlySet<string> = new Set(['describe', 'context', 'suite', 'group']);

const SKIPS = /\.(skip|todo|failing|fails|fail|fixme|pending|skipIf|runIf|ignore)\b/;

const CODE: ReadonlySet<string> = new Set(['arrow_function', 'function_expression', 'generator_function']);

const OPTION_SKIPS = /(?:^|[{,])["']?(skip|todo|ignore|fails)["']?:(?!false\b)/;

function titleOf(source: Source, name: SyntaxNode): string {
  return literalAt(source, name)?.value ?? flat(textOf(source, name));
}

/** What a machine is, which the check that ran there answers by itself: a test that it skipped did not pass. */
const MACHINE =
  /\b(?:sys\.(?:platform|version_info|implementation|maxsize)|os\.name|platform\.\w+\(|process\.(?:platform|arch|versions?)|os\.(?:platform|type|arch)\()/;

function scriptSkip(callee: string, word: string, options: readonly string[]): string | null {
  const modifier = SKIPS.exec(callee)?.[0];
  if (/^\.(?:skipIf|runIf)$/.test(modifier ?? '') && MACHINE.test(callee)) return null;
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
  readonly skip: RegExp;
}

const NEVER = /(?!)/;

const DECLARED: Readonly<Record<LanguageId, Declared>> = {
  script: { test: () => false, skip: NEVER },
  python: {
    test: (name) => name.startsWith('test'),
    skip: new RegExp(
      String.raw`@[\w.]*\b(?:skip|xfail|expectedFailure)\b|@[\w.]*\b(?:skipif|skipIf|skipUnless)\b(?!\(\s*["']?(?:not\s+)?${MACHINE.source})`,
    ),
  },
  go: { test: (name) => /^(?:Test|Fuzz|Example)(?![a-z])/.test(name), skip: NEVER },
  rust: {
    test: (_, marks) => /#\[(?:[\w:]+::)?(?:test|rstest|test_case|quickcheck|wasm_bindgen_test)\b/.test(marks),
    skip: /#\[ignore\b|#\[should_panic\b|#\[cfg\(any\(\)\)/,
  },
  java: {
    test: (_, marks) =>
      /@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b/.test(marks),
    skip: /@(?:Disabled(?!On(?:Os|Jre)\b|ForJreRange\b)\w*|Ignore|EnabledIf\w*)\b|\benabled ?= ?false/,
  },
  ruby: { test: (name) => name.startsWith('test_'), skip: NEVER },
  csharp: {
    test: (_, marks) =>
      /\[(?:\w+\.)*(?:Fact|Theory|Test|TestCase\w*|TestMethod|DataTestMethod|SkippableFact)\b/.test(marks),
    skip: /\bSkip ?=|\[(?:Ignore|Explicit)\b/,
  },
  php: { test: (name, marks) => name.startsWith('test') || /#\[Test\b|@test\b/.test(marks), skip: /@group skip\b/ },
};

/** An example that does not say what it prints is compiled and never run: https://pkg.go.dev/testing#hdr-Examples */
const GO_OUTPUT = /^\s*\/\/\s*(?:unordered )?output:/im;

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
  return { kind: suite ? 'suite' : 'case', name, skipped: skip.exec(marks)?.[0] ?? null, only: null, body };
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

interface Around {
  readonly names: readonly string[];
  readonly skipped: string | null;
}

/** Every case, in order. Suites say their names and their marks to what stands in them. */
export function casesIn(source: Source): readonly TestCase[] {
  const found: TestCase[] = [];
  const parents: SyntaxNode[] = [];
  const visit = (node: SyntaxNode, around: Around): void => {
    const seen = foundAt(source, node, parents);
    let inside = around;
    if (seen !== null) {
      const skipped = around.skipped ?? seen.skipped ?? givesUp(source, seen.body);
      inside = { names: [...around.names, seen.name], skipped };
      if (seen.kind === 'case') {
        const nested = (below: SyntaxNode): boolean => foundAt(source, below, [node])?.kind !== 'case';
        const assertions = assertionsIn(source, seen.body, nested);
        const name = inside.names.join(' > ');
        found.push({ name, line: node.line, skipped, only: seen.only, assertions, text: textOf(source, node) });
      } else if (seen.only !== null) {
        found.push({
          name: inside.names.join(' > '),
          line: node.line,
          skipped: null,
          only: seen.only,
          assertions: [],
          text: '',
        });
      }
    }
    parents.push(node);
    for (const child of node.children) visit(child, inside);
    parents.pop();
  };
  const whole = /^[ \t]*pytestmark\s*=\s*.*\b(?:skip|skipif|xfail)\b/m.exec(source.text)?.[0].trim() ?? null;
  visit(source.root, { names: [], skipped: source.language === 'python' ? whole : null });
  return found;
}
