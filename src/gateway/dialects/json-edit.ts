/** Changes to a JSON body by place. Every byte outside of the changed places stays as the client sent it. */
import { memberOf } from './json-document.ts';
import type { JsonArray, JsonDocument, JsonNode, JsonObject } from './json-document.ts';

export interface BodyEditor {
  /** `json` takes the place of the value. */
  replace(node: JsonNode, json: string): void;
  /** Sets a member: its value is replaced, or it is put first into the object. */
  set(parent: JsonObject, name: string, json: string): void;
  remove(parent: JsonObject, name: string): void;
  removeElement(parent: JsonArray, element: JsonNode): void;
  /** The edited body; the very bytes of the document where nothing was changed. */
  bytes(): Uint8Array;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Item {
  readonly start: number;
  readonly end: number;
}

interface ContainerEdit {
  readonly removed: Set<number>;
  readonly inserted: string[];
}

function itemsOf(container: JsonObject | JsonArray): readonly Item[] {
  if (container.kind === 'array') return container.elements;
  return container.members.map(({ start, value }) => ({ start, end: value.end }));
}

/** Removes runs of items together with the commas that would be left over. */
function removals(items: readonly Item[], removed: ReadonlySet<number>): readonly Splice[] {
  const splices: Splice[] = [];
  for (let first = 0; first < items.length; first += 1) {
    if (!removed.has(first)) continue;
    let last = first;
    while (removed.has(last + 1)) last += 1;
    const start = first === 0 ? items[0]?.start : items[first - 1]?.end;
    const end = first === 0 ? (items[last + 1]?.start ?? items[last]?.end) : items[last]?.end;
    if (start !== undefined && end !== undefined) splices.push({ start, end, text: '' });
    first = last;
  }
  return splices;
}

function splicesOf(container: JsonObject | JsonArray, { removed, inserted }: ContainerEdit): readonly Splice[] {
  const items = itemsOf(container);
  const splices = [...removals(items, removed)];
  if (inserted.length > 0) {
    const comma = removed.size < items.length ? ',' : '';
    const start = container.start + 1;
    splices.push({ start, end: start, text: `${inserted.join(',')}${comma}` });
  }
  return splices;
}

function applied(bytes: Uint8Array, splices: readonly Splice[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const encoder = new TextEncoder();
  let at = 0;
  // An insertion comes before a removal at the same place; what lies inside a removed value goes with it.
  for (const { start, end, text } of splices.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    if (start < at) continue;
    pieces.push(bytes.subarray(at, start), encoder.encode(text));
    at = end;
  }
  pieces.push(bytes.subarray(at));
  return Uint8Array.from(Buffer.concat(pieces));
}

export function createBodyEditor(document: JsonDocument): BodyEditor {
  const replaced = new Map<JsonNode, string>();
  const containers = new Map<JsonObject | JsonArray, ContainerEdit>();
  const editOf = (container: JsonObject | JsonArray): ContainerEdit => {
    const edit = containers.get(container) ?? { removed: new Set<number>(), inserted: [] };
    containers.set(container, edit);
    return edit;
  };
  return {
    replace: (node, json) => {
      replaced.set(node, json);
    },
    set: (parent, name, json) => {
      const node = memberOf(parent, name);
      if (node === null) editOf(parent).inserted.push(`${JSON.stringify(name)}:${json}`);
      else replaced.set(node, json);
    },
    remove: (parent, name) => {
      const index = parent.members.findIndex((member) => member.name === name);
      if (index >= 0) editOf(parent).removed.add(index);
    },
    removeElement: (parent, element) => {
      const index = parent.elements.indexOf(element);
      if (index >= 0) editOf(parent).removed.add(index);
    },
    bytes: () => {
      const values = [...replaced].map(([{ start, end }, text]) => ({ start, end, text }));
      const splices = [...values, ...[...containers].flatMap(([container, edit]) => splicesOf(container, edit))];
      return splices.length === 0 ? document.bytes : applied(document.bytes, splices);
    },
  };
}
