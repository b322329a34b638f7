/** From a line to everything it would do: wrappers taken off, inner command lines read. */
import { isPlain, plain, type Part, type ShellWord, type SimpleCommand } from './model.ts';
import { readScript } from './syntax.ts';
import { walkScript } from './walk.ts';
import { unwrap } from './wrappers.ts';

/** `sh -c "sh -c …"`: nobody writes more than two of them. */
const MAX_DEPTH = 6;

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash']);

/** What a shell may be told before `-c`; `-l` reads the profile of a home that loopwright made. */
const SHELL_FLAGS = /^(?:-[euxlv]*c|-[euxlv]+|--norc|--noprofile|--posix)$/;

interface Context {
  readonly feeders: SimpleCommand['feeders'];
  readonly via: readonly (readonly ShellWord[])[];
  readonly open: boolean;
  readonly depth: number;
}

/** The text behind `-c`; null where the command is no `sh -c TEXT` of a form that is known. */
function shellText(words: readonly ShellWord[]): ShellWord | null {
  let sawC = false;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) return null;
    if (sawC) return index === words.length - 1 ? word : null;
    if (!isPlain(word)) return null;
    if (word.value === '-o' || word.value === '-eo' || word.value === '-euo' || word.value === '-ceuo') {
      const option = words[index + 1];
      if (!isPlain(option) || option.value !== 'pipefail') return null;
      index += 1;
    } else if (!SHELL_FLAGS.test(word.value)) return null;
    if (/^-[a-z]*c[a-z]*$/.test(word.value)) sawC = true;
  }
  return null;
}

/** The command line that a shell or `eval` is given, where all of it is known. */
function innerText(name: string, words: readonly ShellWord[]): string | null {
  if (SHELLS.has(name)) {
    const text = shellText(words);
    return text !== null && isPlain(text) ? text.value : null;
  }
  const rest = words.slice(1);
  if (name !== 'eval' || rest.length === 0 || !rest.every(isPlain)) return null;
  return rest.map((word) => word.value).join(' ');
}

function inner(text: string, context: Context): readonly Part[] {
  if (context.depth >= MAX_DEPTH) return [{ kind: 'doubt', why: 'command lines are nested too deep in it' }];
  return lineParts(text, { ...context, depth: context.depth + 1 });
}

/** Commands that `find` starts for what it finds. Its own words are judged apart. */
function findCommands(words: readonly ShellWord[], context: Context): readonly Part[] {
  const parts: Part[] = [];
  for (let index = 1; index < words.length; index += 1) {
    const value = words[index]?.value;
    if (value !== '-exec' && value !== '-execdir' && value !== '-ok' && value !== '-okdir') continue;
    const end = words.findIndex((word, at) => at > index && (word.value === ';' || word.value === '+'));
    const command = words.slice(index + 1, end === -1 ? words.length : end);
    parts.push(...commandParts(command, { ...context, feeders: [], via: [...context.via, words] }));
    if (end === -1) parts.push({ kind: 'doubt', why: `\`find ${value}\` has no end` });
    index = end === -1 ? words.length : end;
  }
  return parts;
}

function commandParts(words: readonly ShellWord[], context: Context): readonly Part[] {
  const [first] = words;
  if (first === undefined) return [];
  const base: Part = { kind: 'run', words, feeders: context.feeders, open: context.open, via: context.via };
  if (!isPlain(first)) return [base];
  const name = first.value.replace(/^\/(?:usr\/)?bin\//, '');
  if (context.via.length >= MAX_DEPTH) return [{ kind: 'doubt', why: 'too many programs run each other in it' }];
  const within: Context = { ...context, via: [...context.via, words] };
  const text = context.open ? null : innerText(name, words);
  if (text !== null) return inner(text, within);
  if (name === 'find') return [base, ...findCommands(words, context)];
  const unwrapped = unwrap(words);
  if (unwrapped === null) return [base];
  if (typeof unwrapped === 'string') return [base, { kind: 'doubt', why: unwrapped }];
  const rest = words.slice(unwrapped.from);
  // A wrapper without a command prints something (`env`) or does nothing; a rule may name it.
  if (rest.length === 0) return [base];
  const set = (unwrapped.assigned ?? []).map(({ name: variable, value }): Part => ({
    kind: 'set',
    name: variable,
    passedOn: true,
    value: plain(value),
  }));
  const open = context.open || unwrapped.open === true;
  return [...set, ...commandParts(rest, { ...within, open })];
}

function simpleParts(command: SimpleCommand, context: Context): readonly Part[] {
  const passedOn = command.words.length > 0;
  return [
    ...command.assignments.map(({ name, value }): Part => ({ kind: 'set', name, passedOn, value })),
    ...command.redirections.map(({ writes, target }): Part =>
      writes ? { kind: 'write', target } : { kind: 'read', target },
    ),
    ...commandParts(command.words, { ...context, feeders: [...context.feeders, ...command.feeders] }),
  ];
}

function lineParts(text: string, context: Context): readonly Part[] {
  const reading = readScript(text);
  if (!reading.ok) return [{ kind: 'doubt', why: reading.problem }];
  const { commands, doubts } = walkScript(reading.script);
  return [
    ...doubts.map((why): Part => ({ kind: 'doubt', why })),
    ...commands.flatMap((command) => simpleParts(command, context)),
  ];
}

/** Everything a command line would do. Pure; never throws, whatever the text is. */
export function partsOf(text: string): readonly Part[] {
  return lineParts(text, { feeders: [], via: [], open: false, depth: 0 });
}
