/** What reading and editing a request has in common over all dialects. */
import type { RequestEdit, RequestFacts, RequestReading } from './dialect.ts';
import { readJson } from './json-document.ts';
import type { JsonNode, JsonObject } from './json-document.ts';
import { createBodyEditor } from './json-edit.ts';
import type { BodyEditor } from './json-edit.ts';
import { createFields } from './json-fields.ts';
import type { Fields } from './json-fields.ts';

export interface RequestBody {
  readonly root: JsonObject;
  readonly fields: Fields;
}

/** Reads facts out of a body. Whatever `read` notes as a problem makes the request one that is not understood. */
export function readRequestBody(bytes: Uint8Array, read: (body: RequestBody) => RequestFacts): RequestReading {
  const reading = readJson(bytes);
  if (!reading.ok) return reading;
  const { document } = reading;
  if (document.root.kind !== 'object') return { ok: false, problem: 'the body is no JSON object' };
  const fields = createFields(document);
  const facts = read({ root: document.root, fields });
  const problem = fields.problem();
  return problem === null ? { ok: true, facts } : { ok: false, problem };
}

/** Most calls pass as they are; then the body need not be read again. Usage is another's question: few protocols ask for it. */
export function changesNothing({ outputLimit, withoutHostedTools = [] }: RequestEdit): boolean {
  return outputLimit === undefined && withoutHostedTools.length === 0;
}

/** Edits a body that was read before; any other is a defect of the caller. */
export function editRequestBody(
  bytes: Uint8Array,
  change: (body: RequestBody, editor: BodyEditor) => void,
): Uint8Array {
  const reading = readJson(bytes);
  if (!reading.ok || reading.document.root.kind !== 'object') {
    throw new TypeError('only a body that was read can be edited');
  }
  const { document } = reading;
  const editor = createBodyEditor(document);
  change({ root: reading.document.root, fields: createFields(document) }, editor);
  return editor.bytes();
}

/** The name of the model, from the path or the body. Both may say it, but not two different ones. */
export function modelNamed({ root, fields }: RequestBody, fromPath: string | null): string {
  const named = fields.text(root, 'model');
  if (fromPath !== null) {
    if (named !== null && named !== fromPath)
      fields.note(`the path asks for ${fromPath} and the body for another model`);
    return fromPath;
  }
  if (named === null || named === '') fields.note('model is missing');
  return named ?? '';
}

/** Lowers a limit or sets it where there is none. Never raises what the client asked for. */
export function lowerLimit(
  editor: BodyEditor,
  place: { readonly parent: JsonObject; readonly name: string; readonly current: number | null },
  limit: number,
): void {
  if (place.current === null || place.current > limit) editor.set(place.parent, place.name, String(limit));
}

/** Each name once, in the order of first mention. */
export function distinct(names: readonly (string | null)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== null && name !== ''))] as readonly string[];
}

export function isObject(node: JsonNode | null): node is JsonObject {
  return node?.kind === 'object';
}
