/**
 * `/v1/projects/P/locations/L/publishers/PUBLISHER/models/M:METHOD`, and the short form without a project. Of the
 * publishers, Anthropic takes Messages (`rawPredict`) and Google takes generateContent.
 */
import type { GenerateRoute, Route } from '../dialect.ts';
import { unmeteredQuery } from '../google-queries.ts';
import { bareOf, modelInPath } from '../paths.ts';

const PATH =
  /^(?:\/v1(?:beta1)?)?(?:\/projects\/[\w.:-]+\/locations\/[\w-]+)?\/publishers\/(anthropic|google)\/models\/([^/:]+):(\w+)$/;

export const MESSAGES_FORM = 'messages';
const GENERATE_CONTENT_FORM = 'generate-content';

/** What counting tokens is called where the publisher has no method for it (Anthropic on Vertex). */
const COUNTING_MODEL = 'count-tokens';

const METHODS: Readonly<Record<string, Pick<GenerateRoute, 'stream' | 'form'>>> = {
  'anthropic:rawPredict': { stream: false, form: MESSAGES_FORM },
  'anthropic:streamRawPredict': { stream: true, form: MESSAGES_FORM },
  'google:generateContent': { stream: false, form: GENERATE_CONTENT_FORM },
  'google:streamGenerateContent': { stream: true, form: GENERATE_CONTENT_FORM },
};

function methodRoute(
  called: { readonly publisher: string; readonly model: string; readonly name: string },
  path: string,
): Route {
  const { publisher, model, name } = called;
  const counts = publisher === 'anthropic' && model === COUNTING_MODEL && name === 'rawPredict';
  if (name === 'countTokens' || counts) return { kind: 'free' };
  const form = METHODS[`${publisher}:${name}`];
  if (form === undefined) return { kind: 'unbounded', what: name };
  const what = unmeteredQuery(path);
  return what === null ? { kind: 'generate', model, ...form } : { kind: 'unbounded', what };
}

export function routeOf(method: string, path: string): Route | null {
  const [, publisher, segment, name] = PATH.exec(bareOf(path)) ?? [];
  const model = modelInPath(segment);
  if (method !== 'POST' || publisher === undefined || name === undefined || model === null) return null;
  return methodRoute({ publisher, model, name }, path);
}
