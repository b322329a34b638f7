/**
 * `/model/ID/invoke` and `/converse`, each with a streaming form. The id may be an ARN, with its slashes in percent signs.
 * Source: the reference of the Bedrock runtime (docs.aws.amazon.com/bedrock/latest/APIReference).
 */
import type { GenerateRoute, Route } from '../dialect.ts';
import { bareOf, modelInPath } from '../paths.ts';

const PATH = /^\/model\/([^/]+)\/([\w-]+)$/;

export const CONVERSE_FORM = 'converse';
const MESSAGES_FORM = 'messages';

const METHODS: Readonly<Record<string, Pick<GenerateRoute, 'stream' | 'form'>>> = {
  invoke: { stream: false, form: MESSAGES_FORM },
  'invoke-with-response-stream': { stream: true, form: MESSAGES_FORM },
  converse: { stream: false, form: CONVERSE_FORM },
  'converse-stream': { stream: true, form: CONVERSE_FORM },
};

/** A stored prompt brings text along that the body does not have. */
const STORED_PROMPT = /:prompt\//;

export function routeOf(method: string, path: string): Route | null {
  const bare = bareOf(path);
  if (/^\/(?:async-invoke|guardrail)(?:\/|$)/.test(bare)) return { kind: 'unbounded', what: 'jobs and guardrails' };
  const found = PATH.exec(bare);
  const model = modelInPath(found?.[1]);
  if (method !== 'POST' || found === null || model === null) return null;
  const name = found[2] ?? '';
  if (name === 'count-tokens') return { kind: 'free' };
  if (STORED_PROMPT.test(model)) return { kind: 'unbounded', what: 'a stored prompt' };
  const form = METHODS[name];
  return form === undefined ? { kind: 'unbounded', what: name } : { kind: 'generate', model, ...form };
}
