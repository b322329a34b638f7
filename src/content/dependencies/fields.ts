/** Looking into parsed files that may hold anything. */
import { parse as parseToml, TomlError } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { isFields, type Fields } from '../../core/fields.ts';

export function fieldsAt(value: unknown, key: string): Fields {
  const inner = isFields(value) ? value[key] : undefined;
  return isFields(inner) ? inner : {};
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const inner = isFields(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner : [];
}

/** Empty where there is no text. */
export function textAt(value: unknown, key: string): string {
  const inner = isFields(value) ? value[key] : undefined;
  return typeof inner === 'string' ? inner : '';
}

/** As a list of one, or none where there is no text. */
export function textsAt(value: unknown, key: string): readonly string[] {
  const text = textAt(value, key);
  return text === '' ? [] : [text];
}

/** null: it is no JSON, or no object. */
export function jsonFields(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** null: it is no TOML. */
export function tomlFields(text: string): Fields | null {
  try {
    return parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) return null;
    throw error;
  }
}

/** Aliases that may be followed; lockfiles have none, a bomb has many. */
const MAX_ALIASES = 100;

/** Every document; null: it is no YAML, or unfolds without end. */
export function yamlFields(text: string): readonly Fields[] | null {
  const documents = parseAllDocuments(text, { logLevel: 'error' });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return null;
  try {
    return documents.map((document): unknown => document.toJS({ maxAliasCount: MAX_ALIASES })).filter(isFields);
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}
