import { describe, expect, it } from 'vitest';
import { NO_TOKENS } from '../../../core/spend.ts';
import { edited, factsOf, golden, meter } from '../../../../test/fixtures/gateway/golden.ts';
import type { Metered, RequestFacts } from '../dialect.ts';
import { createDialect } from './index.ts';

const dialect = createDialect();
const PATH = '/v1/chat/completions';
const REQUEST = { model: 'gpt-5.6-mini', stream: true, messages: [] };
const facts = factsOf(dialect, PATH, REQUEST);

function metered(file: string, options: { readonly status?: number; readonly how?: 'complete' | 'cut' } = {}): Metered {
  return meter(dialect, golden('openai-chat', file), { facts, ...options });
}

function read(more: object): RequestFacts {
  return factsOf(dialect, PATH, { ...REQUEST, ...more });
}

describe('requests of OpenAI Chat Completions', () => {
  it('are known with and without the version, and nothing stored is', () => {
    expect(dialect.route('POST', '/chat/completions')?.kind).toBe('generate');
    expect(dialect.route('GET', '/v1/chat/completions/c1')?.kind).toBe('unbounded');
    expect(dialect.route('POST', '/v1/responses')).toBe(null);
  });

  it('say what a call may cost', () => {
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'x' } },
          { type: 'text', text: 'y' },
        ],
      },
    ];
    const tools = [
      { type: 'function', function: { name: 'read' } },
      { type: 'custom', custom: { name: 'patch' } },
    ];
    const more = { messages, tools, functions: [{ name: 'old' }], n: 3, max_tokens: 10, max_completion_tokens: 20 };
    expect(read({ ...more, web_search_options: {}, service_tier: 'flex' })).toMatchObject({
      outputLimit: 20,
      leastOutputLimit: 1,
      choices: 3,
      terms: { serviceTier: 'flex' },
      hostedTools: ['web_search'],
      mediaParts: 1,
      toolNames: ['read', 'patch', 'old'],
    });
    expect(() => read({ modalities: ['text', 'audio'] })).toThrow('modalities asks for more than text');
    expect(() => read({ MAX_TOKENS: 9 })).toThrow('"MAX_TOKENS" is max_tokens in other letters');
    expect(() => read({ messages: null })).toThrow('messages is missing');
  });

  it('are lowered wherever the limit stands, and get one where none does', () => {
    const lower = (body: string): string => edited(dialect, PATH, body, { outputLimit: 9 });
    expect(lower('{"max_tokens":10}')).toBe('{"max_tokens":9}');
    expect(lower('{"max_tokens":10,"max_completion_tokens":8}')).toBe('{"max_tokens":9,"max_completion_tokens":8}');
    expect(lower('{"max_tokens":null}')).toBe('{"max_completion_tokens":9,"max_tokens":null}');
    expect(lower('{"x":1}')).toBe('{"max_completion_tokens":9,"x":1}');
  });

  it('ask for usage only where a stream is asked for', () => {
    const ask = (body: string): string => edited(dialect, PATH, body, { withUsage: true });
    expect(ask('{"stream":true}')).toBe('{"stream_options":{"include_usage":true},"stream":true}');
    expect(ask('{"stream":true,"stream_options":null}')).toBe(
      '{"stream":true,"stream_options":{"include_usage":true}}',
    );
    expect(ask('{"stream":true,"stream_options":{"x":1}}')).toBe(
      '{"stream":true,"stream_options":{"include_usage":true,"x":1}}',
    );
    expect(ask('{"stream":true,"stream_options":{"include_usage":false}}')).toContain('"include_usage":true');
    expect(ask('{"stream":false}')).toBe('{"stream":false}');
  });
});

describe('answers of OpenAI Chat Completions', () => {
  it('are metered by the chunk with usage', () => {
    expect(metered('usage-at-end.sse')).toEqual({
      usage: { ...NO_TOKENS, inputTokens: 36, cacheReadTokens: 64, outputTokens: 20, reasoningTokens: 8 },
      final: true,
      contentBytes: 'Hellohm{"p":1}'.length,
      model: 'gpt-5.6-mini',
      terms: { serviceTier: 'flex', fast: false, geography: null },
      tools: [{ name: 'read', hosted: false }],
      finishReason: 'tool_calls',
      error: null,
      problem: null,
    });
    expect(metered('several-choices.sse')).toMatchObject({ final: true, usage: { outputTokens: 20 }, contentBytes: 4 });
  });

  it('count reasoning that the server keeps outside of its count of output', () => {
    expect(metered('reasoning-outside.sse').usage).toMatchObject({ outputTokens: 50, reasoningTokens: 30 });
  });

  it('are not final with usage from before the end, without any, cut, or with an error', () => {
    expect(metered('usage-before-end.sse')).toMatchObject({ final: false, usage: { outputTokens: 9 } });
    expect(metered('no-usage.sse')).toMatchObject({ final: false, usage: null, problem: null });
    expect(metered('truncated.sse', { how: 'cut' })).toMatchObject({ final: false, usage: null, contentBytes: 7 });
    expect(metered('error-mid-stream.sse')).toMatchObject({
      final: false,
      error: { type: 'server_error', message: 'Upstream broke' },
    });
    expect(metered('error.json', { status: 401 })).toMatchObject({
      error: { type: 'invalid_request_error', message: 'Bad key' },
    });
    expect(metered('malformed.sse')).toMatchObject({ final: true, problem: 'part of the answer is no JSON' });
  });
});

describe('refusals of OpenAI Chat Completions', () => {
  it('are payment required, at which all its clients stop', () => {
    expect(dialect.refuse({ kind: 'budget', message: 'Spent.' }).status).toBe(402);
  });
});
