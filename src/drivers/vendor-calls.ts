/** Asking a vendor: patience where patience helps, and an answer that says what can be done with it. */
import type { VendorAccess, VendorRequest } from '../ports/cloud.ts';
import type { Clock } from '../ports/clock.ts';
import { oneLine } from './claims.ts';
import { fields, words } from './told.ts';

export type Reply =
  | { readonly kind: 'ok'; readonly body: unknown }
  /** The key is not accepted, or lacks a permission. */
  | { readonly kind: 'login'; readonly detail: string }
  /** The vendor takes no more, for now or for good. */
  | { readonly kind: 'quota'; readonly detail: string }
  | { readonly kind: 'gone'; readonly detail: string }
  /** It exists already, or is busy. */
  | { readonly kind: 'conflict'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  /** Nobody knows whether it was done. */
  | { readonly kind: 'unclear'; readonly detail: string };

export type Failure = Exclude<Reply, { kind: 'ok' }>;

export interface VendorCalls {
  /** Asks again where that changes nothing: what only reads, what was turned away for its rate. Resolves soon once aborted. */
  ask(request: VendorRequest, signal: AbortSignal): Promise<Reply>;
}

/** Waits before the next attempt, ms: doubling. */
const FIRST_WAIT_MS = 500;
/** A vendor that asks for more is heard; one that asks for hours is not waited for. */
const LONGEST_WAIT_MS = 5 * 60_000;
const ATTEMPTS = 6;

/** What a vendor says of an error, wherever it puts it. */
function saying(body: unknown): string {
  const answer = fields(body);
  const error = answer['error'];
  const said = words(answer['message']) ?? words(answer['detail']) ?? words(error) ?? words(fields(error)['message']);
  return said === null ? '' : `: ${oneLine(said)}`;
}

function replyOf(status: number, body: unknown): Reply {
  const detail = `HTTP ${status}${saying(body)}`;
  if (status >= 200 && status < 300) return { kind: 'ok', body };
  switch (status) {
    case 401:
    case 403:
      return { kind: 'login', detail };
    case 402:
    case 429:
      return { kind: 'quota', detail };
    case 404:
    case 410:
      return { kind: 'gone', detail };
    case 409:
      return { kind: 'conflict', detail };
    default:
      return { kind: status >= 500 ? 'unclear' : 'refused', detail };
  }
}

export function createVendorCalls(access: VendorAccess, clock: Pick<Clock, 'sleep'>): VendorCalls {
  return {
    async ask(request, signal) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await access.call(request, signal);
        const reply: Reply =
          answer.kind === 'unreachable'
            ? { kind: 'unclear', detail: answer.detail }
            : replyOf(answer.status, answer.body);
        // GitHub turns away with 403 what is asked too often, and says when to come again.
        const limited =
          answer.kind === 'answered' &&
          (answer.status === 429 || (answer.status === 403 && answer.retryAfterMs !== null));
        const worthIt = limited || (reply.kind === 'unclear' && request.method !== 'POST');
        const asked = answer.kind === 'answered' ? answer.retryAfterMs : null;
        const wait = Math.max(asked ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1));
        if (!worthIt || attempt === ATTEMPTS || wait > LONGEST_WAIT_MS || signal.aborted) return reply;
        await clock.sleep(wait, signal);
        if (signal.aborted) return reply;
      }
    },
  };
}
