/**
 * Requests in the form of Google's generateContent, as the Gemini API and Vertex take them. Fields may be written in camel
 * case or with underscores (the JSON form of protocol buffers), so both are read, and both at once are refused. Source: the
 * reference of GenerateContentRequest (ai.google.dev/api/generate-content).
 */
import type { GenerateRoute, RequestEdit, RequestFacts, RequestReading } from './dialect.ts';
import { nodesBelow } from './json-document.ts';
import type { JsonMember, JsonObject } from './json-document.ts';
import type { BodyEditor } from './json-edit.ts';
import { objectsIn } from './json-fields.ts';
import { changesNothing, distinct, editRequestBody, lowerLimit, readRequestBody } from './request-body.ts';
import type { RequestBody } from './request-body.ts';

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Kinds of tool the client runs, in the spelling with underscores. */
const CLIENT_TOOLS: ReadonlySet<string> = new Set(['function_declarations', 'computer_use']);

/** Kinds of tool that a policy knows under another name. */
const POLICY_NAMES: Readonly<Record<string, string>> = {
  google_search: 'web_search',
  google_search_retrieval: 'web_search',
  enterprise_web_search: 'web_search',
  mcp_servers: 'mcp',
};

/** Only of use to tools that look something up. */
const LOOKUP_TOOLS = ['web_search', 'google_maps', 'retrieval', 'file_search'];

/** The name a policy has for a kind of tool; null for one the client runs. */
function hostedName({ name }: JsonMember): string | null {
  const kind = snake(name);
  return CLIENT_TOOLS.has(kind) ? null : (POLICY_NAMES[kind] ?? kind);
}

function toolsOf({ root, fields }: RequestBody): readonly JsonObject[] {
  return objectsIn(fields, fields.array(root, 'tools'), 'tools');
}

function functionNames({ fields }: RequestBody, tool: JsonObject): readonly (string | null)[] {
  const declared = fields.array(tool, 'functionDeclarations', 'function_declarations');
  return objectsIn(fields, declared, 'functionDeclarations').map((one) => fields.text(one, 'name'));
}

function configOf({ root, fields }: RequestBody): JsonObject | null {
  return fields.object(root, 'generationConfig', 'generation_config');
}

function outputLimit(body: RequestBody): number | null {
  return body.fields.whole(configOf(body), 'maxOutputTokens', 'max_output_tokens');
}

function mediaParts({ root }: RequestBody): number {
  const media = new Set(['inline_data', 'file_data']);
  let count = 0;
  for (const node of nodesBelow(root)) {
    if (node.kind === 'object') count += node.members.filter(({ name }) => media.has(snake(name))).length;
  }
  return count;
}

/** Pictures and speech are billed at prices of their own, which usage in tokens of text would undercut. */
function refuseOtherOutput(body: RequestBody): void {
  const { fields } = body;
  const asked = fields.array(configOf(body), 'responseModalities', 'response_modalities')?.elements ?? [];
  if (asked.some((one) => fields.textOf(one)?.toUpperCase() !== 'TEXT')) {
    fields.note('responseModalities asks for more than text, which cannot be metered');
  }
}

function modelOf({ root, fields }: RequestBody, route: GenerateRoute): string {
  const named = fields.text(root, 'model');
  const model = route.model ?? '';
  if (model === '') fields.note('the path names no model');
  if (named !== null && named.replace(/^(?:.*\/)?models\//, '') !== model) {
    fields.note(`the path asks for ${model} and the body for another model`);
  }
  return model;
}

export function readGenerateContentRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return readRequestBody(bytes, (body): RequestFacts => {
    const { root, fields } = body;
    if (fields.array(root, 'contents') === null) fields.note('contents is missing');
    refuseOtherOutput(body);
    const tools = toolsOf(body);
    return {
      model: modelOf(body, route),
      stream: route.stream === true,
      outputLimit: outputLimit(body),
      leastOutputLimit: 1,
      choices: Math.max(1, fields.whole(configOf(body), 'candidateCount', 'candidate_count') ?? 1),
      cacheWrite: 'none',
      terms: {
        serviceTier: fields.text(root, 'serviceTier', 'service_tier')?.toLowerCase() ?? null,
        fast: false,
        geography: null,
      },
      hostedTools: distinct(tools.flatMap((tool) => tool.members.map(hostedName))),
      mediaParts: mediaParts(body),
      unbounded: fields.text(root, 'cachedContent', 'cached_content') === null ? [] : ['cachedContent'],
      toolNames: distinct(tools.flatMap((tool) => functionNames(body, tool))),
    };
  });
}

function editLimit(body: RequestBody, editor: BodyEditor, limit: number): void {
  const { root } = body;
  const config = configOf(body);
  if (config === null) {
    const name = root.members.some((member) => member.name === 'generation_config')
      ? 'generation_config'
      : 'generationConfig';
    editor.set(root, name, `{"maxOutputTokens":${limit}}`);
    return;
  }
  const name = config.members.some((member) => member.name === 'max_output_tokens')
    ? 'max_output_tokens'
    : 'maxOutputTokens';
  lowerLimit(editor, { parent: config, name, current: outputLimit(body) }, limit);
}

function editTools(body: RequestBody, editor: BodyEditor, without: readonly string[]): void {
  const { root, fields } = body;
  const array = fields.array(root, 'tools');
  const tools = toolsOf(body);
  let emptied = 0;
  for (const tool of tools) {
    const removed = tool.members.filter((member) => without.includes(hostedName(member) ?? ''));
    if (removed.length > 0 && removed.length === tool.members.length && array !== null) {
      editor.removeElement(array, tool);
      emptied += 1;
    } else for (const { name } of removed) editor.remove(tool, name);
  }
  if (emptied > 0 && emptied === tools.length) editor.remove(root, 'tools');
  const left = tools.flatMap((tool) => tool.members.map(hostedName)).filter((name) => !without.includes(name ?? ''));
  const config = fields.object(root, 'toolConfig', 'tool_config');
  if (config === null || LOOKUP_TOOLS.some((name) => left.includes(name))) return;
  if (!LOOKUP_TOOLS.some((name) => without.includes(name))) return;
  for (const name of ['retrievalConfig', 'retrieval_config']) editor.remove(config, name);
}

export function editGenerateContentRequest(bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  if (changesNothing(edit)) return bytes;
  return editRequestBody(bytes, (body, editor) => {
    if (edit.outputLimit !== undefined) editLimit(body, editor, edit.outputLimit);
    if (edit.withoutHostedTools !== undefined) editTools(body, editor, edit.withoutHostedTools);
  });
}
