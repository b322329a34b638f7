/** Programs whose only work is to run another one: taking them off. */
import { isPlain, type ShellWord } from './model.ts';

export interface Unwrapped {
  /** Index of the first word of the command inside; the length of the words where there is none. */
  readonly from: number;
  /** Assignments that stand before it (`env A=1 B=2 command`). */
  readonly assigned?: readonly { readonly name: string; readonly value: string }[];
  /** Words are added to it that nobody knows yet. */
  readonly open?: boolean;
}

/** Options without a value and with one, and how many words stand before the command. */
interface WrapperForm {
  readonly flags: RegExp;
  readonly valued: RegExp;
  readonly before: number;
  readonly assigns?: boolean;
  readonly open?: boolean;
}

const NOTHING = /^(?!)/;

const WRAPPERS: ReadonlyMap<string, WrapperForm> = new Map<string, WrapperForm>([
  ['command', { flags: /^-p$/, valued: NOTHING, before: 0 }],
  ['builtin', { flags: NOTHING, valued: NOTHING, before: 0 }],
  ['exec', { flags: /^-c$/, valued: NOTHING, before: 0 }],
  ['nohup', { flags: NOTHING, valued: NOTHING, before: 0 }],
  ['time', { flags: /^-[pv]$/, valued: NOTHING, before: 0 }],
  ['nice', { flags: /^(?:-\d+|-n-?\d+|--adjustment=-?\d+)$/, valued: /^(?:-n|--adjustment)$/, before: 0 }],
  ['ionice', { flags: /^-(?:c\d|n\d|t)$/, valued: /^-[cn]$/, before: 0 }],
  ['chrt', { flags: /^-[abfior]+$/, valued: NOTHING, before: 1 }],
  ['stdbuf', { flags: /^(?:-[ioe][0L\d].*|--(?:input|output|error)=\w+)$/, valued: /^-[ioe]$/, before: 0 }],
  [
    'timeout',
    {
      flags: /^(?:--preserve-status|--foreground|-v|--verbose|-k\d.*|-s\w+|--signal=\w+|--kill-after=\w+)$/,
      valued: /^-[ks]$/,
      before: 1,
    },
  ],
  ['env', { flags: /^(?:-i|--ignore-environment)$/, valued: NOTHING, before: 0, assigns: true }],
  ['cross-env', { flags: NOTHING, valued: NOTHING, before: 0, assigns: true }],
  [
    'xargs',
    {
      flags: /^(?:-[0rtx]+|--null|--no-run-if-empty|-[nPLI][^-].*|-d.+|--max-(?:args|procs|lines)=\d+|--delimiter=.+)$/,
      valued: /^(?:-[nPLId]|--max-args|--max-procs|--delimiter)$/,
      before: 0,
      open: true,
    },
  ],
]);

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

type Step = 'skip' | 'skip two' | 'before' | 'inside' | { readonly name: string; readonly value: string };

/** What a word of a wrapper is; null: an option that is not known. */
function stepOf(form: WrapperForm, value: string, before: number): Step | null {
  const assignment = form.assigns === true ? ASSIGNMENT.exec(value) : null;
  if (assignment?.[1] !== undefined) return { name: assignment[1], value: assignment[2] ?? '' };
  if (value === '--' || form.flags.test(value)) return 'skip';
  if (form.valued.test(value)) return 'skip two';
  if (value.startsWith('-')) return null;
  return before > 0 ? 'before' : 'inside';
}

function formOf(words: readonly ShellWord[]): readonly [string, WrapperForm] | null {
  const [first] = words;
  if (!isPlain(first)) return null;
  const name = first.value.replace(/^\/(?:usr\/)?bin\//, '');
  // `command -v node` only says where a program is.
  if (name === 'command' && /^-[vV]$/.test(words[1]?.value ?? '')) return null;
  const form = WRAPPERS.get(name);
  return form === undefined ? null : [name, form];
}

/**
 * Takes one wrapper off. null: the first word is no wrapper that is known here. A string: it is one, and why it cannot be
 * taken off.
 */
export function unwrap(words: readonly ShellWord[]): Unwrapped | string | null {
  const found = formOf(words);
  if (found === null) return null;
  const [name, form] = found;
  const assigned: { name: string; value: string }[] = [];
  let before = form.before;
  let index = 1;
  for (; index < words.length; index += 1) {
    const word = words[index];
    if (!isPlain(word)) {
      // The name of what it runs: judged as a name.
      if (before === 0) break;
      return `a word of \`${name}\` is not known before it runs`;
    }
    const step = stepOf(form, word.value, before);
    if (step === null) return `the option \`${word.value}\` of \`${name}\` is not known to be harmless`;
    if (step === 'inside') break;
    if (step === 'before') before -= 1;
    else if (step === 'skip two') index += 1;
    else if (step !== 'skip') assigned.push(step);
  }
  return { from: Math.min(index, words.length), assigned, open: form.open === true };
}
