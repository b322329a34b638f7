import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_TOKENS } from '../../../core/spend.ts';
import { edited, factsOf, golden, meter } from '../../../../test/fixtures/gateway/golden.ts';
import type { Metered } from '../dialect.ts';
import { createDialect } from './index.ts';

const dialect = createDialect();
const PATH = '/v1/messages?beta=true';
const REQUEST = { model: 'claude-sonnet-4-5', max_tokens: 4_096, stream: true, messages: [] };
const facts = factsOf(dialect, PATH, REQUEST);

function metered(file: string, options: { readonly status?: number; readonly how?: 'complete' | 'cut' } = {}): Metered {
  return meter(dialect, golden('anthropic-messages', file), { facts, ...options });
}

function read(more: object): typeof facts {
  return factsOf(dialect, PATH, { ...REQUEST, ...more });
}

describe('paths of Anthropic Messages', () => {
  it.each([
    ['POST', '/v1/messages', 'generate'],
    ['POST', '/messages', 'generate'],
    ['POST', '/v1/messages/count_tokens?beta=true', 'free'],
    ['GET', '/v1/models/claude-sonnet-4-5', 'free'],
    ['HEAD', '/', 'greeting'],
    ['HEAD', '/api/hello', 'greeting'],
    ['POST', '/v1/messages/batches', 'unbounded'],
    ['POST', '/v1/files', 'unbounded'],
    ['GET', '/', undefined],
    ['POST', '/v1/%6Dessages', undefined],
  ])('%s %s is %s', (method, path, kind) => {
    expect(dialect.route(method, path)?.kind).toBe(kind);
  });
});

describe('requests of Anthropic Messages', () => {
  it('say what a call may cost', () => {
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    const system = [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }];
    const content = [
      { type: 'image', source: { type: 'base64', data: '' }, cache_control: { type: 'ephemeral' } },
      { type: 'document', source: { type: 'file', file_id: 'f' } },
      { type: 'document', source: { type: 'text', data: 'x' } },
    ];
    const tools = [
      { name: 'Bash', type: 'bash_20250124' },
      { name: 'fetch', type: 'web_fetch_20250910' },
      { name: 'Read' },
    ];
    const more = { thinking, system, messages: [{ role: 'user', content }], tools, speed: 'fast', inference_geo: 'us' };
    expect(read({ ...more, service_tier: 'standard_only', mcp_servers: [{ url: 'x' }] })).toEqual({
      model: 'claude-sonnet-4-5',
      stream: true,
      outputLimit: 4_096,
      leastOutputLimit: 1_025,
      choices: 1,
      cacheWrite: '1h',
      terms: { serviceTier: 'standard', fast: true, geography: 'us' },
      hostedTools: ['web_fetch', 'mcp'],
      mediaParts: 2,
      unbounded: ['file_id'],
      toolNames: ['Bash', 'fetch', 'Read'],
    });
    expect(read({ system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }).cacheWrite).toBe('5m');
    expect(read({}).cacheWrite).toBe('none');
    expect(read({ context_management: { edits: [{ type: 'compact_20260112' }] } }).unbounded).toEqual(['compaction']);
  });

  it.each([
    [{ max_tokens: '4096' }, 'max_tokens is of type string, not number'],
    [{ max_tokens: 1.5 }, 'max_tokens is no whole number'],
    [{ max_tokens: -1 }, 'max_tokens is no whole number'],
    [{ model: null }, 'model is missing'],
    [{ messages: 'Hi' }, 'messages is of type string'],
    [{ tools: [1] }, 'tools holds something that is no object'],
    [{ stream: 'yes' }, 'stream is of type string'],
  ])('are refused with the reason: %j', (more, problem) => {
    expect(() => read(more)).toThrow(problem);
  });

  it('lower the thinking budget only where it would not fit', () => {
    const body = (budget: number): string =>
      `{"max_tokens":8000,"thinking":{"type":"enabled","budget_tokens":${budget}}}`;
    expect(edited(dialect, PATH, body(6_000), { outputLimit: 5_000 })).toBe(body(4_999).replace('8000', '5000'));
    expect(edited(dialect, PATH, body(3_000), { outputLimit: 5_000 })).toBe(body(3_000).replace('8000', '5000'));
    expect(edited(dialect, PATH, body(6_000), { outputLimit: 500 })).toBe(body(1_024).replace('8000', '500'));
    expect(edited(dialect, PATH, '{"a":1}', { outputLimit: 5 })).toBe('{"max_tokens":5,"a":1}');
  });

  it('lose hosted tools with all that only made sense with them', () => {
    const body = `{"tools":[{"type":"code_execution_20250825","name":"code_execution"},
      {"name":"Read","allowed_callers":["code_execution_20250825"]}],"container":"c","tool_choice":{"type":"tool","name":"code_execution"}}`;
    expect(JSON.parse(edited(dialect, PATH, body, { withoutHostedTools: ['code_execution'] }))).toEqual({
      tools: [{ name: 'Read' }],
    });
    const only = '{"tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"any"},"x":1}';
    expect(edited(dialect, PATH, only, { withoutHostedTools: ['web_search'] })).toBe('{"x":1}');
    const servers = '{"mcp_servers":[{"url":"x"}],"tools":[{"type":"mcp_toolset"},{"name":"Read"}]}';
    expect(edited(dialect, PATH, servers, { withoutHostedTools: ['mcp'] })).toBe('{"tools":[{"name":"Read"}]}');
  });

  it('keep every value but the limit, for any body and any limit', () => {
    const body = fc.record({
      max_tokens: fc.option(fc.nat(), { nil: undefined }),
      messages: fc.array(fc.jsonValue()),
      metadata: fc.jsonValue(),
    });
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 100_000 }), (value, limit) => {
        const text = JSON.stringify(value, null, 1);
        const result: unknown = JSON.parse(edited(dialect, PATH, text, { outputLimit: limit }));
        const expected = { ...value, max_tokens: Math.min(limit, value.max_tokens ?? limit) };
        expect(result).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });
});

describe('answers of Anthropic Messages', () => {
  it('are metered by the largest figures said, and a later 0 erases nothing', () => {
    expect(metered('cumulative.sse')).toEqual({
      usage: {
        ...NO_TOKENS,
        inputTokens: 25,
        cacheReadTokens: 1_000,
        cacheWrite5mTokens: 100,
        cacheWrite1hTokens: 200,
        outputTokens: 40,
      },
      final: true,
      contentBytes: Buffer.byteLength('Grüße, done.{"path":"a.ts"}'),
      model: 'claude-sonnet-4-5',
      terms: { serviceTier: 'standard', fast: false, geography: null },
      tools: [{ name: 'Read', hosted: false }],
      finishReason: 'tool_use',
      error: null,
      problem: null,
    });
  });

  it('count thinking as part of output, searches by the piece, and writes without a class as the common one', () => {
    const { usage, terms, tools, final } = metered('thinking-and-search.sse');
    expect(usage).toEqual({
      ...NO_TOKENS,
      inputTokens: 2_000,
      cacheWrite5mTokens: 50,
      outputTokens: 60,
      reasoningTokens: 20,
      webSearches: 2,
    });
    expect(terms).toEqual({ serviceTier: 'priority', fast: true, geography: 'us' });
    expect(tools).toEqual([{ name: 'web_search', hosted: true }]);
    expect(final).toBe(true);
  });

  it('count what the model was asked on the way', () => {
    expect(metered('compaction.sse').usage).toEqual({ ...NO_TOKENS, inputTokens: 510, outputTokens: 75 });
  });

  it('keep what was said of a stream that is cut, and are not final', () => {
    for (const how of ['cut', 'complete'] as const) {
      const { usage, final, contentBytes } = metered('truncated.sse', { how });
      expect(usage?.inputTokens).toBe(25);
      expect(final).toBe(false);
      expect(contentBytes).toBeGreaterThan(10);
    }
  });

  it('name an error in the middle, an error instead, and what cannot be read', () => {
    const middle = metered('error-mid-stream.sse');
    expect([middle.error, middle.final]).toEqual([{ type: 'overloaded_error', message: 'Overloaded' }, false]);
    const instead = metered('error.json', { status: 429 });
    expect([instead.error?.type, instead.usage, instead.final]).toEqual(['rate_limit_error', null, false]);
    const malformed = metered('malformed.sse');
    expect([malformed.problem, malformed.usage?.outputTokens]).toEqual(['part of the answer is no JSON', 40]);
    const page = { bytes: new TextEncoder().encode('<html>Bad gateway</html>'), contentType: 'text/html' };
    expect(meter(dialect, page, { facts, status: 502 })).toMatchObject({
      error: { type: 'http_502', message: '<html>Bad gateway</html>' },
      problem: 'nothing in the answer could be read',
    });
  });

  it('are not believed with a count that cannot be', () => {
    expect(metered('negative.sse')).toMatchObject({
      usage: null,
      final: false,
      problem: 'usage cannot be believed: output is -4',
    });
    for (const count of ['1e300', '1.5', '"7"', '-0.1', '9007199254740993', '[[]]']) {
      const bytes = new TextEncoder().encode(`{"type":"message","usage":{"input_tokens":1,"output_tokens":${count}}}`);
      const { usage, problem } = meter(dialect, { bytes, contentType: 'application/json' }, { facts });
      expect([count, usage, problem?.startsWith('usage cannot be believed')]).toEqual([count, null, true]);
    }
  });

  it('say that something follows the end, and still count the most that was said', () => {
    expect(metered('two-streams.sse')).toMatchObject({
      usage: { outputTokens: 40 },
      problem: 'events follow the end of the answer',
    });
  });

  it('give up on an event that is too large, in whatever pieces it comes', () => {
    const huge = new TextEncoder().encode(`data: {"type":"ping","x":"${'x'.repeat(9 * 1_024 * 1_024)}"}\n\n`);
    for (const step of [huge.length, 1_000_000]) {
      const metering = dialect.meter({ status: 200, headers: {} }, facts);
      for (let at = 0; at < huge.length; at += step) metering.push(huge.subarray(at, at + step));
      expect(metering.end('complete').problem).toBe('an event is larger than 8388608 characters');
    }
  });

  it('survive nesting deeper than the stack', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = `{"type":"message","content":[{"type":"tool_use","name":"x","input":{"a":${deep}}}],"usage":{"input_tokens":${deep}}}`;
    const result = meter(
      dialect,
      { bytes: new TextEncoder().encode(text), contentType: 'application/json' },
      { facts },
    );
    expect([result.usage, result.contentBytes > 200_000]).toEqual([null, true]);
  });
});

describe('refusals of Anthropic Messages', () => {
  it('have the shape of the vendor, and the statuses at which Claude Code stops', () => {
    const { status, body } = dialect.refuse({ kind: 'budget', message: 'Spent.' });
    expect([status, JSON.parse(body)]).toEqual([
      402,
      { type: 'error', error: { type: 'billing_error', message: 'Spent.' } },
    ]);
    expect(dialect.refuse({ kind: 'key', message: 'No.' }).status).toBe(403);
  });
});
