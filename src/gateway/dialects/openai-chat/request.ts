/**
 * Requests of OpenAI Chat Completions, which many other vendors and servers speak too. Source: the reference of
 * `POST /chat/completions` (platform.openai.com/docs/api-reference/chat).
 */
import type { GenerateRoute, RequestEdit, RequestFacts, RequestReading } from '../dialect.ts';
import { memberOf, nodesBelow } from '../json-document.ts';
import type { JsonObject } from '../json-document.ts';
import type { BodyEditor } from '../json-edit.ts';
import { objectsIn } from '../json-fields.ts';
import type { Fields } from '../json-fields.ts';
import { openaiTier } from '../openai-terms.ts';
import { changesNothing, distinct, editRequestBody, lowerLimit, modelNamed, readRequestBody } from '../request-body.ts';
import type { RequestBody } from '../request-body.ts';

/** The second is the older name; servers differ in which they obey, so both are read and both are lowered. */
const LIMITS = ['max_completion_tokens', 'max_tokens'] as const;

const MEDIA: ReadonlySet<string> = new Set(['image_url', 'input_audio', 'file', 'video_url']);

/** How web search is asked for beside the list of tools: OpenAI's name and xAI's. */
const SEARCHES = ['web_search_options', 'search_parameters'] as const;

/** null for a tool the client runs. */
function hostedName(fields: Fields, tool: JsonObject): string | null {
  const type = fields.text(tool, 'type') ?? 'function';
  return type === 'function' || type === 'custom' ? null : type;
}

function toolsOf({ root, fields }: RequestBody): readonly JsonObject[] {
  return objectsIn(fields, fields.array(root, 'tools'), 'tools');
}

function hostedTools(body: RequestBody): readonly string[] {
  const { root, fields } = body;
  const searches = SEARCHES.some((name) => fields.object(root, name) !== null);
  return distinct([...toolsOf(body).map((tool) => hostedName(fields, tool)), searches ? 'web_search' : null]);
}

function toolNames(body: RequestBody): readonly string[] {
  const { root, fields } = body;
  const nameOf = (tool: JsonObject): string | null =>
    fields.text(fields.object(tool, 'function'), 'name') ?? fields.text(fields.object(tool, 'custom'), 'name');
  const legacy = objectsIn(fields, fields.array(root, 'functions'), 'functions');
  return distinct([...toolsOf(body).map(nameOf), ...legacy.map((one) => fields.text(one, 'name'))]);
}

function mediaParts({ root, fields }: RequestBody): number {
  const messages = fields.array(root, 'messages');
  if (messages === null) {
    fields.note('messages is missing');
    return 0;
  }
  let count = 0;
  for (const node of nodesBelow(messages)) if (MEDIA.has(fields.textOf(memberOf(node, 'type')) ?? '')) count += 1;
  return count;
}

/** Speech is billed at a price of its own, which usage in tokens of text would undercut. */
function refuseOtherOutput({ root, fields }: RequestBody): void {
  const asked = fields.array(root, 'modalities')?.elements ?? [];
  if (asked.some((one) => fields.textOf(one) !== 'text')) {
    fields.note('modalities asks for more than text, which cannot be metered');
  }
}

/** The larger one: what a server that obeys only one of them may write. */
function outputLimit({ root, fields }: RequestBody): number | null {
  const limits = LIMITS.map((name) => fields.whole(root, name)).filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.max(...limits);
}

export function readRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return readRequestBody(bytes, (body): RequestFacts => {
    const { root, fields } = body;
    refuseOtherOutput(body);
    return {
      model: modelNamed(body, route.model),
      stream: fields.flag(root, 'stream') ?? false,
      outputLimit: outputLimit(body),
      leastOutputLimit: 1,
      choices: Math.max(1, fields.whole(root, 'n') ?? 1),
      // Prefixes are cached without being asked; from GPT-5.6 on, writing them costs more than input.
      cacheWrite: '5m',
      terms: { serviceTier: openaiTier(fields.text(root, 'service_tier')), fast: false, geography: null },
      hostedTools: hostedTools(body),
      mediaParts: mediaParts(body),
      unbounded: [],
      toolNames: toolNames(body),
    };
  });
}

function editLimit({ root, fields }: RequestBody, editor: BodyEditor, limit: number): void {
  const given = LIMITS.filter((name) => fields.whole(root, name) !== null);
  for (const name of given.length === 0 ? LIMITS.slice(0, 1) : given) {
    lowerLimit(editor, { parent: root, name, current: fields.whole(root, name) }, limit);
  }
}

/** The vendor refuses the option where no stream is asked for. */
function editUsage({ root, fields }: RequestBody, editor: BodyEditor): void {
  if (fields.flag(root, 'stream') !== true) return;
  const options = fields.object(root, 'stream_options');
  if (options === null) editor.set(root, 'stream_options', '{"include_usage":true}');
  else if (fields.flag(options, 'include_usage') !== true) editor.set(options, 'include_usage', 'true');
}

function editTools(body: RequestBody, editor: BodyEditor, without: readonly string[]): void {
  const { root, fields } = body;
  if (without.includes('web_search')) for (const name of SEARCHES) editor.remove(root, name);
  const array = fields.array(root, 'tools');
  const tools = toolsOf(body);
  const removed = tools.filter((tool) => without.includes(hostedName(fields, tool) ?? ''));
  if (array === null || removed.length === 0) return;
  for (const tool of removed) editor.removeElement(array, tool);
  const left = tools.length - removed.length;
  if (left === 0) editor.remove(root, 'tools');
  const choice = fields.node(root, 'tool_choice');
  const named = choice?.kind === 'object' ? (hostedName(fields, choice) ?? '') : '';
  if (choice !== null && (left === 0 || without.includes(named))) editor.remove(root, 'tool_choice');
}

export function editRequest(_route: GenerateRoute, bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  if (changesNothing(edit) && edit.withUsage !== true) return bytes;
  return editRequestBody(bytes, (body, editor) => {
    if (edit.outputLimit !== undefined) editLimit(body, editor, edit.outputLimit);
    if (edit.withUsage === true) editUsage(body, editor);
    if (edit.withoutHostedTools !== undefined) editTools(body, editor, edit.withoutHostedTools);
  });
}
