/** Programs that nothing is known about: what the names of their options give away, and which programs only list names. */
import { isPlain, type Hazard, type ShellWord } from '../model.ts';
import { wordProblem } from '../paths.ts';
import { at } from './profile.ts';

/** In a name of an option. */
const TELLING =
  /exec|cmd|command|program|pager|editor|browser|shell|script|hook|plugin|extension|config|conf|rc|setup|require|import|load|eval|expr|code|output|out|log-?file|write|in-?place|dir|root|prefix|home|path|include|lib|module|agent|proxy|registry|index|url|host|server|remote|upload|download|bind|listen|askpass|cred|token|secret|pass|identity|env|user|sudo|force|delete|remove|destroy|prune|purge|reset|publish|deploy|preset|pre|post|transform|wrapper|runner|compiler|linker|tool|file|template|filter/i;

/** Letters that mean little more than how much is said. */
const QUIET_LETTERS = /^-[hvqVnalst1]+$/;

const VERBS = new Set(
  'exec eval shell console repl run-script runner publish deploy destroy drop purge upload download login logout install uninstall add remove config set serve server proxy tunnel ssh sudo su migrate apply import plugin plugins'.split(
    ' ',
  ),
);

function optionProblem(value: string): string | null {
  if (value === '--' || !/^-./.test(value)) return VERBS.has(value) ? 'may do more than the rule names' : null;
  if (value.startsWith('--'))
    return TELLING.test(value.replace(/=.*$/s, '')) ? 'may do more than the rule names' : null;
  return QUIET_LETTERS.test(value) ? null : 'is an option of a program that nothing is known about';
}

export function unknownProgram(words: readonly ShellWord[]): readonly Hazard[] {
  return words.flatMap((word, index) => {
    if (index === 0) return [];
    const open = word.glob && /^[*?[-]/.test(word.value ?? '') ? 'may give a name that is read as an option' : null;
    const problem = (word.value === null ? null : optionProblem(word.value)) ?? wordProblem(word) ?? open;
    return problem === null ? [] : [at(index, words, problem)];
  });
}

/**
 * Whether a command prints names of files of the workspace that hold no secrets, as far as their names say. Used for what
 * `xargs` gives on.
 */
export function listsNames(words: readonly ShellWord[]): boolean {
  if (!words.every(isPlain)) return false;
  const values = words.map((word) => word.value ?? '');
  const [name, ...rest] = values;
  const outside = words.slice(1).some((word) => !(word.value ?? '').startsWith('-') && wordProblem(word) !== null);
  if (outside) return false;
  if (name === 'git') return rest[0] === 'ls-files' || (rest[0] === 'diff' && rest.includes('--name-only'));
  if (name === 'rg') {
    const hidden = rest.some((value) => /^-[a-z]*[u.]|^--hidden|^--no-ignore|^--unrestricted/.test(value));
    return !hidden && rest.some((value) => /^-[a-z]*l|^--files/.test(value));
  }
  if (name !== 'find' || rest.some((value) => /^-(?:exec|ok|printf|fprint|fls|delete|L|follow)/.test(value)))
    return false;
  const pattern = rest[rest.findIndex((value) => value === '-name' || value === '-iname') + 1] ?? '';
  // `*.ts`: an ending that no secret has.
  return /^[\w-]*\*\.\w+$/.test(pattern) && !/\.(?:pem|key|env|p12|pfx|json|ya?ml|txt|asc)$/i.test(pattern);
}
