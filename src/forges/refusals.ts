/** What a forge said that was no answer, as errors people can act on. Never the token, never a header. */
import { LoopwrightError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { ForgeCall } from './call.ts';
import type { ForgeHost } from './host.ts';
import { fields, items, words } from './reading.ts';

/** A sentence of a forge is a line; what is longer explains nothing. */
const SAID_CHARACTERS = 300;

/** What a forge says of an error, wherever it puts it. GitLab: `message` is a text, a list, or lists by field. */
export function sayingOf(text: string | null): string {
  const body = fields(parsed(text));
  const said = [
    words(body['message']) ?? words(body['error']) ?? words(body['error_description']),
    ...items(body['errors']).map((one) => words(one['message'])),
    ...listed(body['message']),
  ].filter((one) => one !== null);
  const line = [...new Set(said)].join('; ').replaceAll(/\s+/g, ' ').slice(0, SAID_CHARACTERS);
  return line === '' ? '' : `: ${line}`;
}

function listed(message: unknown): readonly (string | null)[] {
  if (Array.isArray(message)) return message.map((one) => words(one));
  return Object.entries(fields(message)).map(([field, value]) =>
    Array.isArray(value) ? `${field} ${value.map(String).join(', ')}` : null,
  );
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

interface Refusal {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function refuse(host: ForgeHost, call: ForgeCall, refusal: Refusal): LoopwrightError {
  const asked = `${call.method} ${call.path.replace(/\?.*$/, '')}`;
  return new LoopwrightError(refusal.code, {
    message: `${host.api} ${refusal.what} (${asked})`,
    next: refusal.next,
    details: { repository: host.repository, ...refusal.details },
  });
}

const SCOPES = 'See docs/landing.md for what it needs: contents and requests to write, statuses to write.';

/** For an answer that is neither a success nor a matter of waiting. */
export function refusalOf(
  host: ForgeHost,
  call: ForgeCall,
  { status, text }: { readonly status: number; readonly text: string | null },
): LoopwrightError {
  const what = `answers HTTP ${status}${sayingOf(text)}`;
  const details = { status };
  if (status === 401 || status === 403) {
    return refuse(host, call, { code: 'LW_FORGE_LOGIN', what, next: `Check the token. ${SCOPES}`, details });
  }
  if (status === 404 || status === 410) {
    const next = `Check \`publish.repository\` and that the token may see ${host.repository}: forges say this of what they hide, too.`;
    return refuse(host, call, { code: 'LW_FORGE_MISSING', what, next, details });
  }
  if (status >= 300 && status < 400) {
    const next =
      'It is not followed: the token would go along. Name the repository, or the address, as it is called now.';
    return refuse(host, call, { code: 'LW_FORGE_ANSWER', what: `redirects (HTTP ${status})`, next, details });
  }
  const next = 'Look at the request and the rules of its branch on the forge, then give the same command again.';
  return refuse(host, call, { code: 'LW_FORGE_REFUSED', what, next, details });
}
