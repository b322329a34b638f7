import { globSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edited, generateRoute, golden } from '../../../test/fixtures/gateway/golden.ts';
import { dialectConformance } from '../../public/conformance/dialect.ts';
import type { DialectAnswer, DialectSubject } from '../../public/conformance/dialect.ts';
import type { TestBody } from '../../public/conformance/harness.ts';
import { NO_TOKENS } from '../../core/spend.ts';
import type { TokenUsage } from '../../core/spend.ts';
import type { Dialect, DialectId } from './dialect.ts';
import { DIALECTS, dialectOf, loadDialect } from './registry.ts';

function answer(id: DialectId, file: string, usage: Partial<TokenUsage>): DialectAnswer {
  const { bytes, contentType } = golden(id, file);
  const head = { status: 200, headers: { 'content-type': contentType } };
  return { name: file, head, bytes, usage: { ...NO_TOKENS, ...usage } };
}

type Subject = Omit<DialectSubject, 'name' | 'load'>;

const bearer = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` });

const MESSAGES_TOOLS = '[{"name":"Read","input_schema":{}}, {"type":"web_search_20250305","name":"web_search"}]';
const CUMULATIVE = {
  inputTokens: 25,
  cacheReadTokens: 1_000,
  cacheWrite5mTokens: 100,
  cacheWrite1hTokens: 200,
  outputTokens: 40,
};
const GEMINI = {
  inputTokens: 140,
  cacheReadTokens: 400,
  outputTokens: 37,
  reasoningTokens: 25,
  webSearches: 2,
};
const GEMINI_TOOLS = '[{"functionDeclarations":[{"name":"read_file"}]}, {"googleSearch":{}}]';

const SUBJECTS: Readonly<Record<DialectId, Subject>> = {
  'anthropic-messages': {
    path: '/v1/messages?beta=true',
    request: `{ "model":"claude-sonnet-4-5", "max_tokens": 8000,"stream":true,
      "messages":[{"role":"user","content":"Gr\u00fc\u00dfe \\u00e9"}], "tools": ${MESSAGES_TOOLS}, "tool_choice":{"type":"auto"} }`,
    answers: [
      answer('anthropic-messages', 'cumulative.sse', CUMULATIVE),
      answer('anthropic-messages', 'cumulative-crlf.sse', CUMULATIVE),
      answer('anthropic-messages', 'whole.json', { inputTokens: 7, cacheWrite5mTokens: 80, outputTokens: 9 }),
    ],
    headersWith: (key) => ({ 'x-api-key': key }),
  },
  'openai-responses': {
    path: '/v1/responses',
    request: `{"model":"gpt-5.6","input":"Hi","max_output_tokens":4000,"stream":true,"include":["web_search_call.results","reasoning.encrypted_content"],
      "tools":[{"type":"web_search"},{"type":"function","name":"exec_command","parameters":{}}],"tool_choice":{"type":"web_search"}}`,
    answers: [
      answer('openai-responses', 'completed.sse', {
        inputTokens: 150,
        cacheReadTokens: 1_000,
        cacheWrite5mTokens: 50,
        outputTokens: 80,
        reasoningTokens: 30,
        webSearches: 1,
      }),
      answer('openai-responses', 'whole.json', {
        inputTokens: 150,
        cacheReadTokens: 1_000,
        cacheWrite5mTokens: 50,
        outputTokens: 80,
        reasoningTokens: 30,
      }),
    ],
    headersWith: bearer,
  },
  'openai-chat': {
    path: '/v1/chat/completions',
    request: `{"model":"gpt-5.6-mini","max_tokens":3000,"stream":true,"messages":[{"role":"user","content":"Hi"}],
      "tools":[{"type":"function","function":{"name":"read"}},{"type":"openrouter:web_search"}],"web_search_options":{}}`,
    answers: [
      answer('openai-chat', 'usage-at-end.sse', {
        inputTokens: 36,
        cacheReadTokens: 64,
        outputTokens: 20,
        reasoningTokens: 8,
        webSearches: 1,
      }),
      answer('openai-chat', 'whole.json', {
        inputTokens: 36,
        cacheReadTokens: 64,
        outputTokens: 20,
        reasoningTokens: 8,
        webSearches: 1,
      }),
    ],
    headersWith: bearer,
  },
  gemini: {
    path: '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    request: `{"contents":[{"parts":[{"text":"Hi"}]}],"generationConfig":{"maxOutputTokens":9000},"tools":${GEMINI_TOOLS}}`,
    answers: [
      answer('gemini', 'streamed.sse', GEMINI),
      answer('gemini', 'streamed-array.json', GEMINI),
      answer('gemini', 'whole.json', GEMINI),
    ],
    headersWith: (key) => ({ 'x-goog-api-key': key }),
  },
  bedrock: {
    path: '/model/anthropic.claude-sonnet-4-5-v1%3A0/converse-stream',
    request: `{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":5000},
      "toolConfig":{"tools":[{"toolSpec":{"name":"read","inputSchema":{"json":{}}}},{"systemTool":{"name":"nova_grounding"}}]}}`,
    answers: [
      answer('bedrock', 'converse.frames', {
        inputTokens: 30,
        cacheReadTokens: 100,
        cacheWrite5mTokens: 50,
        cacheWrite1hTokens: 150,
        outputTokens: 12,
      }),
      answer('bedrock', 'invoke.frames', { ...CUMULATIVE, outputTokens: 41 }),
      answer('bedrock', 'whole.json', { inputTokens: 30, cacheWrite5mTokens: 5, outputTokens: 12 }),
      answer('bedrock', 'whole-messages.json', { inputTokens: 7, cacheWrite5mTokens: 80, outputTokens: 9 }),
    ],
    headersWith: bearer,
  },
  vertex: {
    path: '/v1/projects/p-1/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict',
    request: `{"anthropic_version":"vertex-2023-10-16","max_tokens":8000,"stream":true,"messages":[],"tools":${MESSAGES_TOOLS}}`,
    answers: [
      answer('vertex', 'messages.sse', CUMULATIVE),
      answer('vertex', 'generate-content.sse', GEMINI),
      answer('vertex', 'whole.json', GEMINI),
    ],
    headersWith: bearer,
  },
};

for (const id of DIALECTS) {
  dialectConformance({ describe, it, expect }, { name: id, load: () => loadDialect(id), ...SUBJECTS[id] });
}

async function failuresOf(dialect: Dialect): Promise<readonly string[]> {
  const tests: { readonly name: string; readonly body: TestBody }[] = [];
  const failures: string[] = [];
  const record = (name: string, body: TestBody): void => {
    tests.push({ name, body });
  };
  dialectConformance(
    { expect, describe: (_name, body) => body(), it: Object.assign(record, { skip: () => undefined }) },
    { name: 'canary', load: () => Promise.resolve(dialect), ...SUBJECTS[dialect.id] },
  );
  for (const { name, body } of tests) {
    await Promise.resolve()
      .then(body)
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'AssertionError') throw error;
        failures.push(name);
      });
  }
  return failures;
}

describe('the registry of dialects', () => {
  it('loads every dialect under its own name', async () => {
    expect(DIALECTS.toSorted()).toEqual(Object.keys(SUBJECTS).toSorted());
    for (const id of DIALECTS) expect((await loadDialect(id)).id).toBe(id);
  });

  it('finds the dialect of a path, and of lists of models the one whose clients ask for them', async () => {
    for (const id of DIALECTS) expect((await dialectOf('POST', SUBJECTS[id].path))?.id).toBe(id);
    expect((await dialectOf('GET', '/v1/models'))?.id).toBe('openai-responses');
    expect((await dialectOf('HEAD', '/'))?.id).toBe('anthropic-messages');
    expect(await dialectOf('POST', '/v1/analytics/codex/turn-costs')).toBe(null);
  });

  it('canary: the suite is green for a dialect as it is', async () => {
    expect(await failuresOf(await loadDialect('gemini'))).toEqual([]);
  });

  it('canary: the suite goes red for each part that is broken', async () => {
    const good = await loadDialect('gemini');
    const broken: readonly (readonly [Partial<Dialect>, string])[] = [
      [
        { route: () => good.route('POST', SUBJECTS.gemini.path) },
        'knows its path with any query, and no path that only looks like it',
      ],
      [
        { read: (route) => good.read(route, new TextEncoder().encode(SUBJECTS.gemini.request)) },
        'says of everything else that it is no request, and never throws',
      ],
      [{ edit: (_route, body) => body }, 'takes hosted tools out, leaves the client its own, and does it once'],
      [
        { meter: (head, facts) => ({ push: () => undefined, end: (how) => good.meter(head, facts).end(how) }) },
        'meters the same however the bytes are cut',
      ],
      [
        { refuse: (refusal) => ({ ...good.refuse(refusal), status: 429 }) },
        'refuses so that clients stop at once and show the message',
      ],
      [{ withKey: (headers) => headers }, 'takes out every carrier of a key, in any case of letters'],
    ];
    for (const [part, name] of broken) expect(await failuresOf({ ...good, ...part })).toContain(name);
  });

  it('keeps the same file names in every folder', () => {
    const namesIn = (folder: string): readonly string[] =>
      globSync(`${import.meta.dirname}/${folder}/*`)
        .map((path) => basename(path))
        .sort();
    const expected = ['answer.ts', 'index.test.ts', 'index.ts', 'refusal.ts', 'request.ts', 'route.ts'];
    for (const id of DIALECTS) expect([id, namesIn(id)]).toEqual([id, expected]);
    expect(namesIn('no-such-folder')).toEqual([]);
  });
});

/** Bytes that two texts do not share at their beginning and end, of the longer one. */
function changedBytes(before: string, after: string): number {
  const [one, other] = [Buffer.from(before), Buffer.from(after)];
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1;
  return Math.max(one.length, other.length) - head - tail;
}

/** The value with every output limit in it set to one figure, so that all else can be compared. */
function levelled(text: string): unknown {
  const limits = new Set(['max_tokens', 'max_output_tokens', 'max_completion_tokens', 'maxOutputTokens', 'maxTokens']);
  return JSON.parse(text, (name, value: unknown) => (limits.has(name) && typeof value === 'number' ? 1 : value));
}

describe('lowering a body with anything else in it', () => {
  const anything = fc.dictionary(
    fc.string({ minLength: 1 }).map((name) => `x${name}`),
    fc.jsonValue(),
    { maxKeys: 5 },
  );

  it.each(DIALECTS)('changes the limit of %s and no other byte, once', async (id) => {
    const dialect = await loadDialect(id);
    const { path, request } = SUBJECTS[id];
    const known = JSON.parse(request) as object;
    fc.assert(
      fc.property(
        anything,
        anything,
        fc.nat(3),
        fc.integer({ min: 1, max: 1_999 }),
        (before, after, indent, outputLimit) => {
          const body = JSON.stringify({ ...before, ...known, ...after }, null, indent);
          const lowered = edited(dialect, path, body, { outputLimit });
          expect(levelled(lowered)).toEqual(levelled(body));
          expect(changedBytes(body, lowered)).toBeLessThanOrEqual('2000'.length);
          const reading = dialect.read(generateRoute(dialect, 'POST', path), new TextEncoder().encode(lowered));
          expect(reading.ok && reading.facts.outputLimit).toBe(outputLimit);
          expect(edited(dialect, path, lowered, { outputLimit })).toBe(lowered);
        },
      ),
    );
  });

  it('canary: a body written anew is not the same bytes', () => {
    expect(changedBytes('{ "a":1.0, "max_tokens":2000 }', '{"a":1,"max_tokens":1}')).toBeGreaterThan(4);
  });
});
