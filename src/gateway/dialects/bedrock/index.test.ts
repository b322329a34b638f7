import { describe, expect, it } from 'vitest';
import { NO_TOKENS } from '../../../core/spend.ts';
import { edited, factsOf, golden, meter } from '../../../../test/fixtures/gateway/golden.ts';
import type { Metered, RequestFacts } from '../dialect.ts';
import { createDialect } from './index.ts';

const dialect = createDialect();
const MODEL = 'us.anthropic.claude-sonnet-4-5-v1:0';
const CONVERSE = `/model/${encodeURIComponent(MODEL)}/converse-stream`;
const INVOKE = `/model/${MODEL}/invoke-with-response-stream`;
const facts = factsOf(dialect, CONVERSE, { messages: [] });

function metered(
  file: string,
  options: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Metered {
  return meter(dialect, golden('bedrock', file), { facts, ...options });
}

function read(more: object): RequestFacts {
  return factsOf(dialect, CONVERSE, { messages: [], ...more });
}

describe('paths of Bedrock', () => {
  it.each([
    ['POST', INVOKE, 'generate'],
    ['POST', '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse', 'generate'],
    ['POST', '/model/m/count-tokens', 'free'],
    ['POST', '/model/m/invoke-with-bidirectional-stream', 'unbounded'],
    ['POST', '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt%2Fx/converse', 'unbounded'],
    ['POST', '/async-invoke', 'unbounded'],
    ['POST', '/model/%2E%2E/invoke', undefined],
    ['POST', '/model/a%2F../invoke', undefined],
    ['POST', '/model/%zz/invoke', undefined],
  ])('%s %s is %s', (method, path, kind) => {
    expect(dialect.route(method, path)?.kind).toBe(kind);
  });
});

describe('requests of Bedrock', () => {
  it('say what a call may cost', () => {
    const content = [{ image: { format: 'png' } }, { cachePoint: { type: 'default', ttl: '1h' } }];
    const tools = [
      { toolSpec: { name: 'read' } },
      { systemTool: { name: 'nova_grounding' } },
      { cachePoint: { type: 'default' } },
    ];
    const more = { messages: [{ role: 'user', content }], toolConfig: { tools }, serviceTier: { type: 'priority' } };
    const additionalModelRequestFields = { thinking: { type: 'enabled', budget_tokens: 2_000 } };
    expect(read({ ...more, additionalModelRequestFields, inferenceConfig: { maxTokens: 3_000 } })).toEqual({
      model: MODEL,
      stream: true,
      outputLimit: 3_000,
      leastOutputLimit: 1_025,
      choices: 1,
      cacheWrite: '1h',
      terms: { serviceTier: 'priority', fast: false, geography: null },
      hostedTools: ['web_search'],
      mediaParts: 1,
      unbounded: [],
      toolNames: ['read'],
    });
    expect(() => read({ additionalModelRequestFields: { max_tokens: 9 } })).toThrow(
      'additionalModelRequestFields.max_tokens is not known',
    );
    expect(() => factsOf(dialect, INVOKE, { prompt: 'Llama' })).toThrow('messages is missing');
  });

  it('are lowered as the path says, whatever the body claims to be', () => {
    const body = '{"anthropic_version":"bedrock-2023-05-31","messages":[]}';
    expect(edited(dialect, INVOKE, body, { outputLimit: 9 })).toBe(body.replace('{', '{"max_tokens":9,'));
    expect(edited(dialect, CONVERSE, body, { outputLimit: 9 })).toBe(
      body.replace('{', '{"inferenceConfig":{"maxTokens":9},'),
    );
    const thinking =
      '{"inferenceConfig":{"maxTokens":9000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":8000}}}';
    expect(edited(dialect, CONVERSE, thinking, { outputLimit: 5_000 })).toBe(
      thinking.replace('9000', '5000').replace('8000', '4999'),
    );
  });
});

describe('answers of Bedrock', () => {
  it('of Converse are metered from the last frame', () => {
    expect(metered('converse.frames')).toEqual({
      usage: {
        ...NO_TOKENS,
        inputTokens: 30,
        cacheReadTokens: 100,
        cacheWrite5mTokens: 50,
        cacheWrite1hTokens: 150,
        outputTokens: 12,
      },
      final: true,
      contentBytes: Buffer.byteLength('Hm.Grüße{"p":1}'),
      model: null,
      terms: { serviceTier: 'standard', fast: false, geography: null },
      tools: [{ name: 'read', hosted: false }],
      finishReason: 'tool_use',
      error: null,
      problem: null,
    });
  });

  it('of invoke are metered from what Anthropic says and what Bedrock adds, by maximum', () => {
    const headers = { 'x-amzn-bedrock-service-tier': 'priority' };
    const { usage, terms, final, model } = metered('invoke.frames', { headers });
    expect([usage?.outputTokens, usage?.cacheWrite1hTokens, final, model]).toEqual([
      41,
      200,
      true,
      'claude-sonnet-4-5',
    ]);
    expect(terms?.serviceTier).toBe('priority');
    expect(metered('whole.json', { headers }).terms?.serviceTier).toBe('priority');
  });

  it('are not final when cut or broken off by an error', () => {
    expect(metered('truncated.frames')).toMatchObject({ usage: null, final: false });
    expect(metered('error-mid-stream.frames')).toMatchObject({
      final: false,
      error: { type: 'throttlingException', message: 'Too many tokens' },
    });
    const headers = { 'x-amzn-errortype': 'ThrottlingException:http://x' };
    expect(metered('error.json', { status: 429, headers })).toMatchObject({
      error: { type: 'ThrottlingException', message: 'Too many requests' },
    });
  });

  it('with a frame that does not match its checksum are given up', () => {
    const { bytes, contentType } = golden('bedrock', 'converse.frames');
    for (const at of [9, 60, bytes.length - 1]) {
      const flipped = bytes.map((byte, place) => (place === at ? byte ^ 1 : byte));
      const result = meter(dialect, { bytes: flipped, contentType }, { facts });
      expect(result.final, `byte ${at}`).toBe(false);
      expect(result.problem, `byte ${at}`).toContain('does not match its checksum');
    }
  });
});

describe('keys and refusals of Bedrock', () => {
  it('leave nothing of a signature', () => {
    const signed = {
      authorization: 'AWS4-HMAC-SHA256 Credential=a',
      'x-amz-date': '1',
      'x-amz-security-token': 't',
      'x-amz-content-sha256': 'h',
    };
    expect(dialect.keyOf(signed, INVOKE)).toBe(null);
    expect(dialect.withKey(signed, 'real')).toEqual({ authorization: 'Bearer real' });
    expect(dialect.withKey({ 'X-Amzn-Bedrock-Service-Tier': 'priority' }, null)).toEqual({});
  });

  it('have the shape of AWS', () => {
    const { status, headers, body } = dialect.refuse({ kind: 'budget', message: 'Spent.' });
    expect([status, headers['x-amzn-errortype'], body]).toEqual([
      402,
      'ServiceQuotaExceededException',
      '{"message":"Spent."}',
    ]);
  });
});
