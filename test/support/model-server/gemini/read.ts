import { limit, list, record, text } from '../protocol.ts';
import type { Asked, Json, OfferedTool, Prompt } from '../protocol.ts';

export function route(method: string, path: string): Asked | null {
  const [, model = '', verb = ''] = /\/models\/([^/:]+):(\w+)$/.exec(path) ?? [];
  if (method !== 'POST' || model === '') return null;
  if (verb === 'countTokens') return { kind: 'count' };
  if (verb === 'generateContent') return { kind: 'generate', model, stream: false };
  return verb === 'streamGenerateContent' ? { kind: 'generate', model, stream: true } : null;
}

function offered(tool: unknown): OfferedTool[] {
  return list(record(tool)['functionDeclarations']).map((declaration) => {
    const { name, parametersJsonSchema, parameters } = record(declaration);
    return { name: text(name), schema: record(parametersJsonSchema ?? parameters) };
  });
}

export function read(asked: Extract<Asked, { kind: 'generate' }>, body: Json): Prompt {
  const parts = list(body['contents']).flatMap((content) => list(record(content)['parts']));
  const config = record(body['generationConfig']);
  const schema = config['responseJsonSchema'] ?? config['responseSchema'];
  return {
    model: asked.model ?? '',
    stream: asked.stream === true,
    outputLimit: limit(config['maxOutputTokens']),
    usageAsked: true,
    tools: list(body['tools']).flatMap(offered),
    toolResults: parts.filter((part) => record(part)['functionResponse'] !== undefined).length,
    answerSchema: schema === undefined ? null : record(schema),
  };
}
