/** The path says which of two forms the body has: Anthropic's Messages (`invoke`) or Converse. */
import { editConverseRequest, readConverseRequest } from '../converse-request.ts';
import type { GenerateRoute, RequestEdit, RequestReading } from '../dialect.ts';
import { editMessagesRequest, readMessagesRequest } from '../messages-request.ts';
import { CONVERSE_FORM } from './route.ts';

/** Bodies of `invoke` differ by vendor of the model; only Anthropic's is understood, and any other lacks `messages`. */
export function readRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return route.form === CONVERSE_FORM ? readConverseRequest(route, bytes) : readMessagesRequest(route, bytes);
}

export function editRequest(route: GenerateRoute, bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  return route.form === CONVERSE_FORM ? editConverseRequest(bytes, edit) : editMessagesRequest(bytes, edit);
}
