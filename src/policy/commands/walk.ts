/** Walks a syntax tree: every simple command in it, however deep, and what cannot be followed. */
import { forEachChild, type Assignment, type Command, type SyntaxNode, type Word } from 'unbash';
import type { ParsedScript, Redirection as RedirectionNode } from 'unbash';
import { plain, type Assigned, type Redirection, type ShellWord, type SimpleCommand } from './model.ts';
import { shellWords, type Variables } from './words.ts';

export interface Line {
  readonly commands: readonly SimpleCommand[];
  /** Why something in it cannot be followed, each in one sentence. */
  readonly doubts: readonly string[];
}

interface Walk {
  readonly commands: SimpleCommand[];
  readonly doubts: string[];
  /** Names that the line assigns anywhere: their value inside a loop is not that of the loop alone. */
  readonly assigned: ReadonlySet<string>;
}

interface Place {
  readonly variables: Variables;
  readonly feeders: SimpleCommand['feeders'];
}

/** Nested loops are walked once for each value. */
const MAX_COMMANDS = 500;
const MAX_LOOP_VALUES = 32;

/** The shell evaluates names in arithmetic, and the text in them again, with the substitutions that are in it. */
const PLAIN_ARITHMETIC = /^[\s\d+*/%()<>=!&|^~?:,-]*$/;

const COMPARES_NUMBERS = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);

function assignedValue(node: Assignment, variables: Variables): ShellWord | null {
  if (node.append === true || node.index !== undefined || node.value.type === 'ArrayValue') return null;
  const [only, ...more] = shellWords(node.value, variables);
  return more.length === 0 ? (only ?? null) : null;
}

function redirection(node: RedirectionNode, variables: Variables): Redirection | null {
  if (node.type === 'HereDoc' || node.type === 'HereString') return null;
  if (node.target === undefined) return null;
  const [target, ...more] = shellWords(node.target, variables);
  if (target === undefined || more.length > 0) return null;
  const number = /^(\d+-?|-)$/.test(target.source);
  if ((node.operator === '>&' || node.operator === '<&') && number) return null;
  return { writes: node.operator !== '<' && node.operator !== '<&', target };
}

function redirections(nodes: readonly RedirectionNode[], variables: Variables): readonly Redirection[] {
  return nodes.flatMap((node) => redirection(node, variables) ?? []);
}

function simpleCommand(node: Command, { variables, feeders }: Place): SimpleCommand {
  const words = [node.name, ...node.args].flatMap((argument) => {
    if (argument === undefined) return [];
    if (argument.type === 'Word') return shellWords(argument, variables);
    // After a builtin such as `export`: a word like any other to a rule.
    const value = assignedValue(argument, variables);
    const text = value === null || value.value === null ? null : `${argument.name}=${value.value}`;
    return [{ source: argument.text, value: text, glob: false, home: false }];
  });
  const assignments = node.prefix.flatMap((one): readonly Assigned[] =>
    one.type === 'Assignment' ? [{ name: one.name, value: assignedValue(one, variables) }] : [],
  );
  return { words, assignments, redirections: redirections(node.redirects, variables), feeders };
}

/** The words of a simple command; none for what is compound. */
function wordsOf(node: SyntaxNode, variables: Variables): readonly ShellWord[] {
  return node.type === 'Command' ? simpleCommand(node, { variables, feeders: [] }).words : [];
}

const NAMES_IN_ARITHMETIC = 'arithmetic with names in it evaluates what they hold';

function arithmeticDoubt(node: SyntaxNode): string | null {
  if (node.type === 'ArithmeticFor') return 'a loop over arithmetic evaluates what its names hold';
  if (node.type === 'ArithmeticCommand') return PLAIN_ARITHMETIC.test(node.body) ? null : NAMES_IN_ARITHMETIC;
  if (node.type !== 'ArithmeticExpansion') return null;
  const inner = node.text.replace(/^\$\(\(|\)\)$|^\$\[|\]$/g, '');
  return PLAIN_ARITHMETIC.test(inner) ? null : NAMES_IN_ARITHMETIC;
}

function variableDoubt(node: SyntaxNode): string | null {
  if (node.type !== 'ParameterExpansion') return null;
  if (node.prefix === '!' || node.operation?.type === 'Transform') return 'a variable names another variable';
  return node.index === undefined || /^[\d@*]+$/.test(node.index.text) ? null : 'a subscript is evaluated';
}

function testDoubt(node: SyntaxNode): string | null {
  if (node.type === 'TestUnary') {
    return node.operator === '-v' || node.operator === '-R' ? `\`${node.operator}\` evaluates its operand` : null;
  }
  if (node.type !== 'TestBinary' || !COMPARES_NUMBERS.has(node.operator)) return null;
  const numbers = [node.left, node.right].every((side) => /^-?\d+$|^\$[?#]$/.test(side.text));
  return numbers ? null : `\`${node.operator}\` evaluates its operands`;
}

/** Why this kind of node cannot be followed; null where it can, or where its parts say enough. */
function doubtAbout(node: SyntaxNode): string | null {
  if (node.type === 'Function')
    return `it defines the function \`${node.name.text}\`, and what a name runs is then open`;
  if (node.type === 'Coproc') return 'it starts a coprocess';
  if (node.type === 'HereDoc' && node.closing === undefined) return 'a here-document in it has no end';
  if (node.type === 'Select') return 'it asks a terminal with `select`';
  return arithmeticDoubt(node) ?? variableDoubt(node) ?? testDoubt(node);
}

function loop(walk: Walk, node: SyntaxNode & { type: 'For' }, place: Place): void {
  const values = node.wordlist?.flatMap((word) => shellWords(word, place.variables)) ?? [];
  for (const word of node.wordlist ?? []) visit(walk, word, place);
  const name = node.name.text;
  // A loop assigns: `for PATH in …` as well.
  walk.commands.push({ words: [], assignments: [{ name, value: plain('…') }], redirections: [], feeders: [] });
  const known = node.wordlist !== undefined && values.length <= MAX_LOOP_VALUES && !walk.assigned.has(name);
  const without = new Map([...place.variables].filter(([other]) => other !== name));
  // A list that is empty or unknown still has a body to judge.
  const bodies: Variables[] =
    known && values.length > 0 ? values.map((value) => new Map([...without, [name, value]])) : [without];
  for (const variables of bodies) visit(walk, node.body, { variables, feeders: [] });
}

function pipeline(walk: Walk, node: SyntaxNode & { type: 'Pipeline' }, place: Place): void {
  const feeders = [...place.feeders];
  for (const command of node.commands) {
    visit(walk, command, { variables: place.variables, feeders: [...feeders] });
    feeders.push(wordsOf(command, place.variables));
  }
}

function visit(walk: Walk, node: SyntaxNode, place: Place): void {
  if (walk.commands.length > MAX_COMMANDS) {
    if (walk.doubts.at(-1) !== TOO_MANY) walk.doubts.push(TOO_MANY);
    return;
  }
  const doubt = doubtAbout(node);
  if (doubt !== null) walk.doubts.push(doubt);
  if (node.type === 'Script') {
    const [error] = node.errors ?? [];
    if (error !== undefined) walk.doubts.push(`a substitution in it cannot be read: ${error.message}`);
  }
  if (node.type === 'For') {
    loop(walk, node, place);
    return;
  }
  if (node.type === 'Pipeline') {
    pipeline(walk, node, place);
    return;
  }
  if (node.type === 'Command') walk.commands.push(simpleCommand(node, place));
  if (node.type === 'Redirected') {
    const around = { words: [], assignments: [], feeders: [] };
    walk.commands.push({ ...around, redirections: redirections(node.redirects, place.variables) });
  }
  // What a substitution runs is not fed by the pipeline around it, but reads what that reads.
  forEachChild(node, (child) => visit(walk, child, place));
}

const TOO_MANY = `it would run more than ${MAX_COMMANDS} commands`;

function assignedNames(node: SyntaxNode, into: Set<string>): ReadonlySet<string> {
  if (node.type === 'Assignment') into.add(node.name);
  forEachChild(node, (child) => void assignedNames(child, into));
  return into;
}

/** Whether redirections have targets that are no single word: bash refuses those itself. */
function oddRedirections(node: SyntaxNode): boolean {
  let found = false;
  const look = (one: SyntaxNode): void => {
    if (one.type === 'Redirect' && (one.target === undefined || isSeveral(one.target))) found = true;
    forEachChild(one, look);
  };
  look(node);
  return found;
}

function isSeveral(word: Word): boolean {
  return shellWords(word, new Map()).length !== 1;
}

export function walkScript(script: ParsedScript): Line {
  const walk: Walk = { commands: [], doubts: [], assigned: assignedNames(script, new Set()) };
  visit(walk, script, { variables: new Map(), feeders: [] });
  if (oddRedirections(script)) walk.doubts.push('a redirection goes to more than one file');
  return { commands: walk.commands, doubts: [...new Set(walk.doubts)] };
}
