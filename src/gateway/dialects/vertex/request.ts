/** The path says which of two forms the body has: Anthropic's Messages or Google's generateContent. */
import type { GenerateRoute, RequestEdit, RequestReading } from '../dialect.ts';
import { editGenerateContentRequest, readGenerateContentRequest } from '../generate-content-request.ts';
import { editMessagesRequest, readMessagesRequest } from '../messages-request.ts';
import { MESSAGES_FORM } from './route.ts';

export function readRequest(route: GenerateRoute, bytes: Uint8Array): RequestReading {
  return route.form === MESSAGES_FORM ? readMessagesRequest(route, bytes) : readGenerateContentRequest(route, bytes);
}

export function editRequest(route: GenerateRoute, bytes: Uint8Array, edit: RequestEdit): Uint8Array {
  return route.form === MESSAGES_FORM ? editMessagesRequest(bytes, edit) : editGenerateContentRequest(bytes, edit);
}
