/** What a driver says of one coding agent; everything else is the same for all of them. */
import type { CommandRules } from '../core/command-rule.ts';
import type { Grace } from '../ports/sandbox.ts';
import type { AllowedFile, Configuration } from './configuration.ts';
import type { OpenDialogue } from './dialogue.ts';
import type { FoldEvent } from './told.ts';

export interface AgentOptions {
  readonly model: string;
  readonly session: 'fresh' | 'resumed';
  readonly program?: string | undefined;
  /** The only version that may run, as its package says it. */
  readonly version?: string | undefined;
  /** Whether it may become another program while the run lasts. */
  readonly update: 'refused' | 'allowed';
  /** What it may load of the repository. */
  readonly configuration: readonly AllowedFile[];
  /** The choices of this agent alone, by name. */
  readonly choices: Readonly<Record<string, string>>;
}

/** The way to models, in the names of this agent's protocol. */
export interface Wire {
  /** As the protocol wants it, path included. */
  readonly address: string;
  /** Names the variable that holds the key of the run: keys are in no file and in no argument. */
  readonly keyVariable: string;
  /** The key itself, for agents that look for it in a variable of their own, and for nothing but variables. */
  readonly key: string;
}

export interface Call {
  readonly model: string;
  readonly choices: Readonly<Record<string, string>>;
  /** The conversation to go on with; null: a new one. */
  readonly resume: string | null;
  /** null: the agent's own login and settings are left alone. */
  readonly wire: Wire | null;
  /** What of the repository it is to load, in its home; absent: nothing. */
  readonly configuration?: Configuration;
  /** Absent: the policy says nothing of what may be done. */
  readonly permissions?: CallPermissions;
}

export interface CallPermissions {
  /** Whether the agent is made to ask before it acts. */
  readonly asks: boolean;
  /** What it may not do by its own rules, whatever it is told. */
  readonly rules: CommandRules;
}

export interface CommandLine {
  /** After the program. The prompt is on standard input, so that it may be long and no argument list shows it. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Variables of the gateway that a protocol's clients read. */
export interface WireVariables {
  readonly address: string;
  readonly key: string;
  /** For messages: the dialect a provider needs. */
  readonly dialect: string;
}

export interface OwnInstallation {
  /** Absolute, of this version alone. */
  readonly directory: string;
  readonly version: string;
}

export interface CodingAgent {
  readonly id: string;
  readonly summary: string;
  /** Its name on the PATH. */
  readonly program: string;
  /** Stands before the program where that cannot be started as it is. */
  readonly before?: readonly string[];
  /** The command that installs it, for people. */
  readonly install: string;
  /** Where loopwright installs it itself; looked at before the PATH. Absent for what it does not install. */
  readonly own?: OwnInstallation;
  readonly reportsUsage: boolean;
  /** What of its usage counts from the beginning of a conversation, and not of a turn. */
  readonly cumulative: 'nothing' | 'cost' | 'everything';
  /** Options of its own: name to what may be chosen, the default first. */
  readonly choices?: Readonly<Record<string, readonly [string, ...string[]]>>;
  /**
   * The signal on which it says its last words, closes its conversation and leaves. Absent where it was measured to ignore
   * signals, or to leave the real agent behind a launcher that dies of them: those are killed at once.
   */
  readonly wrapsUp?: Grace['signal'];
  /**
   * Directories of the repository in which the agent finds what to run, and that no switch of it turns off. An empty,
   * read-only one is shown in their place wherever the sandbox confines.
   */
  readonly conceals?: readonly string[];
  /** Files of a repository that it can be told to load from elsewhere. Everything else stays switched off. */
  readonly accepts?: RegExp;
  /** null: it calls its vendor whatever is configured, so that nothing here can count, hold or record its calls. */
  readonly wire: ((model: string, choices: Readonly<Record<string, string>>) => WireVariables) | null;
  commandLine(call: Call): CommandLine;
  /** Files for the throw-away home, by path relative to it. */
  home(call: Call & { readonly wire: Wire }): Readonly<Record<string, string>>;
  readonly fold: FoldEvent;
  /** How an agent that asks before it acts is spoken with. Absent where it cannot. */
  readonly dialogue?: OpenDialogue;
}
