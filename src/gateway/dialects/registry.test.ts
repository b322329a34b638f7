import { describe, expect, it } from 'vitest';
import { golden } from '../../../test/fixtures/gateway/golden.ts';
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
});
