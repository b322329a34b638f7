/** What every dialect of the gateway must hold. Run it over a dialect of your own with your test framework. */
import type {
  AnswerHead,
  Dialect,
  GenerateRoute,
  Headers,
  Meter,
  Metered,
  Refusal,
  RequestFacts,
} from '../../gateway/dialects/dialect.ts';
import type { TestHarness } from './harness.ts';

export interface DialectAnswer {
  readonly name: string;
  readonly head: AnswerHead;
  /** A whole answer whose last word on usage is in it. */
  readonly bytes: Uint8Array;
  /** What must be metered of it. */
  readonly usage: Exclude<Metered['usage'], null>;
}

export interface DialectSubject {
  readonly name: string;
  load(): Promise<Dialect>;
  /** Path of a billed POST. */
  readonly path: string;
  /** A JSON object with an output limit above 2,000 tokens and at least one hosted tool beside one of the client's own. */
  readonly request: string;
  /** At least one. */
  readonly answers: readonly DialectAnswer[];
  /** The client's headers with this key in them. */
  headersWith(key: string): Headers;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Statuses at which no client that was measured goes on asking, in one dialect or another. Never 413, 429 or above 500. */
const REFUSING = [400, 402, 403];

const KINDS: readonly Refusal['kind'][] = ['budget', 'model', 'request', 'key', 'quota', 'stopped', 'ledger'];

const END_BYTES = 400;

const COUNTS = ['outputLimit', 'leastOutputLimit', 'choices', 'mediaParts'] as const;

/** Deterministic bytes (mulberry32), so that a failure can be repeated from its seed. */
function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  });
}

function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const noise = randomBytes(seed, 12);
  const copy = Uint8Array.from(bytes);
  for (let at = 0; at < noise.length; at += 3) {
    const place = ((noise[at] ?? 0) * 256 + (noise[at + 1] ?? 0)) % Math.max(copy.length, 1);
    copy[place] = noise[at + 2] ?? 0;
  }
  return copy;
}

function routeOf(dialect: Dialect, path: string): GenerateRoute {
  const route = dialect.route('POST', path);
  if (route?.kind !== 'generate') throw new Error(`POST ${path} is not billed`);
  return route;
}

function factsOf(
  dialect: Dialect,
  subject: DialectSubject,
  body: Uint8Array = encoder.encode(subject.request),
): RequestFacts {
  const reading = dialect.read(routeOf(dialect, subject.path), body);
  if (!reading.ok) throw new Error(reading.problem);
  return reading.facts;
}

/** The first rule that facts break, or null. */
function brokenFacts(facts: RequestFacts): string | null {
  if (facts.model === '') return 'no model';
  const bad = COUNTS.find((name) => facts[name] !== null && !(Number.isSafeInteger(facts[name]) && facts[name] >= 0));
  return bad ?? (facts.choices < 1 || facts.leastOutputLimit < 1 ? 'a count below 1' : null);
}

/** The first rule that a result breaks, or null. */
function brokenMetered({ usage, final, contentBytes, problem, error, tools }: Metered): string | null {
  if (final && (usage === null || error !== null)) return 'final without usage, or with an error';
  if (!Number.isSafeInteger(contentBytes) || contentBytes < 0) return 'contentBytes is no count';
  const counts = usage === null ? [] : Object.values<number>({ ...usage });
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return 'a count of usage is no count';
  if (usage !== null && usage.reasoningTokens > usage.outputTokens) return 'more reasoning than output';
  if (tools.some(({ name }) => name === '' || name.length > 500)) return 'a tool has no name or an unbounded one';
  return problem === '' ? 'an empty problem' : null;
}

function run(meter: Meter, pieces: readonly Uint8Array[], how: 'complete' | 'cut'): Metered {
  for (const piece of pieces) meter.push(piece);
  return meter.end(how);
}

function describeRoutes(subject: DialectSubject, { it, expect }: TestHarness): void {
  it('knows its path with any query, and no path that only looks like it', async () => {
    const dialect = await subject.load();
    const [bare = '', query] = subject.path.split('?');
    const route = routeOf(dialect, subject.path);
    expect(dialect.route('POST', `${bare}?${query === undefined ? '' : `${query}&`}beta=true&x=%2F..`)).toEqual(route);
    for (const path of [
      `${bare}/`,
      `/..${bare}`,
      `/x${bare}`,
      `${bare}%20`,
      bare.toUpperCase(),
      bare.replace('/', '//'),
    ]) {
      expect(dialect.route('POST', path)?.kind === 'generate', path).toBe(false);
    }
    for (const method of ['GET', 'PUT', 'DELETE']) expect(dialect.route(method, bare)?.kind === 'generate').toBe(false);
    for (const path of ['/', '', '/nothing', '/v1', '/v1/../v1/messages', '/%'])
      expect(dialect.route('POST', path)).toBe(null);
  });
}

function describeRequests(subject: DialectSubject, { it, expect }: TestHarness): void {
  const body = encoder.encode(subject.request);

  it('reads its request', async () => {
    const facts = factsOf(await subject.load(), subject);
    expect(brokenFacts(facts)).toBe(null);
    expect(facts.outputLimit ?? 0).toBeGreaterThanOrEqual(2_000);
    expect(facts.hostedTools.length).toBeGreaterThanOrEqual(1);
    expect(facts.toolNames.length).toBeGreaterThanOrEqual(1);
  });

  it('says of everything else that it is no request, and never throws', async () => {
    const dialect = await subject.load();
    const route = routeOf(dialect, subject.path);
    const nested = (depth: number): string =>
      `{"a":${'['.repeat(depth)}${']'.repeat(depth)},${subject.request.trim().slice(1)}`;
    const [first = ''] = Object.keys(JSON.parse(subject.request) as object);
    const doubled = `{${JSON.stringify(first)}:null,${subject.request.trim().slice(1)}`;
    const bad = ['', '[]', 'null', '"x"', '{}', '{"model":1}', nested(100_000), doubled, `${subject.request}x`];
    for (const text of bad) {
      expect(dialect.read(route, encoder.encode(text)).ok, text.slice(0, 40)).toBe(false);
    }
    const invalid = Uint8Array.from([
      ...body.subarray(0, body.lastIndexOf(0x22)),
      0xff,
      ...body.subarray(body.lastIndexOf(0x22)),
    ]);
    expect(dialect.read(route, invalid).ok, 'invalid UTF-8').toBe(false);
    for (let length = 0; length < body.length; length += 1) {
      if (decoder.decode(body.subarray(length)).trim() === '') continue;
      expect(dialect.read(route, body.subarray(0, length)).ok, `the first ${length} bytes`).toBe(false);
    }
    for (let seed = 1; seed <= 200; seed += 1) {
      const reading = dialect.read(route, seed % 2 === 0 ? damaged(body, seed) : randomBytes(seed, seed));
      expect(reading.ok ? brokenFacts(reading.facts) : null, `seed ${seed}`).toBe(null);
    }
  });
}

function describeEdits(subject: DialectSubject, { it, expect }: TestHarness): void {
  const body = encoder.encode(subject.request);

  it('changes nothing when nothing is asked for, and nothing but what is asked for', async () => {
    const dialect = await subject.load();
    const route = routeOf(dialect, subject.path);
    const facts = factsOf(dialect, subject);
    expect(dialect.edit(route, body, {})).toEqual(body);
    const outputLimit = Math.max(facts.leastOutputLimit, 1_500);
    const lowered = dialect.edit(route, body, { outputLimit });
    expect(factsOf(dialect, subject, lowered)).toEqual({ ...facts, outputLimit });
    expect(dialect.edit(route, lowered, { outputLimit })).toEqual(lowered);
    expect(dialect.edit(route, lowered, { outputLimit: outputLimit + 1 })).toEqual(lowered);
  });

  it('takes hosted tools out, leaves the client its own, and does it once', async () => {
    const dialect = await subject.load();
    const route = routeOf(dialect, subject.path);
    const { hostedTools, outputLimit } = factsOf(dialect, subject);
    const edit = { withoutHostedTools: hostedTools, outputLimit: 1_500, withUsage: true };
    const stripped = dialect.edit(route, body, edit);
    const facts = factsOf(dialect, subject, stripped);
    expect(facts.hostedTools).toEqual([]);
    expect(facts.toolNames.length).toBeGreaterThanOrEqual(1);
    expect(dialect.edit(route, stripped, edit)).toEqual(stripped);
    expect(decoder.decode(dialect.edit(route, body, { withoutHostedTools: ['no_such_tool'] }))).toBe(subject.request);
    expect(outputLimit ?? 0).toBeGreaterThanOrEqual(1_500);
  });
}

function describeMeter(subject: DialectSubject, { it, expect }: TestHarness): void {
  it('meters the same however the bytes are cut', async () => {
    const dialect = await subject.load();
    const facts = factsOf(dialect, subject);
    for (const { name, head, bytes, usage } of subject.answers) {
      const whole = run(dialect.meter(head, facts), [bytes], 'complete');
      expect({ usage: whole.usage, final: whole.final, problem: whole.problem }, name).toEqual({
        usage,
        final: true,
        problem: null,
      });
      const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
      expect(run(dialect.meter(head, facts), single, 'complete'), name).toEqual(whole);
      for (let seed = 1; seed <= 10; seed += 1) {
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const step of randomBytes(seed, bytes.length)) {
          pieces.push(bytes.subarray(at, at + (step % 97)));
          at += step % 97;
        }
        expect(run(dialect.meter(head, facts), pieces, 'complete'), `${name}, seed ${seed}`).toEqual(whole);
      }
    }
  });

  it('never calls the beginning of an answer final with less than all of its usage', async () => {
    const dialect = await subject.load();
    const facts = factsOf(dialect, subject);
    for (const { name, head, bytes, usage } of subject.answers) {
      // The end is where an answer may become final too early: there every byte counts.
      for (let length = 0; length < bytes.length; length += bytes.length - length > END_BYTES ? 11 : 1) {
        for (const how of ['cut', 'complete'] as const) {
          const metered = run(dialect.meter(head, facts), [bytes.subarray(0, length)], how);
          expect(brokenMetered(metered), `${name}, ${length} bytes`).toBe(null);
          if (metered.final) expect(metered.usage, `${name}, ${length} bytes`).toEqual(usage);
        }
      }
    }
  });

  it('keeps to the contract on random and damaged bytes, whatever the head says', async () => {
    const dialect = await subject.load();
    const facts = factsOf(dialect, subject);
    const types = ['text/event-stream', 'application/json', 'application/vnd.amazon.eventstream', 'text/html'];
    for (let seed = 1; seed <= 200; seed += 1) {
      const answer = subject.answers[seed % subject.answers.length];
      const bytes = answer === undefined || seed % 3 === 0 ? randomBytes(seed, seed * 5) : damaged(answer.bytes, seed);
      const head = { status: seed % 7 === 0 ? 503 : 200, headers: { 'content-type': types[seed % types.length] } };
      const metered = run(
        dialect.meter(seed % 2 === 0 && answer !== undefined ? answer.head : head, facts),
        [bytes],
        'complete',
      );
      expect(brokenMetered(metered), `seed ${seed}`).toBe(null);
    }
  });
}

function describeRefusals(subject: DialectSubject, { it, expect }: TestHarness): void {
  it('refuses so that clients stop at once and show the message', async () => {
    const dialect = await subject.load();
    for (const kind of KINDS) {
      const message = `The run may not: "${kind}"\nGrüße`;
      const { status, headers, body } = dialect.refuse({ kind, message });
      expect(REFUSING).toContain(status);
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-should-retry': 'false' });
      const texts: unknown[] = [];
      JSON.parse(body, (_, value: unknown) => texts.push(value) > 0 && value);
      expect(texts).toContain(message);
    }
  });
}

function describeKeys(subject: DialectSubject, { it, expect }: TestHarness): void {
  it('finds the key and puts the real one in its place, and no other is left', async () => {
    const dialect = await subject.load();
    const headers = {
      ...subject.headersWith('lw_run_1'),
      cookie: 'session=lw_run_1',
      'content-type': 'application/json',
    };
    expect(dialect.keyOf(headers, subject.path)).toBe('lw_run_1');
    const sent = dialect.withKey(headers, 'real-key');
    expect(dialect.keyOf(sent, subject.path)).toBe('real-key');
    expect(JSON.stringify(sent).includes('lw_run_1')).toBe(false);
    expect(sent['content-type']).toBe('application/json');
    const none = dialect.withKey(headers, null);
    expect(dialect.keyOf(none, subject.path)).toBe(null);
    expect(dialect.keyOf({}, subject.path)).toBe(null);
  });

  it('takes out every carrier of a key, in any case of letters', async () => {
    const dialect = await subject.load();
    const carriers = ['Authorization', 'X-Api-Key', 'x-goog-api-key', 'API-KEY', 'Cookie', 'Proxy-Authorization'];
    const headers = Object.fromEntries(carriers.map((name) => [name, 'Bearer stray']));
    expect(JSON.stringify(dialect.withKey(headers, 'real-key')).includes('stray')).toBe(false);
    expect(JSON.stringify(dialect.withKey(headers, null))).toBe('{}');
  });

  it('lets no header through that could become two, and no key', async () => {
    const dialect = await subject.load();
    const evil = { 'x-a': 'a\r\nauthorization: b', 'x-b': ['ok', 'c\nd'], 'x-c': '\u0100', 'x d': 'e', 'x-f': 'fine' };
    expect(dialect.withKey(evil, null)).toEqual({ 'x-f': 'fine' });
    let said = '';
    try {
      dialect.withKey({}, 'real\r\nkey');
    } catch (error) {
      said = String(error);
    }
    expect(said === '' || said.includes('real')).toBe(false);
  });
}

/** Registers the suite. Every registered dialect of loopwright runs it; a plugin should too. */
export function dialectConformance(harness: TestHarness, subject: DialectSubject): void {
  harness.describe(`dialect ${subject.name} keeps the contract`, () => {
    describeRoutes(subject, harness);
    describeRequests(subject, harness);
    describeEdits(subject, harness);
    describeMeter(subject, harness);
    describeRefusals(subject, harness);
    describeKeys(subject, harness);
  });
}
