/**
 * Requests in the form of Anthropic Messages, as the vendor itself, Bedrock (`invoke`) and Vertex (`rawPredict`) take them.
 * Source of names and rules: the API reference of Messages (platform.claude.com/docs/en/api/messages).
 */
import type { GenerateRoute, RequestEdit, RequestFacts, RequestReading } from './dialect.ts';
import { memberOf, nodesBelow } from './json-document.ts';
import type { JsonNode, JsonObject } from './json-document.ts';
import type { BodyEditor } from './json-edit.ts';
import { objectsIn } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import { changesNothing, distinct, editRequestBody, lowerLimit, modelNamed, readRequestBody } from './request-body.ts';
import type { RequestBody } from './request-body.ts';

/** The vendor refuses a thinking budget below this, and one that is not below `max_tokens`. */
const LEAST_THINKING_TOKENS = 1024;

/** Tools with a type of their own that the client runs, or that only look through the tools of the request. */
const CLIENT_TOOL =
  /^(?:custom|bash|text_editor|computer|memory|tool_search_tool_regex|tool_search_tool_bm25)(?:_\d{8})?$/;

/** The name a policy has for a tool; null for one the client runs. A type that is not known here counts as hosted. */
function hostedName(fields: Fields, tool: JsonObject): string | null {
  const type = fields.text(tool, 'type');
  if (type === null || CLIENT_TOOL.test(type)) return null;
  return type === 'mcp_toolset' ? 'mcp' : type.replace(/_\d{8}$/, '');
}

function toolsOf({ root, fields }: RequestBody): readonly JsonObject[] {
  return objectsIn(fields, fields.array(root, 'tools'), 'tools');
}

function hostedTools(body: RequestBody): readonly string[] {
  const { root, fields } = body;
  const servers = fields.array(root, 'mcp_servers')?.elements.length ?? 0;
  return distinct([...toolsOf(body).map((tool) => hostedName(fields, tool)), servers > 0 ? 'mcp' : null]);
}

interface Content {
  mediaParts: number;
  cacheWrite: RequestFacts['cacheWrite'];
  readonly unbounded: Set<string>;
}

function readMedia(fields: Fields, node: JsonObject, content: Content): void {
  const type = fields.textOf(memberOf(node, 'type'));
  if (type !== 'image' && type !== 'document' && type !== 'container_upload') return;
  const source = memberOf(node, 'source');
  const from = source === null ? null : fields.textOf(memberOf(source, 'type'));
  if (from === 'text' || from === 'content') return;
  content.mediaParts += 1;
  if (from === 'file' || type === 'container_upload') content.unbounded.add('file_id');
  if (from === 'url' && type === 'document') content.unbounded.add('document by url');
}

/** Looks through everything, so it may see a mark in what is only data. That holds too much, never too little. */
function readContent({ root, fields }: RequestBody): Content {
  const content: Content = { mediaParts: 0, cacheWrite: 'none', unbounded: new Set() };
  for (const node of nodesBelow(root)) {
    if (node.kind !== 'object') continue;
    readMedia(fields, node, content);
    const mark = memberOf(node, 'cache_control');
    if (mark?.kind !== 'object') continue;
    const lasting = fields.textOf(memberOf(mark, 'ttl')) === '1h';
    if (lasting || content.cacheWrite === 'none') content.cacheWrite = lasting ? '1h' : '5m';
  }
  for (const edit of fields.array(fields.object(root, 'context_management'), 'edits')?.elements ?? []) {
    // The model is asked once more to write the summary, over input that is billed again.
    if (edit.kind === 'object' && (fields.text(edit, 'type') ?? '').startsWith('compact'))
      content.unbounded.add('compaction');
  }
  return content;
}

function thinkingBudget({
  root,
  fields,
}: RequestBody): { readonly parent: JsonObject; readonly tokens: number } | null {
  const thinking = fields.object(root, 'thinking');
  if (thinking === null || fields.text(thinking, 'type') !== 'enabled') return null;
  const tokens = fields.whole(thinking, 'budget_tokens');
  return tokens === null ? null : { parent: thinking, tokens };
}

/** `standard_only` asks for what the list price is for. */
function requestTier(tier: string | null): string | null {
  return tier === 'standard_only' ? 'standard' : tier;
}

export function readMessagesRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return readRequestBody(bytes, (body): RequestFacts => {
    const { root, fields } = body;
    if (fields.array(root, 'messages') === null) fields.note('messages is missing');
    const content = readContent(body);
    const streamed = fields.flag(root, 'stream') ?? false;
    return {
      model: modelNamed(body, route.model),
      stream: streamed || route.stream === true,
      outputLimit: fields.whole(root, 'max_tokens'),
      leastOutputLimit: thinkingBudget(body) === null ? 1 : LEAST_THINKING_TOKENS + 1,
      choices: 1,
      cacheWrite: content.cacheWrite,
      terms: {
        serviceTier: requestTier(fields.text(root, 'service_tier')),
        fast: fields.text(root, 'speed') === 'fast',
        geography: fields.text(root, 'inference_geo'),
      },
      hostedTools: hostedTools(body),
      mediaParts: content.mediaParts,
      unbounded: [...content.unbounded],
      toolNames: distinct(toolsOf(body).map((tool) => fields.text(tool, 'name'))),
    };
  });
}

function editLimit(body: RequestBody, editor: BodyEditor, limit: number): void {
  const current = body.fields.whole(body.root, 'max_tokens');
  lowerLimit(editor, { parent: body.root, name: 'max_tokens', current }, limit);
  const budget = thinkingBudget(body);
  if (budget === null || budget.tokens < Math.min(limit, current ?? limit)) return;
  // A budget that did not fit before is the client's own error, and the vendor's to refuse.
  if (current !== null && current <= limit) return;
  editor.set(budget.parent, 'budget_tokens', String(Math.max(LEAST_THINKING_TOKENS, limit - 1)));
}

function choosesRemoved(
  fields: Fields,
  choice: JsonNode | null,
  names: { readonly removed: readonly string[]; readonly left: number },
): boolean {
  if (choice?.kind !== 'object') return false;
  const type = fields.text(choice, 'type');
  if (names.left === 0) return true;
  return type === 'tool' && names.removed.includes(fields.text(choice, 'name') ?? '');
}

function editTools(body: RequestBody, editor: BodyEditor, without: readonly string[]): void {
  const { root, fields } = body;
  const array = fields.array(root, 'tools');
  const tools = toolsOf(body);
  const removed = tools.filter((tool) => without.includes(hostedName(fields, tool) ?? ''));
  const left = tools.length - removed.length;
  if (without.includes('mcp')) editor.remove(root, 'mcp_servers');
  if (without.includes('code_execution')) editor.remove(root, 'container');
  if (array === null || removed.length === 0) return;
  if (without.includes('code_execution')) for (const tool of tools) editor.remove(tool, 'allowed_callers');
  for (const tool of removed) editor.removeElement(array, tool);
  if (left === 0) editor.remove(root, 'tools');
  const names = { removed: removed.flatMap((tool) => fields.text(tool, 'name') ?? []), left };
  if (choosesRemoved(fields, fields.node(root, 'tool_choice'), names)) editor.remove(root, 'tool_choice');
}

export function editMessagesRequest(bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  if (changesNothing(edit)) return bytes;
  return editRequestBody(bytes, (body, editor) => {
    if (edit.outputLimit !== undefined) editLimit(body, editor, edit.outputLimit);
    if (edit.withoutHostedTools !== undefined) editTools(body, editor, edit.withoutHostedTools);
  });
}
