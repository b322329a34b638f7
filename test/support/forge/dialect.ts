/** What a dialect gets, and what it answers. */
import type { FakeRepository } from './state.ts';

export interface FakeCall {
  readonly method: string;
  /** Decoded where it names a path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface FakeReply {
  readonly status: number;
  /** JSON, or text as it is. */
  readonly body: unknown;
  /** A page of a list: the server cuts it. */
  readonly list?: true;
}

/** null: no such route. */
export type Dialect = (repository: FakeRepository, call: FakeCall) => FakeReply | null;

export const NOT_FOUND: FakeReply = { status: 404, body: { message: 'Not Found' } };

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A file at a commit or branch; null where there is none. */
export function fileAt(repository: FakeRepository, ref: string, path: string): string | null {
  try {
    return `${repository.git('show', `${ref}:${path}`)}\n`;
  } catch {
    return null;
  }
}
