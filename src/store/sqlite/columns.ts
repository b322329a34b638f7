/** Typed reading of rows. The tables are STRICT, so another type means a damaged file or a defect. */
import type { SQLOutputValue } from 'node:sqlite';
import { assert } from '../../core/errors.ts';

export type Row = Record<string, SQLOutputValue>;

export function textOf(row: Row, column: string): string {
  const value = row[column];
  assert(typeof value === 'string', `column ${column} holds text`);
  return value;
}

export function optionalTextOf(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  assert(typeof value === 'number', `column ${column} holds a number`);
  return value;
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  assert(value instanceof Uint8Array, `column ${column} holds bytes`);
  return value;
}
