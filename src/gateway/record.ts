/** A call that is over: into the ledger, and into the log. */
import type { ModelCall } from '../core/model-event.ts';
import { totalTokens } from '../core/spend.ts';
import type { TokenUsage } from '../core/spend.ts';
import type { Amount, Charge } from '../ports/ledger.ts';
import { pricedAs } from './call.ts';
import type { Call, Exchanged, RunContext } from './call.ts';
import { keptHeaders } from './recording/headers.ts';
import { sizesOf } from './recording/pieces.ts';
import { servedTerms, usedBy, wholeHold } from './settlement.ts';

export interface Settled {
  readonly usage: TokenUsage;
  readonly charge: Charge;
  /** null: no price is known, and tokens alone were counted. */
  readonly prices: string | null;
  readonly problem: string | null;
}

/** Tools of one answer that are listed. */
const MAX_TOOLS = 50;

/** Usage beyond what was held cannot be what the call used; it is told to people and charged as the whole hold. */
function problemOf(exchanged: Exchanged, { basis, held }: Charge, claimed: TokenUsage): string | null {
  if (basis === 'capped')
    return `the vendor claims ${totalTokens(claimed)} tokens, more than the ${held.tokens} this call could use`;
  if (basis !== 'estimated' || exchanged.problem !== null) return exchanged.problem;
  const said = exchanged.metered?.usage ?? null;
  const heard = said === null ? 'nothing' : `${totalTokens(said)} tokens`;
  return `the vendor says ${heard} of what this call used, and that is not its last word or too little; all that was held is charged`;
}

/** Settles once. Rejects as the ledger does. */
export async function settleCall(context: RunContext, call: Call, exchanged: Exchanged): Promise<Settled> {
  const { ledger, prices, request, bound } = context;
  const { held, request: sent } = exchanged;
  const { inputTokens, facts } = call;
  const { usage, basis } = usedBy({
    ...exchanged,
    inputTokens,
    requestBytes: sent.length,
    mediaParts: facts.mediaParts,
  });
  const terms = servedTerms(facts.terms, exchanged.metered?.terms ?? null);
  context.steps.spent(totalTokens(usage));
  const price = prices.price({ ...pricedAs(call, terms), usage });
  const metered: Amount = { nanoUsd: price?.nanoUsd ?? 0, tokens: totalTokens(usage) };
  const amount = basis === 'estimated' ? held : metered;
  const charge = await ledger.settle({ callId: call.id, lease: request.lease, amount, basis });
  if (charge.basis === 'metered' && exchanged.status === 200) {
    const inputMetered = totalTokens(usage) - usage.outputTokens;
    bound.learn({ model: facts.model, pieces: sizesOf(exchanged.requestPieces), inputTokens: inputMetered });
  }
  const problem = problemOf(exchanged, charge, usage);
  const charged = charge.basis === 'capped' ? wholeHold({ held: charge.held, inputTokens }) : usage;
  return { usage: charged, charge, prices: price === null ? null : prices.version, problem };
}

/** The payloads as blobs, then the event that names them. Rejects as the store does. */
export async function recordCall(context: RunContext, call: Call, over: Exchanged, settled: Settled): Promise<void> {
  const { recording, redact, request } = context;
  const asked = redact(over.request);
  const kept = {
    request: keptHeaders(call.headers, redact),
    response: keptHeaders(over.responseHeaders, redact),
  };
  const pieces = asked === over.request ? over.requestPieces : undefined;
  const beside = [redact(over.response), Buffer.from(JSON.stringify(kept))];
  const recorded = await recording.record(asked, pieces, beside);
  const [response = '', headers = ''] = recorded.beside;
  const entry: ModelCall = {
    callId: call.id,
    iteration: call.iteration,
    provider: call.open.provider.name,
    dialect: call.dialect.id,
    model: call.facts.model,
    servedModel: over.metered?.model ?? null,
    status: over.status,
    end: over.end,
    usage: settled.usage,
    costNanoUsd: settled.charge.amount.nanoUsd,
    heldNanoUsd: settled.charge.held.nanoUsd,
    basis: settled.charge.basis,
    prices: settled.prices,
    outputLimit: over.outputLimit,
    askedOutputLimit: call.facts.outputLimit,
    tools: (over.metered?.tools ?? []).slice(0, MAX_TOOLS),
    finishReason: over.metered?.finishReason ?? null,
    problem: settled.problem,
    request: recorded.recipe,
    response,
    headers,
    requestBytes: over.request.length,
    responseBytes: over.responseBytes,
    firstByteMs: over.firstByteMs,
    wallTimeMs: over.wallTimeMs,
    replayed: over.replayed !== null,
  };
  await request.record([{ type: 'model.called', ...entry }], recorded.newReferences);
}
