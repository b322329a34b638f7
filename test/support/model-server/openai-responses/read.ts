import { limit, list, record, text } from '../protocol.ts';
import type { Asked, Json, OfferedTool, Prompt } from '../protocol.ts';

export function route(method: string, path: string): Asked | null {
  if (method === 'POST' && path.endsWith('/responses')) return { kind: 'generate', model: null, stream: null };
  if (method === 'POST' && path.endsWith('/responses/input_tokens')) return { kind: 'count' };
  return null;
}

function offered(tool: unknown): OfferedTool[] {
  const { type, name, parameters } = record(tool);
  return type === 'function' ? [{ name: text(name), schema: record(parameters) }] : [];
}

export function read(_asked: Extract<Asked, { kind: 'generate' }>, body: Json): Prompt {
  const format = record(record(body['text'])['format']);
  return {
    model: text(body['model']),
    stream: body['stream'] === true,
    outputLimit: limit(body['max_output_tokens']),
    usageAsked: true,
    tools: list(body['tools']).flatMap(offered),
    toolResults: list(body['input']).filter((item) => text(record(item)['type']).endsWith('_call_output')).length,
    answerSchema: format['type'] === 'json_schema' ? record(format['schema']) : null,
  };
}
