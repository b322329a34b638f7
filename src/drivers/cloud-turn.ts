/** One turn of an agent in a vendor's cloud: asked once, watched until it is done or time is up, ended if it is not. */
import { unreachable } from '../core/errors.ts';
import type { AgentClaim, TurnEnd } from '../core/event.ts';
import type { CloudSession } from '../core/cloud-event.ts';
import type { Clock } from '../ports/clock.ts';
import type { CloudTurn, Errand } from '../ports/cloud.ts';
import type { TurnRequest, TurnResult } from '../ports/driver.ts';
import { claimsIn, WAY_OUT } from './agent-turn.ts';
import { oneLine } from './claims.ts';
import type { Outcome, Sighting, VendorSessions } from './cloud-vendor.ts';
import { createKeptOutput } from './kept-output.ts';
import { withoutProcess } from './process-turn.ts';
import type { Failure } from './vendor-calls.ts';

/** Between two looks, ms: soon at first, for what fails at once; agents take minutes. */
const FIRST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 30_000;
const SLOWER = 1.6;
/** Looks in a row that fail before a session counts as lost. With the waits between them more than ten minutes. */
const BLIND_LOOKS = 24;
/** A session that looks as it did before its message may not have seen it yet: so many looks are given. */
const STALE_LOOKS = 8;
/** Making a session, or sending to one, when nobody knows whether it was done: found out, then tried again. */
const ASKS = 4;
/** For ending a session when the turn is over, ms. */
const END_MS = 15_000;

export interface CloudTurnContext {
  readonly vendor: string;
  readonly login: string;
  readonly sessions: VendorSessions;
  readonly errand: Errand;
  readonly clock: Clock;
}

/** What is known once somebody was asked. */
interface Engaged {
  readonly session: CloudSession;
  /** How it looked before it was asked; null for one that was just made, or that goes on with what a lost turn asked. */
  readonly before: string | null;
}

/** A failure names the session where one may be at work all the same. */
type Engagement = { readonly kind: 'ok'; readonly value: Engaged } | (Failure & { readonly session?: CloudSession });

function nameOf({ runId, sessions }: Errand): string {
  return `loopwright-${runId}-${sessions() + 1}`;
}

/** The first line names the run and the session, for people and for who has to find it again. */
function promptOf(name: string, { iteration, prompt }: TurnRequest): string {
  return `[${name}] iteration ${iteration}\n\n${prompt}\n${WAY_OUT}`;
}

/** Never twice: when it is not known whether a session was made, it is looked for before another is made. */
async function make(context: CloudTurnContext, request: TurnRequest, signal: AbortSignal): Promise<Engagement> {
  const { sessions, errand, clock } = context;
  const name = nameOf(errand);
  const asked = { name, prompt: promptOf(name, request), onto: errand.offered() };
  let last: Failure = { kind: 'unclear', detail: 'nobody was asked' };
  for (let attempt = 0; attempt < ASKS && !signal.aborted; attempt += 1) {
    if (attempt > 0) await clock.sleep(FIRST_LOOK_MS * 2 ** attempt, signal);
    const found = await sessions.find(name, signal);
    if (found.kind !== 'ok') {
      last = found;
      if (found.kind === 'unclear') continue;
      return found;
    }
    const made: Outcome<CloudSession> =
      found.value === null ? await sessions.create(asked, signal) : { kind: 'ok', value: found.value };
    if (made.kind === 'ok') {
      await errand.record(request.iteration, made.value);
      return { kind: 'ok', value: { session: made.value, before: null } };
    }
    last = made;
    if (made.kind !== 'unclear' && made.kind !== 'conflict') return made;
  }
  return last;
}

/** The message is in the log before it is sent; whether it arrived is seen by the session, which changes. */
async function send(
  context: CloudTurnContext,
  request: TurnRequest,
  known: { readonly session: CloudSession; readonly before: Sighting },
  signal: AbortSignal,
): Promise<Engagement> {
  const { sessions, errand, clock } = context;
  const { session, before } = known;
  await errand.record(request.iteration, session);
  const prompt = promptOf(session.id, request);
  let last: Failure = { kind: 'unclear', detail: 'nobody was asked' };
  for (let attempt = 0; attempt < ASKS && !signal.aborted; attempt += 1) {
    if (attempt > 0) {
      await clock.sleep(FIRST_LOOK_MS * 2 ** attempt, signal);
      const seen = await sessions.look(session.id, signal);
      if (seen.kind === 'ok' && seen.value.mark !== before.mark)
        return { kind: 'ok', value: { session, before: before.mark } };
    }
    const sent = await sessions.follow?.(session.id, prompt, signal);
    if (sent === undefined || sent.kind === 'ok') return { kind: 'ok', value: { session, before: before.mark } };
    last = sent;
    if (sent.kind !== 'unclear' && sent.kind !== 'conflict') break;
  }
  return { ...last, session };
}

/**
 * Somebody is at work when it resolves: the session of the run where it can go on, a new one otherwise. A session that a
 * lost turn asked is not asked again: what it is at is this turn.
 */
async function engage(context: CloudTurnContext, request: TurnRequest, signal: AbortSignal): Promise<Engagement> {
  const { sessions, errand } = context;
  const newest = errand.newest();
  if (newest === null || newest.ended) return make(context, request, signal);
  const { vendor, id, url, lost } = newest;
  const session = { vendor, id, url };
  if (!lost && sessions.follow === undefined) return make(context, request, signal);
  const seen = await sessions.look(id, signal);
  if (seen.kind === 'gone') return make(context, request, signal);
  if (seen.kind !== 'ok') return seen;
  if (lost) {
    await errand.record(request.iteration, session);
    return { kind: 'ok', value: { session, before: null } };
  }
  if (seen.value.state === 'over' || seen.value.state === 'failed') return make(context, request, signal);
  return send(context, request, { session, before: seen.value }, signal);
}

type Watched = { readonly kind: 'seen'; readonly last: Sighting } | { readonly kind: 'blind'; readonly detail: string };

/** Until its turn is over, nobody can see it any more, or the signal. */
async function watch(
  { sessions, clock }: CloudTurnContext,
  { session, before }: Engaged,
  onChange: (seen: Sighting) => void,
  signal: AbortSignal,
): Promise<Watched | null> {
  let wait = FIRST_LOOK_MS;
  let blind = 0;
  let mark: string | null = null;
  for (let looks = 0; !signal.aborted; looks += 1) {
    const seen = await sessions.look(session.id, signal);
    if (signal.aborted) break;
    if (seen.kind === 'ok') {
      blind = 0;
      if (seen.value.mark !== mark) onChange(seen.value);
      mark = seen.value.mark;
      const stale = mark === before && looks < STALE_LOOKS;
      if (seen.value.state !== 'working' && !stale) return { kind: 'seen', last: seen.value };
    } else {
      blind += 1;
      if (seen.kind === 'gone' || blind === BLIND_LOOKS) return { kind: 'blind', detail: seen.detail };
    }
    await clock.sleep(wait, signal);
    wait = Math.min(LONGEST_LOOK_MS, wait * SLOWER);
  }
  return null;
}

function endOfFailure({ vendor, login }: CloudTurnContext, failure: Failure): TurnEnd {
  switch (failure.kind) {
    case 'login':
      return {
        kind: 'unavailable',
        detail: `${vendor} does not accept the key in ${login} for this (${failure.detail})`,
      };
    case 'quota':
      return { kind: 'quota', quota: { provider: vendor, until: null, exhausted: true } };
    case 'refused':
    case 'gone':
      return { kind: 'unavailable', detail: `${vendor} refuses the task (${failure.detail})` };
    case 'conflict':
    case 'unclear':
      return { kind: 'crashed', detail: `${vendor} gave no session that could be watched (${failure.detail})` };
    default:
      return unreachable(failure, 'failure of a vendor');
  }
}

function endOfSighting(vendor: string, { state, detail }: Sighting): TurnEnd {
  if (state === 'quota') return { kind: 'quota', quota: { provider: vendor, until: null, exhausted: true } };
  if (state === 'failed' || state === 'over') return { kind: 'crashed', detail: `${vendor} says: ${oneLine(detail)}` };
  return { kind: 'ended', exitCode: null };
}

function claimsOf({ state, words, detail }: Sighting): readonly AgentClaim[] {
  const said = claimsIn(words);
  if (said.some(({ kind }) => kind === 'blocked')) return said;
  if (state === 'waiting') return [...said, { kind: 'blocked', text: oneLine(detail) }];
  return state === 'done' ? [...said, { kind: 'done', text: oneLine(detail) }] : said;
}

interface TurnTime {
  /** Aborts when the turn is over from outside: a person, or its time. */
  readonly until: AbortSignal;
  readonly elapsedMs: () => number;
  /** Why the turn was cut short: a limit, unless a person was faster. */
  readonly cutShort: () => TurnEnd;
  readonly stop: () => void;
}

function startTime(clock: Clock, { budget }: TurnRequest, signal: AbortSignal): TurnTime {
  const startedMs = clock.monotonicMs();
  const elapsedMs = (): number => Math.round(clock.monotonicMs() - startedMs);
  const [timeUp, over] = [new AbortController(), new AbortController()];
  const ceiling = budget.wallTimeMs;
  async function wait(ms: number): Promise<void> {
    await clock.sleep(ms, over.signal);
    if (!over.signal.aborted) timeUp.abort();
  }
  if (ceiling !== 'unlimited') void wait(ceiling);
  return {
    until: AbortSignal.any([signal, timeUp.signal]),
    elapsedMs,
    cutShort() {
      if (signal.aborted || ceiling === 'unlimited') return { kind: 'cancelled' };
      return { kind: 'limit', breach: { limit: 'wallTimeMs', value: Math.max(ceiling, elapsedMs()), ceiling } };
    },
    stop: () => over.abort(),
  };
}

/** What was seen, one line of JSON for each change: the output of such an agent. */
function createSightings() {
  const output = createKeptOutput();
  let outputBytes = 0;
  let newest: Sighting | null = null;
  return {
    add(seen: Sighting): void {
      newest = seen;
      const { state, detail, words } = seen;
      const line = Buffer.from(`${JSON.stringify({ state, detail, words })}\n`);
      outputBytes += line.length;
      output.push(line);
    },
    newest: () => newest,
    output: () => ({ outputBytes, output: output.bytes() }),
  };
}

/**
 * Nobody heard that a session began, and it may have: it is looked for once more, and ended. null where there is none, or
 * where nobody can tell.
 */
async function endStray(
  { sessions, errand }: CloudTurnContext,
  request: TurnRequest,
  asked: CloudSession | undefined,
): Promise<CloudTurn | null> {
  const soon = AbortSignal.timeout(END_MS);
  let stray = asked ?? null;
  if (stray === null) {
    const found = await sessions.find(nameOf(errand), soon);
    stray = found.kind === 'ok' ? found.value : null;
    if (stray !== null) await errand.record(request.iteration, stray);
  }
  if (stray === null) return null;
  return { sessionId: stray.id, branch: null, spend: null, ended: await sessions.end(stray.id, soon) };
}

/** Never rejects for what vendor or agent do; rejects as the log and the key of the host do. */
export async function takeCloudTurn(
  context: CloudTurnContext,
  request: TurnRequest,
  signal: AbortSignal,
): Promise<TurnResult> {
  if (signal.aborted) return withoutProcess({ kind: 'cancelled' });
  const { clock, vendor } = context;
  const sightings = createSightings();
  const time = startTime(clock, request, signal);
  const finish = (end: TurnEnd, rest: Pick<TurnResult, 'cloud'> & Partial<Pick<TurnResult, 'claims'>>): TurnResult => ({
    end,
    claims: [],
    wallTimeMs: time.elapsedMs(),
    ...sightings.output(),
    ...rest,
  });
  try {
    const engaged = await engage(context, request, time.until);
    if (engaged.kind !== 'ok') {
      const cloud = await endStray(context, request, engaged.session);
      const end = time.until.aborted ? time.cutShort() : endOfFailure(context, engaged);
      return finish(end, cloud === null ? {} : { cloud });
    }
    const { id } = engaged.value.session;
    const watched = await watch(context, engaged.value, (seen) => sightings.add(seen), time.until);
    const { branch = null, spend = null, words = null } = sightings.newest() ?? {};
    const told = { sessionId: id, branch, spend };
    if (watched?.kind === 'seen') {
      const { last } = watched;
      return finish(endOfSighting(vendor, last), { claims: claimsOf(last), cloud: { ...told, ended: null } });
    }
    const end: TurnEnd =
      watched === null
        ? time.cutShort()
        : { kind: 'crashed', detail: `${vendor} does not show the session any more (${watched.detail})` };
    // On its own time: the turn is over, and a session that goes on costs.
    const ended = await context.sessions.end(id, AbortSignal.timeout(END_MS));
    return finish(end, { claims: claimsIn(words), cloud: { ...told, ended } });
  } finally {
    time.stop();
  }
}
