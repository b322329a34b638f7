/** Which headers of a call are recorded: those that are known to be harmless and to explain something. */
import type { Headers } from '../dialects/dialect.ts';

/** Never by refusal but by list: a header nobody thought of is not kept. */
const KEPT: readonly RegExp[] = [
  /^content-(?:type|length|encoding)$/,
  /^(?:accept|accept-encoding|user-agent|date|server|via|server-timing|age)$/,
  /^(?:traceparent|retry-after|x-should-retry)$/,
  /^(?:request-id|x-request-id|x-client-request-id|cf-ray|x-amzn-requestid|x-claude-code-session-id|x-app)$/,
  /^anthropic-(?:version|beta|fast-[a-z-]+|ratelimit-[a-z-]+)$/,
  /^openai-(?:beta|model|processing-ms|version)$/,
  /^x-ratelimit-[a-z-]+$/,
  /^x-stainless-(?:arch|lang|os|package-version|retry-count|runtime|runtime-version|timeout|helper-method)$/,
  /^x-(?:amzn-bedrock|gemini|goog-api-client)(?:-[a-z-]+)?$/,
  /^(?:x-vertex-ai-llm-[a-z-]+|vertex-ai-[a-z-]+)$/,
];

/** Longer values are cut: an answer must not fill the log with one header. UTF-16 units. */
const LONGEST_VALUE_CHARS = 1_024;

/**
 * The headers that may be recorded, names in lower case and in order, several values joined by a comma. Keys, cookies,
 * organisations and addresses are never among them. `redact` is for a client that put its key where none belongs.
 */
export function keptHeaders(
  headers: Headers,
  redact: (bytes: Uint8Array) => Uint8Array,
): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    const lower = name.toLowerCase();
    if (value === undefined || !KEPT.some((pattern) => pattern.test(lower))) return [];
    const text = typeof value === 'string' ? value : value.join(', ');
    const safe = Buffer.from(redact(Buffer.from(text))).toString();
    return [[lower, safe.slice(0, LONGEST_VALUE_CHARS)]];
  });
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}
