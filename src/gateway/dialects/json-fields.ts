/** Reading named fields of a body. What has the wrong type is noted once for all, so that readers read straight on. */
import { memberOf, valueOf } from './json-document.ts';
import type { JsonArray, JsonDocument, JsonNode, JsonObject } from './json-document.ts';

/**
 * Each reads one member by its names (a vendor may know several spellings) and gives null where it is absent or `null`. A
 * wrong type, or two spellings at once, is noted as a problem and read as absent. So is the name in other letter cases: some
 * servers (those on Go's encoding/json) would obey it.
 */
export interface Fields {
  node(parent: JsonNode | null, ...names: readonly string[]): JsonNode | null;
  object(parent: JsonNode | null, ...names: readonly string[]): JsonObject | null;
  array(parent: JsonNode | null, ...names: readonly string[]): JsonArray | null;
  text(parent: JsonNode | null, ...names: readonly string[]): string | null;
  /** A whole number from 0 to 2^53 - 1. */
  whole(parent: JsonNode | null, ...names: readonly string[]): number | null;
  flag(parent: JsonNode | null, ...names: readonly string[]): boolean | null;
  /** The text of a node; null where it is none. Notes nothing. */
  textOf(node: JsonNode | null): string | null;
  /** Notes a problem found by the reader itself. */
  note(problem: string): void;
  /** The first one noted, or null. */
  problem(): string | null;
}

function nearName(parent: JsonNode, names: readonly string[]): string | null {
  if (parent.kind !== 'object') return null;
  const folded = names.map((name) => name.toLowerCase());
  const near = parent.members.find(({ name }) => !names.includes(name) && folded.includes(name.toLowerCase()));
  return near?.name.slice(0, 100) ?? null;
}

export function createFields(document: JsonDocument): Fields {
  const problems: string[] = [];
  const node = (parent: JsonNode | null, names: readonly string[]): JsonNode | null => {
    if (parent === null) return null;
    const found = names.filter((name) => memberOf(parent, name) !== null);
    const near = nearName(parent, names);
    if (near !== null) problems.push(`${JSON.stringify(near)} is ${names[0] ?? ''} in other letters`);
    if (found.length > 1) problems.push(`${found.join(' and ')} are the same field, given twice`);
    const value = memberOf(parent, found[0] ?? '');
    return found.length === 0 || value === null || value.kind === 'null' ? null : value;
  };
  const typed = <Kind extends JsonNode['kind']>(
    parent: JsonNode | null,
    names: readonly string[],
    kinds: readonly Kind[],
  ): (JsonNode & { readonly kind: Kind }) | null => {
    const value = node(parent, names);
    if (value === null) return null;
    const kind = kinds.find((kind) => kind === value.kind);
    if (kind !== undefined) return value as JsonNode & { readonly kind: Kind };
    problems.push(`${names[0] ?? ''} is of type ${value.kind}, not ${kinds.join(' or ')}`);
    return null;
  };
  return {
    node: (parent, ...names) => node(parent, names),
    object: (parent, ...names) => typed(parent, names, ['object']),
    array: (parent, ...names) => typed(parent, names, ['array']),
    text: (parent, ...names) => {
      const value = typed(parent, names, ['string']);
      return value === null ? null : String(valueOf(document, value));
    },
    whole: (parent, ...names) => {
      const value = typed(parent, names, ['number']);
      if (value === null) return null;
      const number = Number(valueOf(document, value));
      if (Number.isSafeInteger(number) && number >= 0) return number;
      problems.push(`${names[0] ?? ''} is no whole number that is 0 or more`);
      return null;
    },
    flag: (parent, ...names) => {
      const value = typed(parent, names, ['true', 'false']);
      return value === null ? null : value.kind === 'true';
    },
    textOf: (node) => (node?.kind === 'string' ? String(valueOf(document, node)) : null),
    note: (problem) => {
      problems.push(problem);
    },
    problem: () => problems[0] ?? null,
  };
}

/** The objects in an array; whatever else is in it is noted as a problem. */
export function objectsIn(fields: Fields, array: JsonArray | null, name: string): readonly JsonObject[] {
  const elements = array?.elements ?? [];
  const objects = elements.filter((element) => element.kind === 'object');
  if (objects.length < elements.length) fields.note(`${name} holds something that is no object`);
  return objects;
}
