/**
 * Headers of a request to Google that are not passed on: a mask that would take usage out of the answer, a method that is
 * not the one that was judged, and a tier that is not in the body and so was not held for.
 */
export const GOOGLE_DROPPED: readonly string[] = [
  'x-goog-fieldmask',
  'x-http-method-override',
  'x-vertex-ai-llm-request-type',
  'x-vertex-ai-llm-shared-request-type',
];
