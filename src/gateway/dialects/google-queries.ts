/** Queries of Google's services that change what an answer looks like ("System parameters" of the Google Cloud APIs). */
import { queryParameters } from './keys.ts';

/** Why an answer to this query could not be metered; null where it can. */
export function unmeteredQuery(path: string): string | null {
  const query = queryParameters(path);
  const valuesOf = (name: string): readonly string[] => [...query.getAll(name), ...query.getAll(`$${name}`)];
  if (valuesOf('fields').length > 0) return 'an answer without its usage (a mask of fields)';
  if (valuesOf('callback').length > 0) return 'an answer as a script';
  const formats = valuesOf('alt').filter((format) => format !== 'sse' && format !== 'json');
  return formats.length === 0 ? null : 'an answer that is not JSON';
}
