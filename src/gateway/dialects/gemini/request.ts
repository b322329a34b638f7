/** The path names the model and whether to stream; the body is what Vertex takes too. */
import type { GenerateRoute, RequestEdit } from '../dialect.ts';
import { editGenerateContentRequest, readGenerateContentRequest } from '../generate-content-request.ts';

export const readRequest: typeof readGenerateContentRequest = readGenerateContentRequest;

export function editRequest(_route: GenerateRoute, bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  return editGenerateContentRequest(bytes, edit);
}
