import { describe, expect, it } from 'vitest';
import { NO_TOKENS } from '../../../core/spend.ts';
import { edited, factsOf, golden, meter } from '../../../../test/fixtures/gateway/golden.ts';
import type { Metered, RequestFacts } from '../dialect.ts';
import { createDialect } from './index.ts';

const dialect = createDialect();
const PATH = '/v1/responses';
const REQUEST = { model: 'gpt-5.6', input: 'Hi', stream: true };
const facts = factsOf(dialect, PATH, REQUEST);

function metered(file: string, options: { readonly status?: number; readonly how?: 'complete' | 'cut' } = {}): Metered {
  return meter(dialect, golden('openai-responses', file), { facts, ...options });
}

function read(more: object): RequestFacts {
  return factsOf(dialect, PATH, { ...REQUEST, ...more });
}

describe('paths of OpenAI Responses', () => {
  it.each([
    ['POST', '/v1/responses', 'generate'],
    ['POST', '/responses', 'generate'],
    ['POST', '/v1/responses/input_tokens', 'free'],
    ['GET', '/v1/models?client_version=1', 'free'],
    ['GET', '/v1/responses', 'unbounded'],
    ['GET', '/v1/responses/resp_1', 'unbounded'],
    ['POST', '/v1/responses/compact', 'unbounded'],
    ['POST', '/v1/batches', 'unbounded'],
    ['POST', '/v1/embeddings', 'unbounded'],
    ['POST', '/v1/chat/completions', undefined],
    ['POST', '/v1/analytics/codex/turn-costs', undefined],
  ])('%s %s is %s', (method, path, kind) => {
    expect(dialect.route(method, path)?.kind).toBe(kind);
  });
});

describe('requests of OpenAI Responses', () => {
  it('say what a call may cost', () => {
    const input = [
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'x' },
          { type: 'input_file', file_id: 'f' },
        ],
      },
      { type: 'item_reference', id: 'i' },
    ];
    const tools = [
      { type: 'function', name: 'exec' },
      { type: 'namespace', name: 'mcp', tools: [{ type: 'function', name: 'find' }] },
      { type: 'web_search_preview_2025_03_11' },
      { type: 'shell', environment: { type: 'container_auto' } },
      { type: 'shell', environment: { type: 'local' } },
    ];
    expect(read({ input, tools, previous_response_id: 'r', service_tier: 'default', max_output_tokens: 900 })).toEqual({
      model: 'gpt-5.6',
      stream: true,
      outputLimit: 900,
      leastOutputLimit: 16,
      choices: 1,
      cacheWrite: '5m',
      terms: { serviceTier: 'standard', fast: false, geography: null },
      hostedTools: ['web_search', 'shell'],
      mediaParts: 2,
      unbounded: ['previous_response_id', 'item_reference', 'file_id'],
      toolNames: ['exec', 'mcp', 'find'],
    });
  });

  it.each([
    [{ background: true }, 'background is asked for'],
    [{ input: 5 }, 'input is neither text nor a list'],
    [{ model: '' }, 'model is missing'],
    [{ max_output_tokens: {} }, 'max_output_tokens is of type object'],
  ])('are refused with the reason: %j', (more, problem) => {
    expect(() => read(more)).toThrow(problem);
  });

  it('lose a hosted tool, the choice of it, and what asks for parts of it', () => {
    const body = `{"tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":{"type":"web_search_preview"},
      "include":["web_search_call.action.sources", "reasoning.encrypted_content"]}`;
    const edit = { withoutHostedTools: ['web_search'] };
    expect(JSON.parse(edited(dialect, PATH, body, edit))).toEqual({
      tools: [{ type: 'function', name: 'f' }],
      include: ['reasoning.encrypted_content'],
    });
    const allowed = `{"tools":[{"type":"web_search"},{"type":"function","name":"f"}],
      "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"},{"type":"function","name":"f"}]}}`;
    expect(JSON.parse(edited(dialect, PATH, allowed, edit))).toEqual({
      tools: [{ type: 'function', name: 'f' }],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
    });
    expect(
      edited(dialect, PATH, '{"tools":[{"type":"mcp"}],"tool_choice":"required","x":1}', {
        withoutHostedTools: ['mcp'],
      }),
    ).toBe('{"x":1}');
  });
});

describe('answers of OpenAI Responses', () => {
  it('are metered by the last event, without counting cached input twice, and searches by the piece', () => {
    expect(metered('completed.sse')).toEqual({
      usage: {
        ...NO_TOKENS,
        inputTokens: 150,
        cacheReadTokens: 1_000,
        cacheWrite5mTokens: 50,
        outputTokens: 80,
        reasoningTokens: 30,
        webSearches: 1,
      },
      final: true,
      contentBytes: 'Looking.{"cmd":"ls"}'.length,
      model: 'gpt-5.6',
      terms: { serviceTier: 'priority', fast: false, geography: null },
      tools: [
        { name: 'web_search', hosted: true },
        { name: 'web_search', hosted: true },
        { name: 'exec_command', hosted: false },
      ],
      finishReason: 'completed',
      error: null,
      problem: null,
    });
    expect(metered('incomplete.sse')).toMatchObject({ final: true, finishReason: 'max_output_tokens' });
    expect(metered('malformed.sse')).toMatchObject({ final: true, problem: 'part of the answer is no JSON' });
  });

  it('are not final without usage, cut, or with an error', () => {
    expect(metered('no-usage.sse')).toMatchObject({ usage: null, final: false, problem: null });
    expect(metered('truncated.sse', { how: 'cut' })).toMatchObject({ usage: null, final: false });
    expect(metered('failed.sse')).toMatchObject({ final: false, error: { type: 'server_error', message: 'Broke' } });
    expect(metered('error-mid-stream.sse')).toMatchObject({
      final: false,
      error: { type: 'rate_limit_exceeded', message: 'Slow down' },
    });
    expect(metered('error.json', { status: 404 })).toMatchObject({ usage: null, error: { type: 'model_not_found' } });
  });

  it('are not believed when more was cached than came in', () => {
    const text =
      '{"object":"response","usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":6},"output_tokens":1}}';
    const bytes = new TextEncoder().encode(text);
    expect(meter(dialect, { bytes, contentType: 'application/json' }, { facts })).toMatchObject({
      usage: null,
      problem: 'usage cannot be believed: its parts are more than the whole',
    });
  });
});

describe('keys and refusals of OpenAI Responses', () => {
  it('refuse at the status at which Codex stops', () => {
    const { status, body } = dialect.refuse({ kind: 'budget', message: 'Spent.' });
    const error = { message: 'Spent.', type: 'invalid_request_error', param: null, code: 'billing_hard_limit_reached' };
    expect([status, JSON.parse(body)]).toEqual([400, { error }]);
  });

  it("put the key where the client's was", () => {
    expect(dialect.withKey({ 'api-key': 'a' }, 'real')).toEqual({ 'api-key': 'real' });
    expect(dialect.withKey({ authorization: 'Bearer a', 'api-key': 'b' }, 'real')).toEqual({
      authorization: 'Bearer real',
    });
  });
});
