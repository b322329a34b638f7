/** Requests of OpenAI Responses. Source: the reference of `POST /responses` (platform.openai.com/docs/api-reference). */
import type { GenerateRoute, RequestEdit, RequestFacts, RequestReading } from '../dialect.ts';
import { memberOf, nodesBelow } from '../json-document.ts';
import type { JsonNode, JsonObject } from '../json-document.ts';
import type { BodyEditor } from '../json-edit.ts';
import { objectsIn } from '../json-fields.ts';
import type { Fields } from '../json-fields.ts';
import { openaiTier } from '../openai-terms.ts';
import { changesNothing, distinct, editRequestBody, lowerLimit, modelNamed, readRequestBody } from '../request-body.ts';
import type { RequestBody } from '../request-body.ts';

/** The vendor refuses a lower `max_output_tokens`. */
const LEAST_OUTPUT_TOKENS = 16;

/** Tools that the client runs, or that only look through the tools of the request. Any other type counts as hosted. */
const CLIENT_TOOLS: ReadonlySet<string> = new Set([
  'function',
  'custom',
  'namespace',
  'local_shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
  'tool_search',
]);

/** The name a policy has for a type of tool: without a version, and the preview of web search is web search. */
function policyName(type: string): string {
  return type.replace(/_\d{4}_\d{2}_\d{2}$/, '').replace(/^web_search_preview$/, 'web_search');
}

/** null for a tool the client runs. */
function hostedName(fields: Fields, tool: JsonObject): string | null {
  const type = fields.text(tool, 'type') ?? 'function';
  if (CLIENT_TOOLS.has(type)) return null;
  if (type === 'shell' && fields.text(fields.object(tool, 'environment'), 'type') === 'local') return null;
  return policyName(type);
}

function toolsOf({ root, fields }: RequestBody): readonly JsonObject[] {
  return objectsIn(fields, fields.array(root, 'tools'), 'tools');
}

/** A namespace groups functions under one name. */
function namesIn(fields: Fields, tool: JsonObject): readonly (string | null)[] {
  const inner =
    fields.text(tool, 'type') === 'namespace' ? objectsIn(fields, fields.array(tool, 'tools'), 'tools') : [];
  return [fields.text(tool, 'name'), ...inner.map((one) => fields.text(one, 'name'))];
}

interface Content {
  mediaParts: number;
  readonly unbounded: Set<string>;
}

const MEDIA: ReadonlySet<string> = new Set(['input_image', 'input_file', 'input_audio', 'computer_screenshot']);

function readContent({ root, fields }: RequestBody): Content {
  const content: Content = { mediaParts: 0, unbounded: new Set() };
  for (const name of ['previous_response_id', 'conversation', 'prompt']) {
    if (fields.node(root, name) !== null) content.unbounded.add(name);
  }
  const input = memberOf(root, 'input');
  if (input === null) return content;
  for (const node of nodesBelow(input)) {
    const type = fields.textOf(memberOf(node, 'type'));
    if (type === 'item_reference') content.unbounded.add('item_reference');
    if (!MEDIA.has(type ?? '')) continue;
    content.mediaParts += 1;
    for (const name of ['file_id', 'file_url'])
      if (fields.textOf(memberOf(node, name)) !== null) content.unbounded.add(name);
  }
  return content;
}

export function readRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return readRequestBody(bytes, (body): RequestFacts => {
    const { root, fields } = body;
    if (fields.flag(root, 'background') === true) {
      fields.note('background is asked for, and what is billed after the answer cannot be metered');
    }
    const input = fields.node(root, 'input');
    if (input !== null && input.kind !== 'string' && input.kind !== 'array')
      fields.note('input is neither text nor a list');
    const content = readContent(body);
    const tools = toolsOf(body);
    return {
      model: modelNamed(body, route.model),
      stream: fields.flag(root, 'stream') ?? false,
      outputLimit: fields.whole(root, 'max_output_tokens'),
      leastOutputLimit: LEAST_OUTPUT_TOKENS,
      choices: 1,
      // Prefixes are cached without being asked; from GPT-5.6 on, writing them costs more than input.
      cacheWrite: '5m',
      terms: { serviceTier: openaiTier(fields.text(root, 'service_tier')), fast: false, geography: null },
      hostedTools: distinct(tools.map((tool) => hostedName(fields, tool))),
      mediaParts: content.mediaParts,
      unbounded: [...content.unbounded],
      toolNames: distinct(tools.flatMap((tool) => namesIn(fields, tool))),
    };
  });
}

function removeFromAllowed(
  fields: Fields,
  choice: JsonObject,
  editor: BodyEditor,
  without: readonly string[],
): boolean {
  const allowed = fields.array(choice, 'tools');
  const entries = objectsIn(fields, allowed, 'tool_choice.tools');
  const removed = entries.filter((entry) => without.includes(hostedName(fields, entry) ?? ''));
  if (allowed === null) return false;
  for (const entry of removed) editor.removeElement(allowed, entry);
  return removed.length > 0 && removed.length === entries.length;
}

function editChoice(
  { root, fields }: RequestBody,
  editor: BodyEditor,
  gone: { readonly without: readonly string[]; readonly left: number },
): void {
  const choice = fields.node(root, 'tool_choice');
  if (choice === null) return;
  const named = choice.kind === 'object' ? hostedName(fields, choice) : null;
  const isList = choice.kind === 'object' && fields.text(choice, 'type') === 'allowed_tools';
  const pointless = isList
    ? removeFromAllowed(fields, choice, editor, gone.without)
    : gone.without.includes(named ?? '');
  if (pointless || gone.left === 0) editor.remove(root, 'tool_choice');
}

/** `include` asks for parts of what a tool gave back, and its entries begin with the name of the tool's call. */
function editInclude({ root, fields }: RequestBody, editor: BodyEditor, without: readonly string[]): void {
  const include = fields.array(root, 'include');
  const isGone = (entry: JsonNode): boolean =>
    without.some((name) => fields.textOf(entry)?.startsWith(`${name}_call.`) === true);
  for (const entry of include?.elements.filter(isGone) ?? [])
    if (include !== null) editor.removeElement(include, entry);
}

function editTools(body: RequestBody, editor: BodyEditor, without: readonly string[]): void {
  const { root, fields } = body;
  const array = fields.array(root, 'tools');
  const tools = toolsOf(body);
  const removed = tools.filter((tool) => without.includes(hostedName(fields, tool) ?? ''));
  if (array === null || removed.length === 0) return;
  for (const tool of removed) editor.removeElement(array, tool);
  const left = tools.length - removed.length;
  if (left === 0) editor.remove(root, 'tools');
  editChoice(body, editor, { without, left });
  editInclude(body, editor, without);
}

export function editRequest(_route: GenerateRoute, bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  if (changesNothing(edit)) return bytes;
  return editRequestBody(bytes, (body, editor) => {
    const { root, fields } = body;
    if (edit.outputLimit !== undefined) {
      const current = fields.whole(root, 'max_output_tokens');
      lowerLimit(editor, { parent: root, name: 'max_output_tokens', current }, edit.outputLimit);
    }
    if (edit.withoutHostedTools !== undefined) editTools(body, editor, edit.withoutHostedTools);
  });
}
