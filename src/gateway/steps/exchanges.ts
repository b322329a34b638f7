/**
 * What an agent did, out of what it sends to its model: every request repeats the tool calls so far with their results. Read by
 * shape and not by dialect, because the protocols name the parts apart: Messages (`tool_use`, `tool_result`), Chat
 * Completions (`tool_calls`, role `tool`), Responses (`function_call`, `function_call_output` and their like), Gemini
 * (`functionCall`, `functionResponse`) and Converse (`toolUse`, `toolResult`). Pure. What has no such shape is passed over: a
 * body was found to be a request before it comes here.
 */
import { isFields, type Fields } from '../../core/fields.ts';

/** A call with its result. */
export interface ToolExchange {
  /** The same in every request of a conversation, and of no other exchange in it. */
  readonly id: string;
  readonly tool: string;
  readonly input: unknown;
  readonly output: unknown;
  /** The protocol itself says that it failed; null where it has no way to say so. */
  readonly failed: boolean | null;
}

interface ToolCall {
  readonly id: string;
  readonly tool: string;
  readonly input: unknown;
}

interface ToolResult {
  readonly id: string;
  readonly output: unknown;
  readonly failed: boolean | null;
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Messages, Chat Completions, Responses and Gemini keep the conversation under these names. */
function turnsOf(body: Fields): readonly Fields[] {
  return [body['messages'], body['input'], body['contents']].flatMap(listOf);
}

/** A message and the parts in it: calls and results are one or the other, by protocol. */
function partsOf(turn: Fields): readonly Fields[] {
  return [turn, ...listOf(turn['content']), ...listOf(turn['parts'])];
}

function callsIn(part: Fields): readonly ToolCall[] {
  const { type } = part;
  if (type === 'tool_use') return [{ id: textOf(part['id']), tool: textOf(part['name']), input: part['input'] }];
  if (type === 'function_call' || type === 'custom_tool_call') {
    const input = part['arguments'] ?? part['input'];
    return [{ id: textOf(part['call_id']), tool: textOf(part['name']), input }];
  }
  if (type === 'local_shell_call') {
    return [{ id: textOf(part['call_id']), tool: 'local_shell', input: part['action'] }];
  }
  const { toolUse } = part;
  if (isFields(toolUse)) {
    return [{ id: textOf(toolUse['toolUseId']), tool: textOf(toolUse['name']), input: toolUse['input'] }];
  }
  return listOf(part['tool_calls']).map((call) => {
    const named = [call['function'], call['custom']].find(isFields) ?? {};
    return { id: textOf(call['id']), tool: textOf(named['name']), input: named['arguments'] ?? named['input'] };
  });
}

function resultIn(part: Fields): ToolResult | null {
  const { type, role, toolResult } = part;
  if (type === 'tool_result') {
    return { id: textOf(part['tool_use_id']), output: part['content'], failed: part['is_error'] === true };
  }
  if (typeof type === 'string' && /^(?:function|custom_tool|local_shell)_call_output$/.test(type)) {
    return { id: textOf(part['call_id']), output: part['output'], failed: null };
  }
  if (role === 'tool') return { id: textOf(part['tool_call_id']), output: part['content'], failed: null };
  if (!isFields(toolResult)) return null;
  const failed = toolResult['status'] === 'error';
  return { id: textOf(toolResult['toolUseId']), output: toolResult['content'], failed };
}

function isNamed({ id, tool }: ToolCall): boolean {
  return id !== '' && tool !== '';
}

/** Gemini often sends no ids: the n-th response answers the n-th call, and stays the n-th in every later request. */
function geminiExchanges(parts: readonly Fields[]): readonly ToolExchange[] {
  const calls = parts.flatMap((part) => (isFields(part['functionCall']) ? [part['functionCall']] : []));
  const responses = parts.flatMap((part) => (isFields(part['functionResponse']) ? [part['functionResponse']] : []));
  return responses.flatMap((answer, at): readonly ToolExchange[] => {
    const call = calls[at];
    if (call === undefined || textOf(call['name']) === '') return [];
    const { response } = answer;
    const error = isFields(response) ? response['error'] : undefined;
    const failed = error !== undefined && error !== null && error !== '';
    const id = `${at} ${textOf(call['name'])}`;
    return [{ id, tool: textOf(call['name']), input: call['args'], output: response, failed: failed ? true : null }];
  });
}

/** In the order of their results. */
export function toolExchanges(body: unknown): readonly ToolExchange[] {
  if (!isFields(body)) return [];
  const parts = turnsOf(body).flatMap(partsOf);
  const calls = new Map(
    parts
      .flatMap(callsIn)
      .filter(isNamed)
      .map((call) => [call.id, call]),
  );
  const paired = parts.flatMap((part): readonly ToolExchange[] => {
    const result = resultIn(part);
    const call = result === null ? undefined : calls.get(result.id);
    return result === null || call === undefined ? [] : [{ ...call, output: result.output, failed: result.failed }];
  });
  return [...paired, ...geminiExchanges(parts)];
}
