/** What a command line would run, as far as that is known before it runs. Plain data between the files of this folder. */

/** One word of a command after quotes are taken off. */
export interface ShellWord {
  /** As it was written. */
  readonly source: string;
  /** null: not known before the shell runs (a variable, the output of a command). */
  readonly value: string | null;
  /** `value` is a pattern that the shell replaces by file names. */
  readonly glob: boolean;
  /** Starts with an unquoted `~`: somebody's home directory. */
  readonly home: boolean;
}

export interface Assigned {
  readonly name: string;
  /** null: an array, an element of one, or text that is added to what was there. */
  readonly value: ShellWord | null;
}

export interface Redirection {
  readonly writes: boolean;
  readonly target: ShellWord;
}

/** A command without its wrappers taken off: words, and what stands around them. */
export interface SimpleCommand {
  readonly words: readonly ShellWord[];
  readonly assignments: readonly Assigned[];
  readonly redirections: readonly Redirection[];
  /** The simple commands before it in its pipeline. */
  readonly feeders: readonly (readonly ShellWord[])[];
}

/** Something a wildcard of a rule does not cover. */
export interface Hazard {
  /** Index of the word, where naming that word in the rule covers it; or one of the two below. */
  readonly index: number;
  readonly why: string;
}

/** `Hazard.index`: only a rule without a wildcard covers it. */
export const WRITTEN_OUT = -1;
/** `Hazard.index`: no rule covers it, a person is always asked. */
export const ALWAYS = -2;

/** One thing a command line would do. Each of them has to be allowed. */
export type Part =
  | {
      readonly kind: 'run';
      readonly words: readonly ShellWord[];
      readonly feeders: readonly (readonly ShellWord[])[];
      /** Whether words are added that nobody knows yet (`xargs`). */
      readonly open: boolean;
      /** The commands it stands in (`timeout 5 …`, `sh -c …`), outermost first, with all their words. */
      readonly via: readonly (readonly ShellWord[])[];
    }
  | { readonly kind: 'write'; readonly target: ShellWord }
  | { readonly kind: 'read'; readonly target: ShellWord }
  | { readonly kind: 'set'; readonly name: string; readonly passedOn: boolean; readonly value: ShellWord | null }
  /** What cannot be proven: why, in one sentence without a full stop. */
  | { readonly kind: 'doubt'; readonly why: string };

/** A word that is its own text. */
export function plain(value: string): ShellWord {
  return { source: value, value, glob: false, home: false };
}

export function isPlain(word: ShellWord | undefined): word is ShellWord & { readonly value: string } {
  return word !== undefined && word.value !== null && !word.glob && !word.home;
}
