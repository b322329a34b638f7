/** Every dialect by name. Each is loaded when a run speaks it. */
import type { Dialect, DialectId } from './dialect.ts';

const LOADERS: Readonly<Record<DialectId, () => Promise<{ readonly createDialect: () => Dialect }>>> = {
  'openai-responses': () => import('./openai-responses/index.ts'),
  'openai-chat': () => import('./openai-chat/index.ts'),
  'anthropic-messages': () => import('./anthropic-messages/index.ts'),
  gemini: () => import('./gemini/index.ts'),
  bedrock: () => import('./bedrock/index.ts'),
  vertex: () => import('./vertex/index.ts'),
};

/**
 * In the order in which a path is offered to them. Only lists of models belong to more than one (`GET /v1/models`): they go to
 * OpenAI, whose clients ask for them.
 */
export const DIALECTS: readonly DialectId[] = [
  'openai-responses',
  'openai-chat',
  'anthropic-messages',
  'gemini',
  'bedrock',
  'vertex',
];

export async function loadDialect(id: DialectId): Promise<Dialect> {
  const { createDialect } = await LOADERS[id]();
  return createDialect();
}

/** The dialect that a request line belongs to; null where it belongs to none. `path` may hold a query. */
export async function dialectOf(method: string, path: string): Promise<Dialect | null> {
  for (const id of DIALECTS) {
    const dialect = await loadDialect(id);
    if (dialect.route(method, path) !== null) return dialect;
  }
  return null;
}
