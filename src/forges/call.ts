/** One call to a forge: the token goes into one header, to the one address the host named, and nowhere else. */
import { piecesAtMost } from '../core/at-most.ts';
import { requestFailure } from '../core/request-failure.ts';
import { retryAfterMs } from '../core/retry-after.ts';
import type { ForgeHost } from './host.ts';

export interface ForgeCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Begins with a slash. What comes from outside is encoded already. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly accept?: string;
}

export type ForgeAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** As the forge asks for before the next call, ms; null where it does not. */
      readonly retryAfterMs: number | null;
      /** There is a page after this one. */
      readonly more: boolean;
      /** null: longer than is read. */
      readonly text: string | null;
    }
  /** Nobody knows whether the call arrived. */
  | { readonly kind: 'unreachable'; readonly detail: string };

/** For one call, ms. */
const CALL_MS = 60_000;
/** A page of a hundred requests with long texts has some megabytes. */
const ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * `retry-after`, else when the budget that is used up begins anew. GitHub says that in `x-ratelimit-*`, GitLab in
 * `ratelimit-*`; both in seconds since 1970.
 */
export function retryAfter(headers: Headers, now: number): number | null {
  const asked = headers.get('retry-after');
  if (asked !== null) return retryAfterMs(asked, now);
  for (const prefix of ['x-ratelimit', 'ratelimit']) {
    const reset = headers.get(`${prefix}-reset`) ?? '';
    if (headers.get(`${prefix}-remaining`) !== '0' || !/^\d{1,12}$/.test(reset)) continue;
    return Math.max(0, Number(reset) * 1_000 - now);
  }
  return null;
}

async function readText(response: Response): Promise<string | null> {
  const pieces = response.body === null ? [] : await piecesAtMost(response.body, ANSWER_BYTES);
  return pieces === null ? null : Buffer.concat(pieces).toString('utf8');
}

/** Rejects with `LW_KEY_UNAVAILABLE`, and with the reason of the signal once that is aborted. */
export async function callForge(host: ForgeHost, call: ForgeCall): Promise<ForgeAnswer> {
  const secret = await host.token();
  const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  const content = call.body === undefined ? {} : { 'content-type': 'application/json' };
  try {
    const response = await fetch(`${host.api}${call.path}`, {
      method: call.method,
      headers: {
        accept: call.accept ?? 'application/json',
        ...content,
        'user-agent': 'loopwright',
        authorization: `Bearer ${secret.reveal()}`,
      },
      // A redirect would carry the token elsewhere.
      redirect: 'manual',
      signal: AbortSignal.any([host.signal, AbortSignal.timeout(CALL_MS)]),
      ...body,
    });
    return {
      kind: 'answered',
      status: response.status,
      retryAfterMs: retryAfter(response.headers, host.clock.now()),
      more: /<[^>]*>\s*;[^,]*\brel="?next\b/.test(response.headers.get('link') ?? ''),
      text: await readText(response),
    };
  } catch (error) {
    host.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return { kind: 'unreachable', detail: requestFailure(error) };
  }
}
