import { describe, expect, it } from 'vitest';
import { NO_TOKENS } from '../../../core/spend.ts';
import { edited, factsOf, golden, meter } from '../../../../test/fixtures/gateway/golden.ts';
import type { Metered, RequestFacts } from '../dialect.ts';
import { withoutQueryKey } from '../keys.ts';
import { createDialect } from './index.ts';

const dialect = createDialect();
const PATH = '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse';
const facts = factsOf(dialect, PATH, { contents: [] });

function metered(file: string, options: { readonly status?: number; readonly how?: 'complete' | 'cut' } = {}): Metered {
  return meter(dialect, golden('gemini', file), { facts, ...options });
}

function read(more: object): RequestFacts {
  return factsOf(dialect, PATH, { contents: [], ...more });
}

describe('paths of the Gemini API', () => {
  it.each([
    ['POST', '/v1beta/models/gemini-3.8-flash:generateContent', 'generate'],
    ['POST', '/v1/models/gemini-3.8-flash:streamGenerateContent?key=k&alt=sse', 'generate'],
    ['POST', '/v1beta/models/m:countTokens', 'free'],
    ['GET', '/v1beta/models', 'free'],
    ['POST', '/v1beta/models/m:embedContent', 'unbounded'],
    ['POST', '/v1beta/models/m:batchGenerateContent', 'unbounded'],
    ['POST', '/upload/v1beta/files', 'unbounded'],
    ['POST', '/v1beta/cachedContents', 'unbounded'],
    ['POST', '/v1beta/models/m:generateContent?fields=candidates', 'unbounded'],
    ['POST', '/v1beta/models/m:generateContent?%24alt=proto', 'unbounded'],
    ['POST', '/v1beta/models/..:generateContent', undefined],
    ['POST', '/v1beta/models/a%2F..%2Fb:generateContent', undefined],
    ['POST', '/models/m:generateContent', undefined],
  ])('%s %s is %s', (method, path, kind) => {
    expect(dialect.route(method, path)?.kind).toBe(kind);
  });
});

describe('requests of the Gemini API', () => {
  it('say what a call may cost, in either spelling', () => {
    const tools = [{ function_declarations: [{ name: 'read_file' }], google_search: {} }, { urlContext: {} }];
    const contents = [{ parts: [{ inlineData: { data: '' } }, { file_data: { file_uri: 'x' } }] }];
    const generation_config = { max_output_tokens: 900, candidateCount: 2 };
    expect(read({ tools, contents, generation_config, cachedContent: 'c', service_tier: 'FLEX' })).toEqual({
      model: 'gemini-3.8-flash',
      stream: true,
      outputLimit: 900,
      leastOutputLimit: 1,
      choices: 2,
      cacheWrite: 'none',
      terms: { serviceTier: 'flex', fast: false, geography: null },
      hostedTools: ['web_search', 'url_context'],
      mediaParts: 2,
      unbounded: ['cachedContent'],
      toolNames: ['read_file'],
    });
  });

  it.each([
    [
      { generationConfig: { maxOutputTokens: 1, max_output_tokens: 9 } },
      'maxOutputTokens and max_output_tokens are the same field',
    ],
    [{ generationConfig: {}, generation_config: {} }, 'generationConfig and generation_config are the same field'],
    [{ generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }, 'responseModalities asks for more than text'],
    [{ generationConfig: { maxOutputTokens: '5' } }, 'maxOutputTokens is of type string'],
    [{ model: 'models/other' }, 'the path asks for gemini-3.8-flash and the body for another model'],
    [{ contents: {} }, 'contents is of type object'],
  ])('are refused with the reason: %j', (more, problem) => {
    expect(() => read(more)).toThrow(problem);
  });

  it('are lowered in the spelling they have', () => {
    const lower = (body: string): string => edited(dialect, PATH, body, { outputLimit: 9 });
    expect(lower('{"contents":[]}')).toBe('{"generationConfig":{"maxOutputTokens":9},"contents":[]}');
    expect(lower('{"generation_config":{ "max_output_tokens":10}}')).toBe(
      '{"generation_config":{ "max_output_tokens":9}}',
    );
    expect(lower('{"generationConfig":{ }}')).toBe('{"generationConfig":{"maxOutputTokens":9 }}');
    expect(lower('{"generationConfig":null}')).toBe('{"generationConfig":{"maxOutputTokens":9}}');
  });

  it('lose a hosted tool and keep the functions beside it', () => {
    const body = `{"tools":[{"functionDeclarations":[], "googleSearch":{}},{"googleSearch":{}}],"toolConfig":{"retrievalConfig":{},"functionCallingConfig":{}}}`;
    expect(edited(dialect, PATH, body, { withoutHostedTools: ['web_search'] })).toBe(
      '{"tools":[{"functionDeclarations":[]}],"toolConfig":{"functionCallingConfig":{}}}',
    );
    expect(edited(dialect, PATH, '{"tools":[{"googleSearch":{}}],"a":1}', { withoutHostedTools: ['web_search'] })).toBe(
      '{"a":1}',
    );
  });
});

describe('answers of the Gemini API', () => {
  it('are metered by their last chunk, thoughts added and cached input not counted twice', () => {
    for (const file of ['streamed.sse', 'streamed-array.json']) {
      expect(metered(file)).toEqual({
        usage: {
          ...NO_TOKENS,
          inputTokens: 500 + 40 - 400,
          cacheReadTokens: 400,
          outputTokens: 12 + 25,
          reasoningTokens: 25,
          webSearches: 2,
        },
        final: true,
        contentBytes: expect.any(Number) as number,
        model: 'gemini-3.8-flash',
        terms: null,
        tools: [{ name: 'read_file', hosted: false }],
        finishReason: 'STOP',
        error: null,
        problem: null,
      });
    }
    expect(metered('several-choices.sse')).toMatchObject({
      final: true,
      usage: { outputTokens: 4 },
      finishReason: 'MAX_TOKENS',
    });
  });

  it('are not final when cut, even after a reason to stop', () => {
    expect(metered('truncated.sse')).toMatchObject({ final: false, usage: { outputTokens: 23 } });
    expect(metered('streamed.sse', { how: 'cut' })).toMatchObject({ final: false, usage: { outputTokens: 37 } });
  });

  it('name errors and what cannot be read or believed', () => {
    expect(metered('error-mid-stream.sse')).toMatchObject({
      final: false,
      error: { type: 'UNAVAILABLE', message: 'Overloaded' },
    });
    expect(metered('error.json', { status: 429 })).toMatchObject({
      usage: null,
      error: { type: 'RESOURCE_EXHAUSTED' },
    });
    expect(metered('malformed.sse')).toMatchObject({ final: true, problem: 'part of the answer is no JSON' });
    expect(metered('huge.sse')).toMatchObject({
      usage: null,
      problem: 'usage cannot be believed: output is 9000000000000000',
    });
  });
});

describe('keys and refusals of the Gemini API', () => {
  it('find the key in the query and take it out of the path', () => {
    expect(dialect.keyOf({}, `${PATH}&key=lw_run_1`)).toBe('lw_run_1');
    expect(dialect.keyOf({}, `${PATH}&key=a&key=b`)).toBe(null);
    expect(withoutQueryKey(`${PATH}&%6Bey=a&$key=b&access_token=c&x=%20`)).toBe(`${PATH}&x=%20`);
    expect(withoutQueryKey('/p?key=a')).toBe('/p');
  });

  it('keep a mask from hiding usage', () => {
    expect(dialect.withKey({ 'X-Goog-FieldMask': 'candidates', a: 'b' }, 'k')).toEqual({
      a: 'b',
      'x-goog-api-key': 'k',
    });
  });

  it('have the shape of google.rpc.Status', () => {
    const { status, body } = dialect.refuse({ kind: 'budget', message: 'Spent.' });
    expect([status, JSON.parse(body)]).toEqual([
      402,
      { error: { code: 402, message: 'Spent.', status: 'FAILED_PRECONDITION' } },
    ]);
  });
});
