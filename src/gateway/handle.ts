/** One request of the agent: whose it is, what it is, and what becomes of it. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ModelEvent } from '../core/model-event.ts';
import type { Brake } from '../ports/gateway.ts';
import { readBody } from './body.ts';
import { brakeWords } from './brake-words.ts';
import type { Call, OpenProvider, RunContext } from './call.ts';
import type { Dialect, GenerateRoute, RefusalAnswer, RequestFacts } from './dialects/dialect.ts';
import { withoutQueryKey } from './dialects/keys.ts';
import { exchange } from './exchange.ts';
import { passedHeaders } from './headers.ts';
import { piecesOf, sizesOf } from './recording/pieces.ts';
import { routeRequest } from './route.ts';
import type { Routed } from './route.ts';
import type { Talk } from './talk.ts';
import type { TurnState } from './turn.ts';
import { wholeAnswer } from './upstream.ts';

export interface HandlerContext extends RunContext {
  readonly providers: readonly OpenProvider[];
  /** The one key that opens this gateway. */
  readonly key: string;
  /** null between turns, and after the last. */
  readonly turn: () => TurnState | null;
}

type Refused = Parameters<Talk['refuse']>[0];

function send(client: ServerResponse, { status, headers, body }: RefusalAnswer): void {
  if (client.destroyed || client.headersSent) return;
  client.writeHead(status, { ...headers, connection: 'close' });
  client.end(body);
}

function sameKey(given: string | null, wanted: string): boolean {
  if (given === null) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What the agent is told begins so, so that people who read its output know who spoke. */
function said(message: string): string {
  return `loopwright: ${message}`;
}

interface Refusing {
  readonly context: HandlerContext;
  readonly turn: TurnState | null;
  readonly dialect: Dialect;
  readonly client: ServerResponse;
  readonly provider: string;
  readonly model: string | null;
}

/** The event first: what the agent does next must find it written. Rejects as the log does, and then nothing was sent. */
async function refuse(about: Refusing, { kind, message, breach }: Refused): Promise<void> {
  const { context, turn, dialect, client, provider, model } = about;
  const iteration = turn?.iteration ?? 0;
  const event: Extract<ModelEvent, { type: 'model.refused' }> = {
    type: 'model.refused',
    iteration,
    kind,
    provider,
    model,
    message: said(message),
    breach: breach ?? null,
  };
  if (turn !== null && turn.refused(event)) await context.request.record([event], []);
  send(client, dialect.refuse({ kind: kind === 'replay' ? 'budget' : kind, message: said(message) }));
}

/** Of several calls at once an agent may show the refusal of any: each says why. */
function mustEnd(brake: Brake): string {
  return `this turn has to end: ${brakeWords(brake)}`;
}

/** Why a request that was read may not go on; null when it may. */
function objection(context: HandlerContext, facts: RequestFacts): Refused | null {
  const { models } = context.request;
  if (!context.allowsModel(facts.model)) {
    const message = `the policy does not allow the model ${facts.model} (models.allow: ${models.allow.join(', ')})`;
    return { kind: 'model', message };
  }
  if (facts.unbounded.length === 0) return null;
  const message = `the input cannot be bounded before the call: ${facts.unbounded.join(', ')}; send the whole input with each call`;
  return { kind: 'request', message };
}

function callOf(context: HandlerContext, given: CallParts): Call {
  const { routed, turn, headers, facts, bytes } = given;
  const pieces = piecesOf(bytes);
  return {
    id: context.nextCallId(),
    iteration: turn.iteration,
    open: routed.open,
    dialect: routed.dialect,
    route: routed.route,
    path: routed.path,
    headers,
    facts,
    body: bytes,
    pieces,
    inputTokens: context.bound.bound({ model: facts.model, pieces: sizesOf(pieces), mediaParts: facts.mediaParts }),
    at: context.clock.now(),
  };
}

interface CallParts {
  readonly routed: Routed & { readonly route: GenerateRoute };
  readonly turn: TurnState;
  readonly headers: Call['headers'];
  readonly facts: RequestFacts;
  readonly bytes: Uint8Array;
}

/** Aborts when the client goes away before its answer is whole, or the turn is over. */
function goneSignal(client: ServerResponse, turn: TurnState): AbortSignal {
  const left = new AbortController();
  client.once('close', () => {
    if (!client.writableFinished) left.abort();
  });
  return AbortSignal.any([left.signal, turn.over]);
}

async function generate(
  context: HandlerContext,
  routed: Routed & { readonly route: GenerateRoute },
  exchangeOf: { readonly request: IncomingMessage; readonly client: ServerResponse; readonly turn: TurnState },
): Promise<void> {
  const { request, client, turn } = exchangeOf;
  const { dialect, route, open } = routed;
  const about = { context, turn, dialect, client, provider: open.provider.name, model: route.model };
  const gone = goneSignal(client, turn);
  const body = await readBody(request, gone);
  if (body === null) return undefined;
  if (!body.ok) return refuse(about, { kind: 'request', message: `this request is refused: ${body.problem}` });
  const reading = dialect.read(route, body.plain);
  if (!reading.ok)
    return refuse(about, { kind: 'request', message: `this request cannot be read: ${reading.problem}` });
  const { facts } = reading;
  const named = { ...about, model: facts.model };
  const against = objection(context, facts);
  if (against !== null) return refuse(named, against);
  turn.saw(context.steps.see(body.plain, turn.iteration));
  const pulled = turn.pulled();
  if (pulled !== null) return refuse(named, { kind: 'stopped', message: mustEnd(pulled) });
  // Sent on without content encoding: what was read here is what the vendor reads.
  const { 'content-encoding': _encoding, ...headers } = passedHeaders(request.headers);
  const call = callOf(context, { routed, turn, headers, facts, bytes: body.plain });
  return exchange({ context, turn, call, client, gone, refuse: (refused) => refuse(named, refused) });
}

/** Counting tokens and listing models: passed on and answered, never billed, never recorded. */
async function passFree(
  context: HandlerContext,
  { open, dialect, path }: Routed,
  exchangeOf: { readonly request: IncomingMessage; readonly client: ServerResponse; readonly turn: TurnState },
): Promise<void> {
  const { request, client, turn } = exchangeOf;
  const about = { context, turn, dialect, client, provider: open.provider.name, model: null };
  const gone = goneSignal(client, turn);
  const body = await readBody(request, gone);
  if (body === null) return undefined;
  if (!body.ok) return refuse(about, { kind: 'request', message: `this request is refused: ${body.problem}` });
  if (context.replay !== null)
    return refuse(about, { kind: 'replay', message: 'a recording answers model calls only' });
  const { 'content-encoding': _encoding, ...headers } = passedHeaders(request.headers);
  const answer = await context.upstream.ask(
    {
      method: request.method ?? 'GET',
      url: `${open.provider.url}${withoutQueryKey(path)}`,
      headers: dialect.withKey(headers, open.key === null ? null : open.key.reveal()),
      body: body.plain,
    },
    gone,
  );
  if (answer.kind === 'none') {
    send(client, { status: 502, headers: { 'content-type': 'text/plain' }, body: said(answer.problem) });
    return;
  }
  const type = String(answer.headers['content-type'] ?? 'application/json');
  const whole = context.redact(await wholeAnswer(answer.message));
  if (client.destroyed) return;
  client.writeHead(answer.status, { 'content-type': type });
  client.end(whole);
}

const NOT_FOUND: RefusalAnswer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { type: 'not_found', message: said('no provider of this run answers here') } }),
};

/** Resolves when the client has its answer. Rejects as ledger, log and store do; the client then has none. */
export async function handle(context: HandlerContext, request: IncomingMessage, client: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET';
  const routed = routeRequest(context.providers, method, request.url ?? '');
  if (routed === null) return send(client, NOT_FOUND);
  const { route, dialect, open } = routed;
  if (route.kind === 'greeting') return send(client, { status: 200, headers: {}, body: '' });
  const turn = context.turn();
  const about = { context, turn, dialect, client, provider: open.provider.name, model: null };
  if (!sameKey(dialect.keyOf(request.headers, routed.path), context.key)) {
    return refuse(about, { kind: 'key', message: 'this key does not open the gateway of this run' });
  }
  if (turn === null || turn.over.aborted) return refuse(about, { kind: 'stopped', message: 'no turn is under way' });
  const pulled = turn.pulled();
  if (pulled !== null && route.kind !== 'free') return refuse(about, { kind: 'stopped', message: mustEnd(pulled) });
  if (route.kind === 'unbounded') {
    const message = `${route.what} cannot be paid for in advance, so the gateway does not pass it`;
    return refuse(about, { kind: 'request', message });
  }
  const exchangeOf = { request, client, turn };
  if (route.kind === 'free') return passFree(context, routed, exchangeOf);
  return generate(context, { ...routed, route }, exchangeOf);
}
