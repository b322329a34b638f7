/**
 * Code made for the cases that tests ask for: a condition on a text that only a test would say, and a table of numbers inside a
 * function, keyed by the inputs of tests. Unlike `special-cased.ts` it does not need the expected answer in the test.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { CLOSURES, COMMENTS, CONDITIONALS, FUNCTIONS, flat, literalAt, part, textOf, within } from './syntax.ts';
import type { Literal, Source, SyntaxNode } from './syntax.ts';
import { standsAlone, testsThatMention } from './tests-around.ts';

interface Known {
  /** Texts or numbers of which tests have to hold enough. */
  readonly cases: readonly string[];
  /** How many of them have to stand in tests. */
  readonly enough: number;
  readonly words: string;
  readonly line: number;
}

/** The literals that a condition compares something with for equality. */
export function comparedWith(source: Source, condition: SyntaxNode): readonly Literal[] {
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

/** Names, media types, headers, flags, versions, paths of modules, globs: what programs ask for all day. */
const USUAL =
  /^(?:[\w$]+(?:[-./:@][\w$*+-]+)*[:;]?|--?[\w-]+=?|[.\w-]*\/[\w./*-]*|\.[\w.-]+|\W*|[\w-]+\/[\w.+-]+; ?\w+=[\w-]+|(?:[A-Z][\w-]*: ?)[\w-]*|use strict)$/;

/** Something one person made up: more than one word, or signs between them. */
function isOdd({ kind, value }: Literal): boolean {
  return kind === 'string' && value.trim().length >= 5 && value.length <= 200 && !USUAL.test(value);
}

function oddConditions(source: Source): readonly Known[] {
  const found: Known[] = [];
  for (const node of within(source.root)) {
    if (!CONDITIONALS.has(node.type)) continue;
    const condition = part(node, 'condition') ?? node.children[0];
    if (condition === undefined) continue;
    for (const literal of comparedWith(source, condition).filter(isOdd)) {
      const words = `asks for ${shown(literal.value)}, which a test says: ${shown(flat(textOf(source, condition)))}`;
      found.push({ cases: [literal.value], enough: 1, words, line: node.line });
    }
  }
  return found;
}

const TABLES = /^(?:object|dictionary|hash|composite_literal|array_creation_expression)$/;
const LISTS = /^(?:array|list|tuple|array_creation_expression|initializer_list)$/;

function isOfNumbers(source: Source, node: SyntaxNode | undefined): boolean {
  if (node === undefined) return false;
  if (literalAt(source, node)?.kind === 'number') return true;
  const parts = node.children.filter(({ type }) => !COMMENTS.has(type));
  return LISTS.test(node.type) && parts.length > 0 && parts.every((child) => isOfNumbers(source, child));
}

/** A number of fewer digits is in every test. */
const TELLING_NUMBER = /(?<![\d.])\d{3,}(?![\d.])/;

function casesOf(source: Source, table: SyntaxNode): readonly string[] | null {
  const entries = table.children.filter(({ type }) => !COMMENTS.has(type));
  const cases: string[] = [];
  for (const { type, children } of entries) {
    const [key, value] = children;
    if (!/^(?:pair|keyed_element|array_element_initializer)$/.test(type) || !isOfNumbers(source, value)) return null;
    const telling = TELLING_NUMBER.exec(key === undefined ? '' : textOf(source, key))?.[0];
    if (telling !== undefined) cases.push(telling);
  }
  return cases.length >= 2 && cases.length * 2 >= entries.length ? cases : null;
}

function isRoutine({ type }: SyntaxNode): boolean {
  return FUNCTIONS.has(type) || CLOSURES.has(type);
}

function numberTables(source: Source): readonly Known[] {
  const found: Known[] = [];
  // Those inside of others are looked through with them.
  const routines = [...within(source.root, (node) => !isRoutine(node))].filter(isRoutine);
  for (const table of routines.flatMap((routine) => [...within(routine)])) {
    const cases = TABLES.test(table.type) ? casesOf(source, table) : null;
    if (cases === null) continue;
    const words = `answers from a table of numbers that is keyed by inputs of tests: ${shown(flat(textOf(source, table)))}`;
    found.push({ cases, enough: Math.max(2, Math.ceil(cases.length / 2)), words, line: table.line });
  }
  return found;
}

function knownIn(side: Side | null): readonly Known[] {
  const source = side?.source ?? null;
  return source === null ? [] : [...oddConditions(source), ...numberTables(source)];
}

function freshIn({ before, after, isTest, isAside }: ReadFile): readonly Known[] {
  if (isTest || isAside) return [];
  const known = new Set(knownIn(before).map(({ cases }) => cases.join('\n')));
  return knownIn(after).filter(({ cases }) => !known.has(cases.join('\n')));
}

export async function knownCases(change: ReadChange): Promise<readonly ContentSighting[]> {
  const fresh = change.files.flatMap((file) => freshIn(file).map((known) => ({ path: file.path, known })));
  const texts = await testsThatMention(
    change,
    fresh.flatMap(({ known }) => known.cases),
  );
  return fresh
    .filter(({ known: { cases, enough } }) =>
      texts.some((text) => cases.filter((value) => standsAlone(value, text)).length >= enough),
    )
    .map(({ path, known }) => sightingIn('special-cased', path, { side: 'added', line: known.line }, known.words));
}
