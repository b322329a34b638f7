/**
 * Code that answers one value with another where a test has the same two on lines next to each other: an implementation that
 * knows the answers instead of the way to them.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import { comparedWith } from './known-cases.ts';
import type { ReadChange, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { COMMENTS, CONDITIONALS, flat, literalAt, part, textOf, within } from './syntax.ts';
import type { Literal, Source, SyntaxNode } from './syntax.ts';
import { standsAlone, testsThatMention } from './tests-around.ts';

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

/** They stand around everything. */
function isPlain({ answer }: Answer): boolean {
  return PLAIN_NUMBER.test(answer) || /^[A-Za-z]+$/.test(answer);
}

/** `wait` of `const wait = delay(413);`. */
const BOUND = /([\w$]+)\s*:?=(?![=>])/;

/** The lines that say what comes of an input: those below it, and of `0` and `true` only those that speak of what it was given to. */
function linesAbout(answer: Answer, [line = '', ...below]: readonly string[]): string {
  if (!isPlain(answer)) return [line, ...below].join('\n');
  const name = BOUND.exec(line.slice(0, line.indexOf(answer.given)))?.[1];
  return [line, ...(name === undefined ? [] : below.filter((one) => standsAlone(name, one)))].join('\n');
}

function near(answer: Answer, text: string): boolean {
  const lines = text.split('\n');
  return lines.some((line, at) => {
    if (!standsAlone(answer.given, line)) return false;
    const around = linesAbout(answer, lines.slice(at, at + NEAR_LINES + 1));
    // An answer that holds the input is not told apart from it by taking that away.
    const rest = answer.answer.includes(answer.given) ? around : around.replace(answer.given, '');
    return standsAlone(answer.answer, rest);
  });
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
  const texts = await testsThatMention(
    change,
    fresh.map(({ answer }) => answer.given),
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
  return answered;
}
