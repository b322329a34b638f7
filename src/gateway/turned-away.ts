/** A vendor that turns a call away: wait a little, or give the turn up and let the run wait. */
import type { QuotaWait } from '../core/model-event.ts';
import { quotaWords } from './brake-words.ts';
import type { Headers } from './dialects/dialect.ts';
import { resetAt, untilPaid } from './quota.ts';
import type { Talk } from './talk.ts';

/**
 * How long one call is kept waiting in all, milliseconds. Clients wait for headers at least 65 s, measured; one that
 * sends again costs nothing, but counts as another attempt.
 */
const PATIENCE_MS = 45_000;
/** First wait where the vendor does not say how long; doubled each time. */
const FIRST_WAIT_MS = 1_000;
/** When to look again where nobody says, milliseconds. */
const LOOK_AGAIN_MS = 300_000;

export interface TurnedAway {
  /** HTTP status; null where the vendor could not be reached. */
  readonly status: number | null;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** How long a call has been kept waiting, over its attempts. */
export interface Waited {
  readonly ms: number;
  readonly times: number;
}

type Next = { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'give-up'; readonly quota: QuotaWait };

function decideNext(
  away: {
    readonly provider: string;
    readonly until: number | null;
    readonly paid: boolean;
    readonly exhausted: boolean;
  },
  waited: Waited,
  now: number,
): Next {
  const { provider, until, exhausted } = away;
  if (exhausted || away.paid)
    return { kind: 'give-up', quota: { provider, until: away.paid ? null : until, exhausted } };
  const ms = until === null ? FIRST_WAIT_MS * 2 ** waited.times : Math.max(0, until - now);
  if (waited.ms + ms <= PATIENCE_MS) return { kind: 'wait', ms };
  return { kind: 'give-up', quota: { provider, until: until ?? now + LOOK_AGAIN_MS, exhausted } };
}

/** Waits and resolves to how long; or refuses, ends the turn, and resolves to null. Rejects as the log does. */
export async function waitOrRefuse(talk: Talk, away: TurnedAway, waited: Waited): Promise<Waited | null> {
  const { context, call, turn, gone } = talk;
  const now = context.clock.now();
  const body = Buffer.from(away.body).toString('utf8');
  const until = resetAt(away.headers, body, now);
  const provider = call.open.provider.name;
  const attempt = context.request.now().quotaAttempts + 1;
  const { iteration } = call;
  await context.request.record(
    [{ type: 'quota.reached', iteration, provider, status: away.status, until, attempt }],
    [],
  );
  const exhausted = attempt >= context.request.models.quotaAttempts;
  const next = decideNext({ provider, until, paid: untilPaid(body), exhausted }, waited, now);
  if (next.kind === 'give-up') {
    turn.pull({ kind: 'quota', quota: next.quota });
    await talk.refuse({ kind: 'quota', message: quotaWords(next.quota) });
    return null;
  }
  const begun = context.clock.monotonicMs();
  const beating = setInterval(() => turn.activity(), 1_000);
  await context.clock.sleep(next.ms, gone);
  clearInterval(beating);
  return gone.aborted ? null : { ms: waited.ms + (context.clock.monotonicMs() - begun), times: waited.times + 1 };
}
