/**
 * Code that asks whether it is being tested, and code that answers one value with another where a test has the same two on
 * lines next to each other: an implementation that knows the answers instead of the way to them.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import { isTestPath } from './languages.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { COMMENTS, CONDITIONALS, flat, literalAt, part, textOf, within } from './syntax.ts';
import type { Literal, Source, SyntaxNode } from './syntax.ts';

const ASKS =
  /\bJEST_WORKER_ID\b|\bNODE_TEST_CONTEXT\b|\bVITEST(?:_\w+)?\b|\bPYTEST_CURRENT_TEST\b|["']pytest["'] in sys\.modules|["']unittest["'] in sys\.modules|\bMOCHA_\w+|\b(?:NODE_ENV|RAILS_ENV|RACK_ENV|APP_ENV|GO_ENV)\b.{0,12}[=!]==?.{0,4}["']test(?:ing)?["']|["']test(?:ing)?["'].{0,3}[=!]==?.{0,20}\b(?:NODE_ENV|RAILS_ENV|RACK_ENV|APP_ENV)\b|\bRails\.env\.test\?|\btesting\.Testing\(\)|flag\.Lookup\("test\.v"\)|\bcfg!\(test\)|\bPHPUNIT_\w+|\bPHPUnit\b.{0,20}\bclass_exists|class_exists\(.{0,40}PHPUnit|typeof (?:jest|vi|describe|it|expect)\b|\bsys\.argv\b.{0,40}(?:pytest|test)|\bprocess\.argv\b.{0,60}(?:jest|vitest|mocha|--test)|os\.Args\[0\].{0,40}\.test\b|getenv\(["']CI["']\)|process\.env\.CI\b|\bENV\[["']CI["']\]/;

/** A place where a program may well ask: what runs it, builds it or logs for it. */
const MAY_ASK =
  /(?:^|\/)(?:config|settings|environments?|build|webpack|rollup|vite|babel|tasks?|test-?utils?|testing)(?:[./]|$)|\.config\./i;

function asks(file: ReadFile): readonly ContentSighting[] {
  const { path, after, content, isTest, isAside } = file;
  if (isTest || isAside || MAY_ASK.test(path) || after?.source == null) return [];
  const comments = new Set<number>();
  for (const node of within(after.source.root)) if (COMMENTS.has(node.type)) comments.add(node.line);
  const known = new Set(content.removed.map(({ text }) => ASKS.exec(text)?.[0]));
  return content.added.flatMap(({ line, text }) => {
    const seen = comments.has(line) ? null : ASKS.exec(text);
    if (seen === null || known.has(seen[0])) return [];
    return [
      sightingIn(
        'special-cased',
        path,
        { side: 'added', line },
        `asks whether it is being tested: ${shown(text.trim())}`,
      ),
    ];
  });
}

/** One value answered with another. */
interface Answer {
  /** The switch or the table it stands in; a condition stands for itself. */
  readonly table: SyntaxNode;
  readonly given: string;
  readonly answer: string;
  readonly text: string;
  readonly line: number;
}

const PLAIN_NUMBER = /^-?(?:0|1|2|10|100|1000|0\.0|1\.0|0x[0-9a-f]{1,2})$/i;

/** Values that say something about one case only. */
function isTelling(literal: Literal | null): literal is Literal {
  if (literal === null || literal.kind === 'word') return false;
  return literal.kind === 'number' ? !PLAIN_NUMBER.test(literal.value) : literal.value.trim().length > 3;
}

/** The literal that a condition compares something with for equality. */
function comparedWith(source: Source, condition: SyntaxNode): readonly Literal[] {
  const found: Literal[] = [];
  for (const node of within(condition)) {
    const [left, right] = node.children;
    if (!/^(?:binary_expression|comparison_operator|binary|binary_operator)$/.test(node.type)) continue;
    if (left === undefined || right === undefined || !/^\s*===?\s*$/.test(source.text.slice(left.end, right.start)))
      continue;
    const [one, other] = [literalAt(source, left), literalAt(source, right)];
    const literal = one === null ? other : other === null ? one : null;
    if (literal !== null) found.push(literal);
  }
  return found;
}

/** The only thing that a branch does is to answer with a literal. */
function answeredWith(source: Source, branch: SyntaxNode | undefined): Literal | null {
  let at = branch;
  while (at !== undefined) {
    const literal = literalAt(source, at);
    if (literal !== null) return literal;
    const told: readonly SyntaxNode[] = at.children.filter(({ type }) => !COMMENTS.has(type));
    if (!/block|statement|return|then|list|arrow/.test(at.type) || told.length !== 1) return null;
    at = told[0];
  }
  return null;
}

function answersAt(source: Source, node: SyntaxNode): readonly (readonly [Literal | null, Literal | null])[] {
  if (CONDITIONALS.has(node.type)) {
    const condition = part(node, 'condition') ?? node.children[0];
    const branch =
      part(node, 'consequence') ?? part(node, 'body') ?? node.children.find((child) => child !== condition);
    if (condition === undefined) return [];
    const answer = answeredWith(source, branch);
    return comparedWith(source, condition).map((given) => [given, answer] as const);
  }
  if (/^(?:switch_case|match_arm|expression_case|when|case_clause|switch_section)$/.test(node.type)) {
    const [given, ...rest] = node.children;
    return given === undefined
      ? []
      : [[literalAt(source, given) ?? literalAt(source, given.children[0]), answeredWith(source, rest.at(-1))]];
  }
  if (/^(?:pair|keyed_element|array_element_initializer)$/.test(node.type)) {
    const [key, value] = node.children;
    return [[literalAt(source, key), literalAt(source, value)]];
  }
  return [];
}

function answersIn(side: Side | null): readonly Answer[] {
  const source = side?.source ?? null;
  if (source === null) return [];
  const found: Answer[] = [];
  const seen = (node: SyntaxNode, table: SyntaxNode): void => {
    for (const [given, answer] of answersAt(source, node)) {
      if (!isTelling(given) || answer === null || given.value === answer.value) continue;
      if (given.kind === 'string' && !isTelling(answer)) continue;
      found.push({
        table,
        given: given.value,
        answer: answer.value,
        text: flat(textOf(source, node)),
        line: node.line,
      });
    }
  };
  for (const parent of within(source.root)) {
    for (const node of parent.children) seen(node, CONDITIONALS.has(node.type) ? node : parent);
  }
  return found;
}

/** Lines between which a test says what goes in and what should come out. */
const NEAR_LINES = 2;

function stands(value: string, text: string): boolean {
  const at = text.indexOf(value);
  if (at < 0) return false;
  const beside = `${text[at - 1] ?? ''}${text[at + value.length] ?? ''}`;
  return !/[\w.]/.test(beside);
}

function near(answer: Answer, text: string): boolean {
  const lines = text.split('\n');
  return lines.some((line, at) => {
    if (!stands(answer.given, line)) return false;
    const around = lines.slice(at, at + NEAR_LINES + 1).join('\n');
    return stands(answer.answer, around.replace(answer.given, ''));
  });
}

/** Names to look for in the tests at a time, and test files that are read. */
const MOST_ASKED = 40;
const MOST_TESTS = 40;

function wordOf(value: string): string {
  return /[\p{L}\p{N}_]{2,}/gu.exec(value)?.[0] ?? '';
}

async function testTexts(change: ReadChange, answers: readonly Answer[]): Promise<readonly string[]> {
  const words = [...new Set(answers.map(({ given }) => wordOf(given)).filter((word) => word !== ''))].slice(
    0,
    MOST_ASKED,
  );
  if (words.length === 0) return [];
  const mentions = await change.head.mentions(words);
  const paths = [...new Set([...mentions.values()].flat())].filter(isTestPath).slice(0, MOST_TESTS);
  const texts = await Promise.all(paths.map((path) => change.head.read(path)));
  return texts.filter((bytes) => bytes !== null).map((bytes) => Buffer.from(bytes).toString('utf8'));
}

export async function specialCases(change: ReadChange): Promise<readonly ContentSighting[]> {
  const fresh = change.files
    .filter(({ isTest, isAside }) => !isTest && !isAside)
    .flatMap((file) => {
      const known = new Set(answersIn(file.before).map(({ given, answer }) => `${given}\n${answer}`));
      return answersIn(file.after)
        .filter(({ given, answer }) => !known.has(`${given}\n${answer}`))
        .map((answer) => ({ file, answer }));
    });
  const texts = await testTexts(
    change,
    fresh.map(({ answer }) => answer),
  );
  // Of a table of many answers a test asks for one or two; a table made for the tests is asked for most of it.
  const answered = [...Map.groupBy(fresh, ({ answer }) => answer.table).values()]
    .flatMap((all) => {
      const asked = all.filter(({ answer }) => texts.some((text) => near(answer, text)));
      return asked.length * 2 >= all.length ? asked : [];
    })
    .map(({ file, answer }) =>
      sightingIn(
        'special-cased',
        file.path,
        { side: 'added', line: answer.line },
        `answers ${shown(answer.given)} with ${shown(answer.answer)}, as a test does: ${shown(answer.text)}`,
      ),
    );
  return [...change.files.flatMap(asks), ...answered];
}
