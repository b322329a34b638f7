/** What an agent asks before it acts, and what it is told. */
import { unreachable } from './errors.ts';

/** What would happen, in the terms rules are written in. `other`: nothing a rule speaks of. */
export type ToolUse =
  | { readonly kind: 'command'; readonly line: string }
  /** Paths as the agent names them. */
  | { readonly kind: 'edit'; readonly paths: readonly string[] }
  | { readonly kind: 'read'; readonly paths: readonly string[] }
  | { readonly kind: 'fetch'; readonly host: string }
  | { readonly kind: 'other' };

export interface PermissionQuestion {
  /** The agent's own name of the tool. */
  readonly tool: string;
  readonly use: ToolUse;
  /** The whole input of the tool, canonical JSON. What a person is shown: an agent's own words about it are a claim. */
  readonly input: string;
}

/**
 * `hold`: a person has to decide, perhaps hours later. Nothing waits for them: the agent is refused, and its turn is over.
 * Once they have allowed it, the same question is answered with `allow`.
 */
export interface PermissionAnswer {
  readonly decision: 'allow' | 'deny' | 'hold';
  /** The rule that decided, as it is written; null where none did. */
  readonly rule: string | null;
  /** Why, in one sentence, for the agent and for people. */
  readonly reason: string;
}

/**
 * One spelling of a tool's input, so that the same input is the same question: keys sorted, no white space. What JSON
 * cannot hold is `null`, as JSON itself has it.
 */
export function canonicalInput(input: unknown): string {
  if (Array.isArray(input)) return `[${input.map(canonicalInput).join(',')}]`;
  if (typeof input !== 'object' || input === null) return JSON.stringify(input) ?? 'null';
  const members = Object.entries(input)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalInput(member)}`);
  return `{${members.join(',')}}`;
}

/** What the agent would do, in the terms of the rules; never in words of its own. */
export function useWords(tool: string, use: ToolUse): string {
  switch (use.kind) {
    case 'command':
      return `run ${use.line}`;
    case 'edit':
      return `write ${use.paths.join(', ')}`;
    case 'read':
      return `read ${use.paths.join(', ')}`;
    case 'fetch':
      return `fetch from ${use.host}`;
    case 'other':
      return `use the tool ${tool}`;
    default:
      return unreachable(use, 'kind of use');
  }
}

/** SHA-256 of the question: what a person allowed is this, to the letter, and nothing that resembles it. */
export type QuestionDigest = string;

export type PermissionEvent =
  | {
      readonly type: 'permission.asked';
      readonly iteration: number;
      readonly digest: QuestionDigest;
      readonly tool: string;
      /** Bounded; the whole of it is in the blob. */
      readonly use: ToolUse;
      /** Blob of the input. */
      readonly input: string;
    }
  | ({
      readonly type: 'permission.answered';
      readonly iteration: number;
      readonly digest: QuestionDigest;
    } & PermissionAnswer)
  /** A person answered a question that was held. */
  | {
      readonly type: 'permission.decided';
      readonly digest: QuestionDigest;
      readonly decision: 'allowed' | 'denied';
      readonly by: string;
      /** Why; goes into the next prompt. */
      readonly reason: string;
    };
