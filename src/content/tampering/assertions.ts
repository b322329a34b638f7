/**
 * What a test asserts, read from the calls and statements that runners know: about what, with which matcher, how exactly.
 * An assertion of a kind that is not known here counts as one of middling strength, so that losing it is still a loss.
 */
import type { LanguageId, Source, SyntaxNode } from './syntax.ts';
import {
  CALLS,
  CATCHES,
  CLOSURES,
  COMMENTS,
  CONDITIONALS,
  FUNCTIONS,
  TRIES,
  callAt,
  codeOf,
  flat,
  lastName,
  literalAt,
  part,
  textOf,
  within,
} from './syntax.ts';
import type { Call } from './syntax.ts';

/** 0 nothing (a constant), 1 that something is there, 2 a property of it, 3 what it is. */
export type Strength = 0 | 1 | 2 | 3;

export interface Assertion {
  /** The whole of it on one line, without `await` and `return`. */
  readonly text: string;
  /** What is looked at: `slugify(a)`. */
  readonly subject: string;
  /** How: `toBe`, `==`. */
  readonly matcher: string;
  /** What it should be; empty where the matcher says it. */
  readonly expected: string;
  readonly strength: Strength;
  /** Waited for: awaited, returned or yielded. */
  readonly awaited: boolean;
  /** Stands in a branch. */
  readonly conditional: boolean;
  /** Stands where its failure is caught. */
  readonly guarded: boolean;
  /** Stands in a function with a name, within the test: nothing says that it is called. */
  readonly deferred: boolean;
  readonly line: number;
}

/** Names of calls that assert, in any of the languages; `t.error` of Go is a failure, not a log. */
const ASSERTS =
  /^(?:(?:chai\.)?(?:expect|assert|should|expectTypeOf|assertType|assertThat|assertSoftly|verify|verifyNoMoreInteractions|refute|ok|ensure|is_expected)\b|(?:t|tap|test|tc|st)\.(?:is|equal|equals|same|deepEqual|notDeepEqual|strictEqual|not|notEqual|ok|notOk|true|false|truthy|falsy|throws|throwsAsync|notThrows|match|regex|like|snapshot|error|rejects|resolves|strictSame|assert\.\w+)$|(?:t|b|tb)\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)$|(?:assert|require|is|c|qt|must|cmp)\.[A-Z]\w*$|self\.(?:assert|fail)\w*|(?:pytest|self)\.(?:raises|warns|assertRaises)|(?:np|numpy|tm|torch|pd)(?:\.\w+)?\.(?:testing\.)?assert_\w+|(?:\$this->|self::|static::|Assert::|Assertions\.|Assert\.|Xunit\.Assert\.|CollectionAssert\.|StringAssert\.|ClassicAssert\.|QUnit\.assert\.|sinon\.assert\.)\w*(?:assert|equal|same|true|false|null|throws|that|contain|empty|match|is|expectException|fail|multiple|instance|greater|less)\w*|(?:debug_)?assert\w*!?$|insta::assert\w*|(?:pretty_assertions::)?assert\w*!$)/i;

/** Forms that hang on what they are about: `x.should.equal`, `x.Should().Be`, `x.must_equal`, `mock.assert_called_with`. */
const HANGING = /\.(?:should\b|Should\(|must_\w+$|wont_\w+$|assert_\w+$|expect\w*\()/;

/** Helpers of a suite that look like they assert; they count, and nothing is known of their strength. */
const HELPER = /(?:^|[._>:])(?:assert|expect|verify|check|must|should|ensure|validate)(?:[A-Z_]\w*)?$/;

const WEAK =
  /^(?:tobetruthy|tobefalsy|tobedefined|tobeok|toexist|ok|notok|truthy|falsy|assert|asserttrue|assertfalse|assertnotnull|assertisnotnone|assertnotnil|notnull|notnil|isnotnull|isnotempty|notempty|assertnotempty|exist|exists|present|bepresent|betruthy|befalsy|benil\?|notbenull|notbeempty|benonnull|refutenil|tobeinstanceof|instanceof|assertinstanceof|isa|isinstanceof|isinstance|assertisinstance|bea|bean|istype|isassignablefrom|anything|issome|isok|assertissome|notthrow|notthrows|assertnotthrows|doesnotthrow|assertdoesnotthrow|doesnotraise|noerror|nothrow|failnow|true|false|istrue|isfalse|refute|be_truthy)$/;

const EXACT =
  /^(?:to)?(?:be|equal|equals|eq|eql|eqls|eqs|same|strictequal|deepequal|deepstrictequal|strictsame|is|isequal|isequalto|issameas|iseq|deepequals|benull|beundefined|benan|havelength|havecount|havesize|hassize|havebeencalledwith|havebeencalledtimes|havebeencalledexactlyoncewith|mustequal|mustbenil|wontbenil|assertequal|assertequals|asserteq|asserteqq|assertsame|assertnull|assertnil|assertisnone|assertlistequal|assertdictequal|assertsetequal|asserttupleequal|assertsequenceequal|assertcountequal|assertarrayequals|assertiterableequals|assertis|assertarrayequal|assertcalledwith|assertcalledoncewith|assertcalledonce|empty|beempty|isempty|nil|null|isnull|isnil|benil|len|count|matcharray|containexactly|exactly|jsoneq|equalvalues|elementsmatch|strictequals|===?)$/;

/** Of scripts: that there was no error (`Error` of other languages asks for one), and how many assertions are to come. */
const OF_NO_VALUE = /^(?:error|ifError|assertions|hasAssertions)$/;

function strengthOfMatcher(matcher: string, negated: boolean): Strength {
  if (OF_NO_VALUE.test(matcher) || (negated && /^(?:to)?[tT]hrow(?:Error)?$/.test(matcher))) return 1;
  const plain = matcher.toLowerCase().replaceAll(/[_!]/g, '');
  if (WEAK.test(plain) || /^(?:assert)?not?(?:deep|strict)?(?:equals?|same|be|eq)$|^assertne$/.test(plain)) return 1;
  if (EXACT.test(plain)) return negated ? 1 : 3;
  return 2;
}

const TEXTS = /(["'`])(?:\\.|(?!\1)[^\\])*\1/g;

function withoutTexts(code: string): string {
  return code.replaceAll(TEXTS, '$1$1');
}

/** `type(a) is bytes` of Python: the very same thing. */
const IDENTICAL = /[\s)\]]is (?!(?:not|None|True|False)\b)/;

/** A condition that is asserted as it stands: `assert a == b`. */
function strengthOfCondition(language: LanguageId, condition: string): Strength {
  // What stands in a text compares nothing.
  const text = withoutTexts(condition);
  if (language === 'python' && IDENTICAL.test(text)) return 3;
  if (/(?:===?|\.equals\(|\beq\?)/.test(text) && !/==\s*(?:true|True|null|None)$/.test(text)) return 3;
  // The kind of thing that it is: `F() is int`.
  if (language === 'csharp' && /\bis (?!not\b|null\b|true\b|false\b)[A-Za-z]/.test(text)) return 1;
  if (/!=|\bis not None\b|\bis not null\b/.test(text)) return 1;
  if (/[<>]|\bin\b|\bis\b|contain|include|match|startsWith|endsWith|starts_with|=~/.test(text)) return 2;
  return 1;
}

function isConstant(source: Source, node: SyntaxNode | undefined): boolean {
  if (node === undefined) return false;
  if (literalAt(source, node) !== null) return true;
  return node.children.length === 2 && node.children.every((child) => literalAt(source, child) !== null);
}

interface Said {
  readonly subject: string;
  readonly matcher: string;
  readonly expected: string;
  readonly strength: Strength;
}

/** A matcher that looks at truth alone is as strong as the condition it is given. */
const OF_TRUTH =
  /^(?:to)?_?(?:be|is)?_?(?:truthy|falsy|true|false|ok|assert|assert_?true|assert_?false|assert!|debug_assert!|refute|Assert|That)$/i;

function conditionSaid(source: Source, condition: SyntaxNode, matcher: string): Said {
  const text = flat(textOf(source, condition));
  const [left, right] = condition.children;
  const compared = /^(?:comparison_operator|binary_expression|binary|binary_operator)$/.test(condition.type);
  if (isConstant(source, condition)) return { subject: text, matcher, expected: '', strength: 0 };
  if (compared && left !== undefined && right !== undefined && condition.children.length === 2) {
    const operator = flat(source.text.slice(left.end, right.start));
    const subject = flat(textOf(source, left));
    return {
      subject,
      matcher: operator,
      expected: flat(textOf(source, right)),
      strength: strengthOfCondition(source.language, text),
    };
  }
  return { subject: text, matcher, expected: '', strength: strengthOfCondition(source.language, text) };
}

/** The call at the root of a chain, which holds what is looked at: `expect(a)` of `expect(a).not.toBe(b)`. */
function rootCall(source: Source, call: Call): Call | null {
  let found: Call | null = null;
  let at = call.inner;
  while (at !== undefined) {
    if (CALLS.has(at.type)) found = callAt(source, at);
    at = at.children.find(({ field }) => /^(?:function|object|receiver|operand|expression|value)$/.test(field ?? ''));
  }
  return found;
}

function words(source: Source, nodes: readonly SyntaxNode[]): string {
  return nodes.map((node) => flat(codeOf(source, node))).join(',');
}

/** `to eq(1)` of RSpec: the matcher is what is handed over. */
function rspecSaid(source: Source, call: Call, subject: string): Said {
  const [handed] = call.args;
  const inner = handed === undefined ? null : callAt(source, handed);
  const matcher = inner === null ? words(source, call.args.slice(0, 1)) : lastName(inner.callee);
  const strength = strengthOfMatcher(matcher.replace(/^be_(?:nil|empty)$/, 'benil'), lastName(call.callee) !== 'to');
  return { subject, matcher, expected: inner === null ? '' : words(source, inner.args), strength };
}

function chainSaid(source: Source, call: Call, root: Call): Said {
  const matcher = lastName(call.callee);
  const [about] = root.args;
  const subject = about === undefined ? root.callee : flat(textOf(source, about));
  if (source.language === 'ruby' && /^(?:to|not_to|to_not)$/.test(matcher)) return rspecSaid(source, call, subject);
  const constant = isConstant(source, about) && call.args.every((arg) => isConstant(source, arg));
  if (constant && about !== undefined) return { subject, matcher, expected: words(source, call.args), strength: 0 };
  const [first] = call.args;
  // `expect(a === b).toBe(true)` asserts the condition.
  if (about !== undefined && (OF_TRUTH.test(matcher) || literalAt(source, first)?.value === 'true')) {
    const said = conditionSaid(source, about, matcher);
    if (said.matcher !== matcher) return said;
  }
  const strength = strengthOfMatcher(matcher, /\.not\b|\.never\b/.test(call.callee));
  return { subject, matcher, expected: words(source, call.args), strength };
}

/** `assertEquals(1, f(2))`: what is no literal is what is looked at, whichever comes first. */
function plainSaid(source: Source, call: Call): Said {
  const matcher = lastName(call.callee) || call.callee;
  const given = source.language === 'go' && /^(?:t|tb|b|c)$/.test(words(source, call.args.slice(0, 1)));
  const args = given ? call.args.slice(1) : call.args;
  const [first, second] = args;
  if (first !== undefined && OF_TRUTH.test(matcher)) return conditionSaid(source, first, matcher);
  if (args.length >= 2 && isConstant(source, first) && isConstant(source, second)) {
    return { subject: words(source, [...args]), matcher, expected: '', strength: 0 };
  }
  // `pytest.warns(None)` looks on and asks for nothing.
  if (/^(?:warns|raises)$/.test(matcher) && literalAt(source, first)?.value === 'None') {
    return { subject: '', matcher, expected: '', strength: 0 };
  }
  const about = literalAt(source, first) !== null && second !== undefined ? second : first;
  const rest = args.filter((arg) => arg !== about);
  const strength = strengthOfMatcher(matcher, false);
  return {
    subject: about === undefined ? '' : flat(textOf(source, about)),
    matcher,
    expected: words(source, rest),
    strength,
  };
}

/** `assert_eq!(f(1), 2)`: a grammar sees the words of a macro, not what they mean. */
function macroSaid(source: Source, call: Call): Said {
  const tree = call.node.children.find(({ type }) => type === 'token_tree');
  const text = tree === undefined ? '' : flat(textOf(source, tree)).slice(1, -1);
  const matcher = lastName(call.callee.replace(/!$/, ''));
  // No name in it: `2 + 2, 4`, as the template of a new package has it.
  if (/^(?:true|false)\b|^[\d\s+*/.,=<>!-]+$/.test(text)) return { subject: text, matcher, expected: '', strength: 0 };
  const cut = text.indexOf(',');
  if (/_(?:eq|ne|matches)$/.test(matcher) && cut > 0) {
    const strength = matcher.endsWith('_eq') ? 3 : 1;
    const [subject, expected] = [text.slice(0, cut), text.slice(cut + 1)];
    return { subject, matcher, expected, strength: subject === expected ? 0 : strength };
  }
  return { subject: text, matcher, expected: '', strength: strengthOfCondition(source.language, text) };
}

function saidBy(source: Source, call: Call, branch: SyntaxNode | null): Said {
  if (call.node.type === 'macro_invocation') return macroSaid(source, call);
  if (source.language === 'go' && /^(?:t|b|tb)\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)$/.test(call.callee)) {
    const condition = branch === null ? undefined : part(branch, 'condition');
    const text = condition === undefined ? call.callee : flat(textOf(source, condition));
    // It fails where the condition holds: what it asserts is the opposite.
    const strength: Strength = /!=|Equal\(/.test(text) ? 3 : 2;
    return { subject: text, matcher: 'if', expected: '', strength: text === 'false' ? 0 : strength };
  }
  const root = rootCall(source, call);
  if (root !== null) return chainSaid(source, call, root);
  const hanging = /^(.*?)\.(?:should|must_|wont_)/.exec(call.callee)?.[1];
  if (hanging === undefined) return plainSaid(source, call);
  const matcher = lastName(call.callee);
  const strength = strengthOfMatcher(matcher, /\.not\b|wont_/.test(call.callee));
  return { subject: hanging, matcher, expected: words(source, call.args), strength };
}

interface Place {
  readonly awaited: boolean;
  readonly conditional: boolean;
  readonly guarded: boolean;
  readonly deferred: boolean;
  readonly branch: SyntaxNode | null;
}

type Facts = Pick<Assertion, 'text' | 'awaited' | 'conditional' | 'guarded' | 'deferred' | 'line'>;

const TOP: Place = { awaited: false, conditional: false, guarded: false, deferred: false, branch: null };

const WAITED: ReadonlySet<string> = new Set([
  'await_expression',
  'await',
  'return_statement',
  'return',
  'yield_expression',
]);

/** `later = () => ...`, `def later():`. */
function isNamedFunction({ type, children }: SyntaxNode): boolean {
  if (FUNCTIONS.has(type)) return true;
  if (!/^(?:variable_declarator|assignment(?:_expression)?|short_var_declaration)$/.test(type)) return false;
  const values = children.flatMap((child) => (child.type === 'expression_list' ? child.children : [child]));
  return values.some((value) => CLOSURES.has(value.type));
}

/** A loop over what is written down as nothing. */
function isEmptyLoop({ type, children }: SyntaxNode): boolean {
  if (!/^for_(?:in_)?statement$/.test(type)) return false;
  return children.some(
    (child) => child.field === 'right' && /^(?:list|array|tuple)$/.test(child.type) && child.children.length === 0,
  );
}

/** What standing in `node` says of what stands there. */
function placeIn(node: SyntaxNode, place: Place): Place {
  if (WAITED.has(node.type)) return { ...place, awaited: true };
  // `() => expect(a).resolves.toBe(b)` returns it; a body of statements does not.
  if (node.type === 'arrow_function') return { ...place, awaited: part(node, 'body')?.type !== 'statement_block' };
  if (isNamedFunction(node)) return { ...place, deferred: true, awaited: false };
  if (isEmptyLoop(node)) return { ...place, conditional: true, awaited: false };
  if (CONDITIONALS.has(node.type)) return { ...place, conditional: true, branch: node, awaited: false };
  const catches = node.children.some(({ type }) => CATCHES.has(type));
  if (TRIES.has(node.type) && catches) return { ...place, guarded: true, awaited: false };
  if (node.type === 'statement_block' || node.type === 'block') return { ...place, awaited: false };
  return place;
}

/** Types say nothing of what is asserted: `t.throwsAsync<ReadError>(...)`. */
function assertsByName(source: Source, { callee }: Call): boolean {
  const typed = source.language === 'script' ? /^[\w.]+(?=<)/.exec(callee)?.[0] : undefined;
  return ASSERTS.test(typed ?? callee) || HANGING.test(callee);
}

function factsOf(source: Source, node: SyntaxNode, { awaited, conditional, guarded, deferred }: Place): Facts {
  const whole = flat(codeOf(source, node));
  // Where a call names types, the grammar takes `await` for a part of what is called.
  const text = whole.replace(/^await /, '');
  return { text, awaited: awaited || text !== whole, conditional, guarded, deferred, line: node.line };
}

function assertionAt(source: Source, node: SyntaxNode, place: Place): Assertion | null {
  if (node.type !== 'assert_statement' && !CALLS.has(node.type)) return null;
  const call = callAt(source, node);
  const known = call !== null && assertsByName(source, call);
  if (call !== null && !known && (!HELPER.test(call.callee) || call.args.length === 0)) return null;
  const facts = factsOf(source, node, place);
  if (call === null) {
    const condition = node.children.find(({ type }) => !COMMENTS.has(type));
    return condition === undefined ? null : { ...facts, ...conditionSaid(source, condition, 'assert') };
  }
  if (!known) return { ...facts, subject: words(source, call.args), matcher: call.callee, expected: '', strength: 2 };
  const said = saidBy(source, call, place.branch);
  if (said.matcher !== 'if') return { ...facts, ...said };
  // In Go the branch is how a failure is told.
  return { ...facts, ...said, text: `if ${said.subject}: ${facts.text}`, conditional: false };
}

function isReturn({ type }: SyntaxNode): boolean {
  return type === 'return_statement' || type === 'return';
}

/** What is asserted in a piece of code, in order, up to where it always returns. `into` false leaves a node out. */
export function assertionsIn(
  source: Source,
  body: SyntaxNode,
  into: (node: SyntaxNode) => boolean,
): readonly Assertion[] {
  const found: Assertion[] = [];
  const visit = (node: SyntaxNode, place: Place): void => {
    if (node !== body && !into(node)) return;
    const assertion = assertionAt(source, node, place);
    if (assertion !== null) {
      found.push(assertion);
      return;
    }
    const inside = placeIn(node, place);
    for (const child of node.children) {
      // What stands in a catch or a finally is not guarded by it.
      const out = CATCHES.has(child.type) || child.type === 'finally_clause';
      visit(child, out ? { ...inside, guarded: place.guarded, conditional: true } : inside);
      if (isReturn(child) && !inside.conditional) return;
    }
  };
  visit(body, TOP);
  return found;
}

/** It calls something beside what it asserts: then it says at least that this does not fail. */
export function callsAside(source: Source, body: SyntaxNode): boolean {
  const isAssertion = (node: SyntaxNode): boolean => assertionAt(source, node, TOP) !== null;
  return [...within(body, (node) => !isAssertion(node))].some((node) => CALLS.has(node.type) && !isAssertion(node));
}
