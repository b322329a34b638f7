/** What the driver hands to the agent inside the sandbox: one turn, checked, with every unit resolved. */

export type Stream = 'stdout' | 'stderr';

export type Instruction =
  | { readonly op: 'write' | 'append'; readonly path: string; readonly text: string }
  | { readonly op: 'replace'; readonly path: string; readonly find: string; readonly with: string }
  | { readonly op: 'delete'; readonly path: string }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly op: 'symlink'; readonly path: string; readonly to: string }
  | { readonly op: 'run'; readonly command: string; readonly mustSucceed: boolean }
  | { readonly op: 'ask'; readonly command: string }
  | { readonly op: 'sleep'; readonly sleepMs: number }
  | { readonly op: 'say'; readonly text: string }
  | { readonly op: 'print-bytes'; readonly hex: string }
  | { readonly op: 'flood'; readonly bytes: number; readonly stream: Stream }
  | { readonly op: 'exit'; readonly code: number }
  | {
      readonly op: 'ask-model';
      readonly model: string;
      readonly text: string;
      readonly maxTokens: number;
      readonly times: number;
      readonly atOnce: number;
      /** Goes on after a refusal, as clients do that take every error for a passing one. */
      readonly stubborn: boolean;
    }
  | { readonly op: 'hang' | 'ignore-signals' | 'close-output' | 'kill-parent' }
  | { readonly op: 'daemonise'; readonly command: string }
  | { readonly op: 'fill-disk' | 'big-file'; readonly path: string; readonly bytes: number }
  | { readonly op: 'many-files'; readonly directory: string; readonly count: number }
  | { readonly op: 'replace-workspace'; readonly to: string }
  | {
      readonly op: 'if-prompt-contains';
      readonly text: string;
      readonly whenFound: readonly Instruction[];
      readonly otherwise: readonly Instruction[];
    };

export interface TurnProgram {
  readonly prompt: string;
  readonly steps: readonly Instruction[];
}

/** What the agent prints to ask; the answer comes as a line of JSON on standard input. */
export interface AskLine {
  readonly loopwright: 'ask';
  readonly command: string;
}

export interface AnswerLine {
  readonly decision: 'allow' | 'deny' | 'hold';
  readonly reason: string;
}
