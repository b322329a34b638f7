/**
 * What an agent asks before it acts, in the words of rules, and which of its own options answers it. A title is a claim of the
 * model: it decides nothing, and is shown only where the agent tells nothing else.
 */
import type { PermissionAnswer, PermissionQuestion, ToolUse } from '../../core/permission.ts';
import { fields, items, words } from '../told.ts';
import type { AgentEvent } from '../event-lines.ts';

/** Calls that are remembered at once: an agent that never finishes one costs no memory. */
const MAX_CALLS = 256;
/** JSON nested deeper than this is not read: no tool of a real agent asks for it. */
const MAX_DEPTH = 64;

/** What was told of tool calls so far. A question may name its call and nothing else. */
export interface ToolCalls {
  /** Takes an update of a session. */
  push(update: AgentEvent): void;
  /** The call, with what earlier updates told of it. */
  complete(call: AgentEvent): AgentEvent;
}

export function createToolCalls(): ToolCalls {
  const calls = new Map<string, AgentEvent>();

  function complete(call: AgentEvent): AgentEvent {
    const told = Object.entries(call).filter(([, value]) => value !== null && value !== undefined);
    return { ...calls.get(words(call['toolCallId']) ?? ''), ...Object.fromEntries(told) };
  }

  return {
    complete,
    push(update) {
      const id = words(update['toolCallId']);
      if (id === null) return;
      const whole = complete(update);
      calls.delete(id);
      if (whole['status'] === 'completed' || whole['status'] === 'failed') return;
      calls.set(id, whole);
      const [oldest] = calls.keys();
      if (calls.size > MAX_CALLS && oldest !== undefined) calls.delete(oldest);
    },
  };
}

/** Keys sorted, so that the same input is the same text. null where it is nested too deep. */
function canonical(value: unknown, depth = 0): string | null {
  if (depth > MAX_DEPTH) return null;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const parts: string[] = [];
  for (const [key, inner] of list ? entries : entries.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const text = canonical(inner, depth + 1);
    if (text === null) return null;
    parts.push(list ? text : `${JSON.stringify(key)}:${text}`);
  }
  return list ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
}

const PLAIN = /^[\w@%+=:,./-]+$/u;

function quoted(argument: string): string {
  return PLAIN.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

/** A line as a shell would be given it; null where none is told. */
function lineOf(input: AgentEvent): string | null {
  for (const name of ['command', 'cmd', 'script']) {
    const value = input[name];
    if (typeof value === 'string' && value !== '') return value;
    if (Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')) {
      return value.map(quoted).join(' ');
    }
  }
  return null;
}

/** Every path that is told anywhere: a rule against one of them is to hit. */
function pathsOf(call: AgentEvent, input: AgentEvent): readonly string[] {
  const told = [
    ...Object.entries(input)
      .filter(([name]) =>
        /^(?:abs(?:olute)?_?)?(?:file|notebook|old|new|source|destination)?_?(?:path|name)$/iu.test(name),
      )
      .map(([, value]) => value),
    ...items(call['locations']).map(({ path }) => path),
    ...items(call['content']).map(({ type, path }) => (type === 'diff' ? path : null)),
  ];
  return [...new Set(told.map(words).filter((path) => path !== null))];
}

function hostOf(input: AgentEvent): string | null {
  const address = words(input['url']);
  return address === null ? null : (URL.parse(address)?.hostname ?? null);
}

/** Agents, by the name they give themselves, whose title of a command is the command itself. Read in Gemini CLI 0.61.0. */
const TITLE_IS_COMMAND: ReadonlySet<string | null> = new Set(['gemini-cli']);

/** What would happen is told in the input, and by an agent that tells none in its title. */
function inputOf(call: AgentEvent, agent: string | null): AgentEvent {
  const input = fields(call['rawInput']);
  if (Object.keys(input).length > 0 || call['kind'] !== 'execute' || !TITLE_IS_COMMAND.has(agent)) return input;
  const command = words(call['title']);
  return command === null ? input : { command };
}

function useOf(call: AgentEvent, input: AgentEvent): ToolUse {
  const kind = call['kind'];
  const paths = pathsOf(call, input);
  const line = lineOf(input);
  const host = hostOf(input);
  const edits = kind === 'edit' || kind === 'delete' || kind === 'move';
  if (edits && paths.length > 0) return { kind: 'edit', paths };
  if ((kind === 'read' || kind === 'search') && paths.length > 0) return { kind: 'read', paths };
  if (line !== null) return { kind: 'command', line };
  return kind === 'fetch' && host !== null ? { kind: 'fetch', host } : { kind: 'other' };
}

/** Version 1 names the call, version 2 a subject, which is a call or a command. */
function subjectOf(params: AgentEvent): AgentEvent {
  if (params['toolCall'] !== undefined) return fields(params['toolCall']);
  const subject = fields(params['subject']);
  if (subject['type'] !== 'command') return fields(subject['toolCall']);
  const { toolCallId, command, cwd } = subject;
  return { toolCallId, kind: 'execute', rawInput: { command, cwd } };
}

/** `agent`: as it calls itself. null where its input is nested too deep to be read. */
export function questionIn(
  params: AgentEvent,
  calls: ToolCalls,
  agent: string | null = null,
): PermissionQuestion | null {
  const call = calls.complete(subjectOf(params));
  const input = inputOf(call, agent);
  const { content = null, locations = null } = call;
  const title = call['title'] ?? params['title'] ?? null;
  const shown = Object.keys(input).length > 0 ? input : { content, kind: call['kind'] ?? null, locations, title };
  const text = canonical(shown);
  if (text === null) return null;
  return { tool: words(call['name']) ?? words(call['kind']) ?? 'tool', use: useOf(call, input), input: text };
}

/** By kind, and for each the names that agents give what does this once and nothing more. */
const KINDS = {
  allow: { kinds: ['allow_once'], known: /^(?:proceed_once|allow_once|allow|once|approved?|yes)$/iu },
  deny: { kinds: ['reject_once', 'reject_always'], known: /^(?:reject_once|reject|cancel|deny|denied|abort|no)$/iu },
} as const;

/**
 * The outcome that says the answer. An agent that can only be allowed something for good is not allowed it; one that
 * offers no way to refuse is told that the question was cancelled.
 */
export function outcomeOf(answer: Pick<PermissionAnswer, 'decision'>, params: AgentEvent): object {
  const { kinds, known } = KINDS[answer.decision === 'allow' ? 'allow' : 'deny'];
  for (const kind of kinds) {
    const ids = items(params['options']).flatMap((option) =>
      option['kind'] === kind ? [words(option['optionId'])] : [],
    );
    // Of several that allow once, one may also change the mode of the agent.
    const optionId = ids.find((id) => id !== null && known.test(id)) ?? ids.find((id) => id !== null);
    if (optionId !== undefined && optionId !== null) return { outcome: 'selected', optionId };
  }
  return answer.decision === 'allow' ? outcomeOf({ decision: 'deny' }, params) : { outcome: 'cancelled' };
}
