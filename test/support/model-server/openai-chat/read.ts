import { limit, list, record, text } from '../protocol.ts';
import type { Asked, Json, OfferedTool, Prompt } from '../protocol.ts';

export function route(method: string, path: string): Asked | null {
  if (method === 'POST' && path.endsWith('/chat/completions')) return { kind: 'generate', model: null, stream: null };
  if (method === 'GET' && path.endsWith('/models')) return { kind: 'models' };
  return null;
}

function offered(tool: unknown): OfferedTool[] {
  const { type, function: declared } = record(tool);
  if (type !== 'function') return [];
  return [{ name: text(record(declared)['name']), schema: record(record(declared)['parameters']) }];
}

export function read(_asked: Extract<Asked, { kind: 'generate' }>, body: Json): Prompt {
  const format = record(body['response_format']);
  return {
    model: text(body['model']),
    stream: body['stream'] === true,
    outputLimit: limit(body['max_completion_tokens'], body['max_tokens']),
    usageAsked: record(body['stream_options'])['include_usage'] === true,
    tools: list(body['tools']).flatMap(offered),
    toolResults: list(body['messages']).filter((message) => record(message)['role'] === 'tool').length,
    answerSchema: format['type'] === 'json_schema' ? record(record(format['json_schema'])['schema']) : null,
  };
}
