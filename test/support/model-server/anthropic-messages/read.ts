import { limit, list, record, text } from '../protocol.ts';
import type { Asked, Json, OfferedTool, Prompt } from '../protocol.ts';

export function route(method: string, path: string): Asked | null {
  if (method === 'POST' && path.endsWith('/v1/messages')) return { kind: 'generate', model: null, stream: null };
  if (method === 'POST' && path.endsWith('/v1/messages/count_tokens')) return { kind: 'count' };
  if (path.endsWith('/api/hello')) return { kind: 'greeting' };
  return null;
}

function offered(tool: unknown): OfferedTool[] {
  // Hosted tools (`web_search_20250305`) have a type and no schema; a scripted model calls none of them.
  const { name, input_schema: schema } = record(tool);
  return schema === undefined ? [] : [{ name: text(name), schema: record(schema) }];
}

export function read(_asked: Extract<Asked, { kind: 'generate' }>, body: Json): Prompt {
  const blocks = list(body['messages']).flatMap((message) => list(record(message)['content']));
  const format = record(record(body['output_config'])['format'] ?? body['output_format']);
  return {
    model: text(body['model']),
    stream: body['stream'] === true,
    outputLimit: limit(body['max_tokens']),
    usageAsked: true,
    tools: list(body['tools']).flatMap(offered),
    toolResults: blocks.filter((block) => record(block)['type'] === 'tool_result').length,
    answerSchema: format['schema'] === undefined ? null : record(format['schema']),
  };
}
