/** The vendor's own form of Messages: the body names the model and whether to stream. */
import type { GenerateRoute, RequestEdit } from '../dialect.ts';
import { editMessagesRequest, readMessagesRequest } from '../messages-request.ts';

export const readRequest: typeof readMessagesRequest = readMessagesRequest;

export function editRequest(_route: GenerateRoute, bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  return editMessagesRequest(bytes, edit);
}
