/** Walks the JSON form of the schema: which keys exist where, and which of them are leaves. */
import * as z from 'zod';
import { policySchema } from './schema.ts';

export interface SchemaNode {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  /** Of a map from a closed set of names. */
  readonly propertyNames?: SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
  /** The default in words; taken out of what is published. */
  readonly preset?: string;
  /** The type in words, where the plain one says too little; taken out as well. */
  readonly kind?: string;
  readonly examples?: readonly unknown[];
}

export function schemaRoot(schema: z.ZodType = policySchema): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as SchemaNode;
}

export function resolveRef(root: SchemaNode, node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node;
  const target = root.$defs?.[node.$ref.slice(node.$ref.lastIndexOf('/') + 1)];
  // Keys beside `$ref` belong to the place, not to the definition.
  return target === undefined ? node : { ...target, ...node };
}

/** The node and, where it has several forms, each of them. */
function forms(root: SchemaNode, node: SchemaNode): SchemaNode[] {
  const resolved = resolveRef(root, node);
  return [resolved, ...(resolved.anyOf ?? []).flatMap((form) => forms(root, form))];
}

function child(root: SchemaNode, node: SchemaNode, step: string | number): SchemaNode | null {
  for (const form of forms(root, node)) {
    if (typeof step === 'number' && form.items !== undefined) return form.items;
    const property = form.properties?.[step];
    if (property !== undefined) return property;
    if (typeof form.additionalProperties === 'object') return form.additionalProperties;
  }
  return null;
}

/** The keys that are known at a path. Empty where any key may stand. */
export function knownKeys(root: SchemaNode, path: readonly (string | number)[]): readonly string[] {
  let node: SchemaNode | null = root;
  for (const step of path) node = node === null ? null : child(root, node, step);
  return node === null
    ? []
    : forms(root, node).flatMap((form) => [
        ...Object.keys(form.properties ?? {}),
        ...(form.propertyNames?.enum ?? []).map(String),
      ]);
}

export interface Leaf {
  /** `limits.wall-time`, `checks.*.run`, `risk[].name`. */
  readonly path: string;
  readonly node: SchemaNode;
  /** Set where a class repeats a whole section of the file: the section's name. */
  readonly sameAs: string | null;
}

function isMapOfAnything(node: SchemaNode): boolean {
  return typeof node.additionalProperties === 'object' && Object.keys(node.additionalProperties).length > 0;
}

/**
 * Every key that takes a value. A list or a choice of values is one leaf; sections that a class repeats are one leaf
 * each, because they are the same keys again.
 */
export function schemaLeaves(root: SchemaNode): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (path: string, given: SchemaNode): void => {
    if (given.$ref !== undefined && path.startsWith('classes.')) {
      leaves.push({ path, node: resolveRef(root, given), sameAs: given.$ref.slice(given.$ref.lastIndexOf('/') + 1) });
      return;
    }
    // A value with a kind of its own is one thing to people, whatever it is made of.
    if (resolveRef(root, given).kind !== undefined) {
      leaves.push({ path, node: resolveRef(root, given), sameAs: null });
      return;
    }
    const all = forms(root, given);
    const map = all.find((form) => form.properties !== undefined);
    if (map?.properties !== undefined) {
      for (const [key, node] of Object.entries(map.properties)) visit(path === '' ? key : `${path}.${key}`, node);
      return;
    }
    const open = all.find(isMapOfAnything)?.additionalProperties;
    if (typeof open === 'object' && forms(root, open).some((form) => form.properties !== undefined)) {
      visit(`${path}.*`, open);
      return;
    }
    const list = all.find((form) => form.items !== undefined)?.items;
    if (list !== undefined && forms(root, list).some((form) => form.properties !== undefined)) {
      visit(`${path}[]`, list);
      return;
    }
    leaves.push({ path, node: resolveRef(root, given), sameAs: null });
  };
  visit('', root);
  return leaves;
}
