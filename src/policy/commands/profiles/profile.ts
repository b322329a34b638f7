/** What is known of a program: which of its options and words a wildcard of a rule may cover. */
import type { Hazard, ShellWord } from '../model.ts';
import type { OptionTable, Scan } from '../options.ts';

export interface Profile {
  readonly options: OptionTable;
  /** What no table says, such as a script of sed. */
  readonly inspect?: (words: readonly ShellWord[], scan: Scan) => readonly Hazard[];
  /**
   * Which words that nobody knows it may be given (`xargs`): `any`, because it prints little more than them; `names` of
   * files, as long as a program that lists harmless ones gives them.
   */
  readonly open?: 'any' | 'names';
  /** It prints its words; one that starts with a dash is a word like any other. */
  readonly prints?: true;
  /** Why a rule has to name the subcommand; a wildcard in its place is not enough. */
  readonly named?: string;
}

/**
 * A program that is a family of commands (`git log`). `options` are those that may stand before the command. A command that is
 * not in the map is covered by rules without a wildcard only.
 */
export interface Family {
  readonly options: OptionTable;
  readonly commands: ReadonlyMap<string, Profile>;
}

export function at(index: number, words: readonly ShellWord[], why: string): Hazard {
  return { index, why: `\`${words[index]?.source ?? ''}\` ${why}` };
}

export function commandsOf(entries: Readonly<Record<string, Profile>>): ReadonlyMap<string, Profile> {
  return new Map(
    Object.entries(entries).flatMap(([names, profile]) => names.split(' ').map((name) => [name, profile] as const)),
  );
}
