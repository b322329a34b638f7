/** The published JSON Schema (2020-12) and the reference of every key, both made from the schema itself. */
import { layerSchema } from './schema.ts';
import { resolveRef, schemaLeaves, schemaRoot, type Leaf, type SchemaNode } from './schema-walk.ts';

/** Without our own annotations, and with a default in words as part of the description. */
function published(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(published);
  if (typeof node !== 'object' || node === null) return node;
  const { preset, kind: _kind, id: _id, ...rest } = node as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) result[key] = published(value);
  if (typeof preset === 'string')
    result['description'] = [result['description'], `Default: ${preset}.`].filter(Boolean).join(' ');
  return result;
}

/** The same for a layer of the host. */
export function layerJsonSchema(): unknown {
  const { $schema, ...schema } = published(schemaRoot(layerSchema)) as Record<string, unknown>;
  return {
    $schema,
    title: 'A layer of loopwright policies',
    description:
      'Rules of an organisation or a team on a host, above the loopwright.yaml of repositories, which can only tighten them.',
    ...schema,
  };
}

/** Plain data, the same on every call. Editors check `loopwright.yaml` against it while it is written. */
export function policyJsonSchema(): unknown {
  const { $schema, ...schema } = published(schemaRoot()) as Record<string, unknown>;
  return {
    $schema,
    title: 'loopwright.yaml',
    description:
      'The policy of loopwright: the rules an unattended run of a coding agent obeys. Read from the base revision.',
    ...schema,
  };
}

function words(values: readonly unknown[]): string {
  return values.map((value) => `\`${String(value)}\``).join(', ');
}

function typeOf(root: SchemaNode, given: SchemaNode): string {
  const node = resolveRef(root, given);
  if (node.kind !== undefined) return node.kind;
  if (node.anyOf !== undefined) {
    const kinds = [...new Set(node.anyOf.map((form) => typeOf(root, form)))];
    return kinds.join(' or ');
  }
  if (node.enum !== undefined) return words(node.enum);
  if (node.const !== undefined) return words([node.const]);
  if (node.items !== undefined) return 'list of text';
  if (node.type === 'object') return 'map';
  const types = [node.type ?? 'any'].flat();
  return types.map((type) => (type === 'string' ? 'text' : type === 'integer' ? 'whole number' : type)).join(' or ');
}

function defaultOf(leaf: Leaf): string {
  const { node } = leaf;
  if (node.preset !== undefined) return node.preset;
  if (Array.isArray(node.default)) return words(node.default);
  if (node.default !== undefined) return words([node.default]);
  return 'required';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row(root: SchemaNode, leaf: Leaf): string {
  if (leaf.sameAs !== null) {
    return `| \`${leaf.path}\` | as \`${leaf.sameAs}\` | what holds without it | The keys of \`${leaf.sameAs}\`, for this class only. |`;
  }
  const cells = [`\`${leaf.path}\``, typeOf(root, leaf.node), defaultOf(leaf), leaf.node.description ?? ''];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** A Markdown table of every leaf key: type, default, meaning. `*` is a name you choose, `[]` an entry of a list. */
export function policyReference(): string {
  const root = schemaRoot();
  const rows = schemaLeaves(root).map((leaf) => row(root, leaf));
  return ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
