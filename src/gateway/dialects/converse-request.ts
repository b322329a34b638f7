/**
 * Requests of Bedrock's Converse. Source: the reference of Converse (docs.aws.amazon.com/bedrock, API_runtime_Converse).
 */
import type { GenerateRoute, RequestEdit, RequestFacts, RequestReading } from './dialect.ts';
import { memberOf, nodesBelow } from './json-document.ts';
import type { JsonObject } from './json-document.ts';
import type { BodyEditor } from './json-edit.ts';
import { objectsIn } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import {
  changesNothing,
  distinct,
  editRequestBody,
  isObject,
  lowerLimit,
  modelNamed,
  readRequestBody,
} from './request-body.ts';
import type { RequestBody } from './request-body.ts';

/** The model's own parameters that change neither how long an answer may be nor which tools the vendor runs. */
const KNOWN_EXTRAS: ReadonlySet<string> = new Set([
  'thinking',
  'reasoning_config',
  'reasoning_effort',
  'anthropic_beta',
  'top_k',
  'topK',
  'output_config',
]);

const LEAST_THINKING_TOKENS = 1024;

/** The vendor's own tools, by what a policy calls them. */
const POLICY_NAMES: Readonly<Record<string, string>> = {
  nova_grounding: 'web_search',
  nova_code_interpreter: 'code_interpreter',
};

function hostedName(fields: Fields, tool: JsonObject): string | null {
  const name = fields.text(fields.object(tool, 'systemTool'), 'name');
  return name === null ? null : (POLICY_NAMES[name] ?? name);
}

function toolsOf({ root, fields }: RequestBody): readonly JsonObject[] {
  return objectsIn(fields, fields.array(fields.object(root, 'toolConfig'), 'tools'), 'toolConfig.tools');
}

function extrasOf({ root, fields }: RequestBody): JsonObject | null {
  return fields.object(root, 'additionalModelRequestFields');
}

function thinkingBudget(body: RequestBody): { readonly parent: JsonObject; readonly tokens: number } | null {
  const { fields } = body;
  const thinking = fields.object(extrasOf(body), 'thinking', 'reasoning_config');
  if (thinking === null || fields.text(thinking, 'type') !== 'enabled') return null;
  const tokens = fields.whole(thinking, 'budget_tokens');
  return tokens === null ? null : { parent: thinking, tokens };
}

function refuseUnknownExtras(body: RequestBody): void {
  const unknown = extrasOf(body)?.members.find(({ name }) => !KNOWN_EXTRAS.has(name));
  if (unknown === undefined) return;
  body.fields.note(
    `additionalModelRequestFields.${unknown.name} is not known here, so no worst case can be put on the call`,
  );
}

function contentOf({ root, fields }: RequestBody): Pick<RequestFacts, 'mediaParts' | 'cacheWrite'> {
  const media = new Set(['image', 'document', 'video', 'audio']);
  let mediaParts = 0;
  let cacheWrite: RequestFacts['cacheWrite'] = 'none';
  for (const node of nodesBelow(root)) {
    if (node.kind !== 'object') continue;
    mediaParts += node.members.filter(({ name, value }) => media.has(name) && isObject(value)).length;
    const point = memberOf(node, 'cachePoint');
    if (!isObject(point)) continue;
    const lasting = fields.textOf(memberOf(point, 'ttl')) === '1h';
    if (lasting || cacheWrite === 'none') cacheWrite = lasting ? '1h' : '5m';
  }
  return { mediaParts, cacheWrite };
}

export function readConverseRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return readRequestBody(bytes, (body): RequestFacts => {
    const { root, fields } = body;
    if (fields.array(root, 'messages') === null) fields.note('messages is missing');
    refuseUnknownExtras(body);
    const tools = toolsOf(body);
    return {
      model: modelNamed(body, route.model),
      stream: route.stream === true,
      outputLimit: fields.whole(fields.object(root, 'inferenceConfig'), 'maxTokens'),
      leastOutputLimit: thinkingBudget(body) === null ? 1 : LEAST_THINKING_TOKENS + 1,
      choices: 1,
      ...contentOf(body),
      terms: { serviceTier: fields.text(fields.object(root, 'serviceTier'), 'type'), fast: false, geography: null },
      hostedTools: distinct(tools.map((tool) => hostedName(fields, tool))),
      unbounded: fields.object(root, 'promptVariables') === null ? [] : ['promptVariables'],
      toolNames: distinct(tools.map((tool) => fields.text(fields.object(tool, 'toolSpec'), 'name'))),
    };
  });
}

function editLimit(body: RequestBody, editor: BodyEditor, limit: number): void {
  const { root, fields } = body;
  const config = fields.object(root, 'inferenceConfig');
  const current = fields.whole(config, 'maxTokens');
  if (config === null) editor.set(root, 'inferenceConfig', `{"maxTokens":${limit}}`);
  else lowerLimit(editor, { parent: config, name: 'maxTokens', current }, limit);
  const budget = thinkingBudget(body);
  if (budget === null || budget.tokens < limit || (current !== null && current <= limit)) return;
  editor.set(budget.parent, 'budget_tokens', String(Math.max(LEAST_THINKING_TOKENS, limit - 1)));
}

function editTools(body: RequestBody, editor: BodyEditor, without: readonly string[]): void {
  const { root, fields } = body;
  const config = fields.object(root, 'toolConfig');
  const array = fields.array(config, 'tools');
  const tools = toolsOf(body);
  const removed = tools.filter((tool) => without.includes(hostedName(fields, tool) ?? ''));
  if (config === null || array === null || removed.length === 0) return;
  for (const tool of removed) editor.removeElement(array, tool);
  if (removed.length === tools.length) editor.remove(root, 'toolConfig');
  const chosen = fields.text(fields.object(fields.object(config, 'toolChoice'), 'tool'), 'name');
  const names = removed.map((tool) => fields.text(fields.object(tool, 'systemTool'), 'name'));
  if (chosen !== null && names.includes(chosen)) editor.remove(config, 'toolChoice');
}

export function editConverseRequest(bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  if (changesNothing(edit)) return bytes;
  return editRequestBody(bytes, (body, editor) => {
    if (edit.outputLimit !== undefined) editLimit(body, editor, edit.outputLimit);
    if (edit.withoutHostedTools !== undefined) editTools(body, editor, edit.withoutHostedTools);
  });
}
