/**
 * One billed call: admitted, sent, answered, settled, recorded. In that order, and settled whatever happens in between: a
 * hold that nobody settles counts as spent.
 */
import { limitWords } from '../core/limit.ts';
import { nanoUsd, usdOf } from '../core/spend.ts';
import type { Amount, Charge } from '../ports/ledger.ts';
import { passAnswer } from './answer.ts';
import { demandOf } from './call.ts';
import type { Exchanged } from './call.ts';
import { createUsageChunkFilter } from './dialects/chat-usage-filter.ts';
import { withoutQueryKey } from './dialects/keys.ts';
import { withoutSecrets } from './headers.ts';
import { hideSecret } from './held-back.ts';
import { turnsAway } from './quota.ts';
import { recordCall, settleCall } from './record.ts';
import type { Replayed } from './replay.ts';
import { exchanged, prepareSending } from './talk.ts';
import type { Sending, Talk } from './talk.ts';
import { waitOrRefuse } from './turned-away.ts';
import type { TurnedAway, Waited } from './turned-away.ts';
import { wholeAnswer } from './upstream.ts';
import type { UpstreamAnswer } from './upstream.ts';

type Answer = Extract<UpstreamAnswer, { kind: 'answer' }>;

function problemIn(over: Exchanged): string | null {
  const { metered } = over;
  if (metered === null) return over.problem;
  return metered.error === null ? metered.problem : `${metered.error.type}: ${metered.error.message}`;
}

/** Errors are read whole and cleaned: a vendor that repeats the key it was given must not tell the agent. */
async function passError(talk: Talk, answer: Answer, sending: Sending): Promise<Exchanged> {
  const { context, call, client } = talk;
  const body = context.redact(await wholeAnswer(answer.message));
  const meter = call.dialect.meter({ status: answer.status, headers: answer.headers }, call.facts);
  meter.push(body);
  const metered = meter.end('complete');
  const headers = withoutSecrets(answer.headers, context.redact);
  const type = String(headers['content-type'] ?? 'application/json');
  if (!client.destroyed) client.writeHead(answer.status, { 'content-type': type }).write(body);
  const over = exchanged(talk, sending, {
    status: answer.status,
    end: 'complete',
    metered,
    response: body,
    responseBytes: body.length,
    responseHeaders: headers,
  });
  return { ...over, problem: problemIn(over) ?? `status ${answer.status}` };
}

async function passStream(talk: Talk, answer: Answer, sending: Sending): Promise<Exchanged> {
  const { context, call, client, turn } = talk;
  const { status, message } = answer;
  const headers = withoutSecrets(answer.headers, context.redact);
  const { firstByteMs, ...passed } = await passAnswer({
    status,
    headers,
    message,
    client,
    meter: call.dialect.meter({ status, headers }, call.facts),
    filters: [hideSecret(call.open.key?.reveal() ?? null), ...(sending.addsUsage ? [createUsageChunkFilter()] : [])],
    over: turn.over,
    activity: () => turn.activity(),
    sinceStartMs: () => context.clock.monotonicMs() - sending.startedMs,
  });
  const over = exchanged(talk, sending, {
    status,
    end: passed.end,
    metered: passed.metered,
    problem: passed.problem,
    response: passed.kept,
    responseBytes: passed.bytes,
    responseHeaders: headers,
    firstByteMs: firstByteMs === null ? null : Math.round(firstByteMs),
  });
  return { ...over, problem: passed.problem ?? problemIn(over) };
}

function serveRecorded(talk: Talk, sending: Sending, { call: recorded, body, contentType }: Replayed): Exchanged {
  const status = recorded.status ?? 200;
  const headers = { 'content-type': contentType };
  const meter = talk.call.dialect.meter({ status, headers }, talk.call.facts);
  meter.push(body);
  const metered = meter.end(recorded.end === 'complete' ? 'complete' : 'cut');
  if (!talk.client.destroyed) talk.client.writeHead(status, headers).write(body);
  return exchanged(talk, sending, {
    status,
    end: recorded.end,
    metered,
    problem: recorded.problem,
    response: body,
    responseBytes: body.length,
    responseHeaders: headers,
    firstByteMs: 0,
    replayed: recorded,
  });
}

/** How vendors say that an answer ended for want of room: Messages, Chat Completions, Responses, Gemini. */
const CUT_SHORT: ReadonlySet<string> = new Set(['max_tokens', 'length', 'max_output_tokens', 'MAX_TOKENS']);

/**
 * An answer that the ceiling cut short. Several clients take that for the end of their work and leave with exit code 0, so the
 * turn ends here, by the limit that it was; what this answer cost is in what is said to be spent.
 */
function endIfCutShort({ turn }: Talk, { lowered }: Sending, { metered }: Exchanged, { amount }: Charge): void {
  if (lowered === null || !CUT_SHORT.has(metered?.finishReason ?? '')) return;
  const before = lowered.limit === 'tokens' ? lowered.value : nanoUsd(lowered.value);
  const value = lowered.limit === 'tokens' ? before + amount.tokens : usdOf(before + amount.nanoUsd);
  turn.pull({ kind: 'limit', breach: { ...lowered, value } });
}

/** Into ledger and log first, so that the agent's next call finds both true; then the client's end. */
async function conclude(talk: Talk, sending: Sending, over: Exchanged): Promise<void> {
  const { context, call, client } = talk;
  const settled = await settleCall(context, call, over);
  context.settled();
  await recordCall(context, call, over, settled);
  endIfCutShort(talk, sending, over, settled.charge);
  // Whole where the answer was, broken where it broke.
  if (over.end === 'complete') client.end();
  else client.destroy();
}

/** Gives back what was held for a call that cost nothing, or counts what it may have cost. */
async function release(talk: Talk, over: Exchanged): Promise<void> {
  const { context, call } = talk;
  const settled = await settleCall(context, call, over);
  context.settled();
  // What may have been read by the vendor is in the log like any other call.
  if (settled.charge.amount.tokens > 0) await recordCall(context, call, over, settled);
}

async function replay(talk: Talk, sending: Sending, next: Replayed | null): Promise<null> {
  if (next !== null) {
    await conclude(talk, sending, serveRecorded(talk, sending, next));
    return null;
  }
  await release(talk, exchanged(talk, sending, { sent: false }));
  const message = `the recording holds no further call of ${talk.call.facts.model}`;
  await talk.refuse({ kind: 'replay', message });
  return null;
}

async function ask(talk: Talk, sending: Sending): Promise<UpstreamAnswer> {
  const { context, call, gone } = talk;
  const { provider, key } = call.open;
  return context.upstream.ask(
    {
      method: 'POST',
      url: `${provider.url}${withoutQueryKey(call.path)}`,
      headers: call.dialect.withKey(call.headers, key === null ? null : key.reveal()),
      body: sending.bytes,
    },
    gone,
  );
}

/** Sends it once. Resolves to null when the client has its answer, and to the refusal of a vendor that says "not now". */
async function attempt(talk: Talk, sending: Sending): Promise<TurnedAway | null> {
  const { context, call, gone } = talk;
  if (context.replay !== null) {
    return replay(talk, sending, await context.replay.next(call.dialect.id, call.facts.model));
  }
  const answer = await ask(talk, sending);
  if (answer.kind === 'answer' && !turnsAway(answer.status)) {
    const over = answer.status >= 400 ? passError(talk, answer, sending) : passStream(talk, answer, sending);
    await conclude(talk, sending, await over);
    return null;
  }
  if (answer.kind === 'answer') {
    const { status, headers } = answer;
    const body = context.redact(await wholeAnswer(answer.message));
    await release(talk, exchanged(talk, sending, { status, problem: `status ${status}` }));
    return { status, headers, body };
  }
  const { sent, problem } = answer;
  const end = talk.turn.over.aborted ? 'stopped' : gone.aborted ? 'agent-left' : 'unreachable';
  await release(talk, exchanged(talk, sending, { sent, problem, end }));
  return gone.aborted ? null : { status: null, headers: {}, body: new Uint8Array() };
}

async function tellStripped({ context, call }: Talk, { stripped }: Sending): Promise<void> {
  if (stripped.length === 0) return;
  const { iteration, facts, open } = call;
  const event = { type: 'tool.stripped', iteration, provider: open.provider.name, model: facts.model } as const;
  await context.request.record([{ ...event, tools: stripped }], []);
}

const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };

/** A call that fails in here must not leave its hold behind. One that is settled already stays as it was settled. */
async function settledIfItFails<T>({ context, call }: Talk, amount: Amount, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { ledger, request } = context;
    const basis = amount === NOTHING ? 'metered' : 'estimated';
    await ledger.settle({ callId: call.id, lease: request.lease, amount, basis });
    context.settled();
    throw error;
  }
}

/** One attempt from admission to its end. null: the call is over. */
async function attemptOnce(talk: Talk): Promise<TurnedAway | null> {
  const { context, call, gone, turn } = talk;
  const demand = demandOf(context, call, context.request.models);
  if (demand === null) {
    const message = `no price is known for the model ${call.facts.model}; the policy can name one under models.prices, or say unknown-price: tokens-only`;
    await talk.refuse({ kind: 'model', message });
    return null;
  }
  const admission = await context.admit(demand, gone);
  if (admission.kind === 'abandoned') return null;
  if (admission.kind === 'refused') {
    const { breach } = admission;
    turn.pull({ kind: 'limit', breach });
    await talk.refuse({ kind: 'budget', message: limitWords(breach), breach });
    return null;
  }
  const { held } = admission;
  const sending = await settledIfItFails(talk, NOTHING, async () => {
    const prepared = prepareSending(talk, admission);
    await tellStripped(talk, prepared);
    return prepared;
  });
  return settledIfItFails(talk, held, () => attempt(talk, sending));
}

/** Resolves when the call is over and the client has its answer. Rejects as the ledger and the log do. */
export async function exchange(talk: Talk): Promise<void> {
  let waited: Waited | null = { ms: 0, times: 0 };
  while (waited !== null) {
    // Each attempt is a call of its own in the ledger.
    const id = waited.times === 0 ? talk.call.id : `${talk.call.id}.${waited.times}`;
    const next: Talk = { ...talk, call: { ...talk.call, id } };
    const away = await attemptOnce(next);
    waited = away === null ? null : await waitOrRefuse(next, away, waited);
  }
  // A turn that ended before anybody answered: a client that is still there must not wait for ever.
  if (talk.gone.aborted) talk.client.destroy();
}
