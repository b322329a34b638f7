/**
 * Whether an agent condensed its conversation, by outcome: a request carries less than half of what the one before it did.
 * Not by wording, which differs by agent and version and can be set by whoever configures one. Pure but for what it
 * remembers, which is bounded.
 *
 * Three ways occur. A condensed conversation that keeps its tail is seen at once: the newest action it carried is still in it.
 * One that is begun anew with a summary looks like a side conversation (a subagent) at first; it counts when it is condensed
 * itself while the longer one never went on. A conversation without tools is a title or a summary being written, and is
 * passed over.
 */
import { hash } from 'node:crypto';
import { isFields, type Fields } from '../../core/fields.ts';
import { toolExchanges } from './exchanges.ts';

/** A conversation counts as condensed below this part of what it was. */
const CONDENSED_PART = 0.5;

/** Conversations remembered at a time, over all kinds. An agent with more at once than this is no single agent. */
const REMEMBERED = 16;

interface Conversation {
  /** Model and tools: side conversations of an agent mostly have others. */
  readonly kind: string;
  /** Id of the newest action it carried; null before the first. */
  newest: string | null;
  characters: number;
  /** Position in the order in which they began. */
  readonly born: number;
  /** An older one went on after this one began: a subagent works while the one that asked it waits. */
  side: boolean;
  /** It took the place of a longer one that has not gone on since. */
  replaces: boolean;
}

export interface Condensing {
  /** How often a conversation turned out to be condensed, at this request. */
  see(body: unknown): number;
}

/** What differs from request to request in a tool list is its wording at most; names stay. */
function toolNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(toolNames);
  if (!isFields(value)) return [];
  const { name, type, tools } = value;
  const nested = ['function', 'custom', 'toolSpec', 'functionDeclarations', 'function_declarations'];
  const named = typeof name === 'string' ? [name] : [];
  const inner = [...nested.map((key) => value[key]), tools].flatMap(toolNames);
  return named.length + inner.length > 0 ? [...named, ...inner] : typeof type === 'string' ? [type] : [];
}

/** null: it carries no tools. */
function kindOf(body: Fields): string | null {
  const names = [body['tools'], body['toolConfig']].flatMap(toolNames);
  if (names.length === 0) return null;
  return hash('sha256', JSON.stringify([body['model'] ?? '', names.toSorted()]));
}

function charactersOf(body: Fields): number {
  return JSON.stringify([body['messages'], body['input'], body['contents']]).length;
}

export function createCondensing(): Condensing {
  /** The newest last. */
  const known: Conversation[] = [];
  let begun = 0;

  /** The one that this request goes on with, now the newest. */
  function touch(conversation: Conversation): void {
    const at = known.indexOf(conversation);
    if (at >= 0) known.splice(at, 1);
    known.push(conversation);
    if (known.length > REMEMBERED) known.shift();
  }

  function goOn(conversation: Conversation, newest: string | null, characters: number): number {
    const condensed = characters < conversation.characters * CONDENSED_PART;
    conversation.newest = newest;
    conversation.characters = characters;
    for (const other of known) if (other.born > conversation.born) other.side = true;
    touch(conversation);
    return condensed ? 1 : 0;
  }

  function begin(kind: string, newest: string | null, characters: number): number {
    const last = known.findLast((other) => other.kind === kind) ?? null;
    // Before its first action a conversation has nothing to be known by; it grows.
    if (last !== null && last.newest === null && characters >= last.characters) return goOn(last, newest, characters);
    const replaces = last !== null && !last.side && characters < last.characters * CONDENSED_PART;
    touch({ kind, newest, characters, born: (begun += 1), side: false, replaces });
    return replaces && last.replaces ? 1 : 0;
  }

  return {
    see(body) {
      const kind = isFields(body) ? kindOf(body) : null;
      if (!isFields(body) || kind === null) return 0;
      const ids = toolExchanges(body).map(({ id }) => id);
      const characters = charactersOf(body);
      const carried = new Set(ids);
      const same = known.findLast((other) => other.kind === kind && other.newest !== null && carried.has(other.newest));
      const newest = ids.at(-1) ?? null;
      return same === undefined ? begin(kind, newest, characters) : goOn(same, newest, characters);
    },
  };
}
