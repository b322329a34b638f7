/**
 * The rules of a policy in an agent's own rules, where it does not ask: what it may not do. Agents know less than the policy
 * does. What they can say only wider is said wider, so that nothing that is denied is let through by being said;
 * what they cannot say is left to the sandbox.
 */
import type { CommandRules } from '../core/command-rule.ts';

export type Fenced =
  /** A command whose first words are these. `exact`: that has no further ones. */
  | { readonly kind: 'command'; readonly words: readonly [string, ...string[]]; readonly exact: boolean }
  /** A glob, relative to the workspace. */
  | { readonly kind: 'edit' | 'read'; readonly glob: string }
  /** `*` is every one, `*.example.com` those below. */
  | { readonly kind: 'host'; readonly domain: string };

export interface Fence {
  readonly denied: readonly Fenced[];
  /** Rules that no agent can be told, as they are written. */
  readonly unsaid: readonly string[];
}

const FORM = /^(?<tool>[A-Za-z]\w*)(?:\((?<specifier>.*)\))?$/su;
/** Without quotes, escapes, wildcards and what joins a list: the same words in every language. */
const PLAIN_WORD = /^[\w./:@=+-]+$/u;
const PLAIN_GLOB = /^[\w./@+*?-]+$/u;

function command(specifier: string): Fenced | null {
  const words = specifier.replace(/:\*$/u, ' *').trim().split(/\s+/u);
  const exact = words.at(-1) !== '*';
  const [first, ...rest] = exact ? words : words.slice(0, -1);
  if (first === undefined || ![first, ...rest].every((word) => PLAIN_WORD.test(word))) return null;
  return { kind: 'command', words: [first, ...rest], exact };
}

function fenced(rule: string): Fenced | null {
  const { tool = '', specifier } = FORM.exec(rule.trim())?.groups ?? {};
  if (tool === 'Bash') return command(specifier ?? '*');
  if (tool === 'WebFetch') {
    return { kind: 'host', domain: (specifier ?? 'domain:*').replace(/^domain:/u, '').toLowerCase() };
  }
  if (tool !== 'Edit' && tool !== 'Read') return null;
  const glob = (specifier ?? '**').replace(/^\.\//u, '');
  return PLAIN_GLOB.test(glob) ? { kind: tool === 'Edit' ? 'edit' : 'read', glob } : null;
}

/**
 * What an agent that does not ask is kept from. What a person would have to be asked about is refused as well: nobody is
 * asked.
 */
export function fence({ deny, ask }: CommandRules): Fence {
  const read = [...deny, ...ask].map(({ rule }) => ({ rule, said: fenced(rule) }));
  return {
    denied: read.flatMap(({ said }) => said ?? []),
    unsaid: read.flatMap(({ rule, said }) => (said === null ? [rule] : [])),
  };
}
