import { describe, expect, it } from 'vitest';
import { edited, factsOf, golden, meter } from '../../../../test/fixtures/gateway/golden.ts';
import { createDialect } from './index.ts';

const dialect = createDialect();
const PLACE = '/v1/projects/p-1/locations/us-east5/publishers';
const CLAUDE = `${PLACE}/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`;
const GEMINI = `${PLACE}/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse`;
const facts = factsOf(dialect, GEMINI, { contents: [] });

describe('paths of Vertex', () => {
  it.each([
    [CLAUDE, 'generate'],
    [GEMINI, 'generate'],
    [CLAUDE.replace('/v1', ''), 'generate'],
    ['/v1beta1/publishers/google/models/gemini-3.8-flash:generateContent', 'generate'],
    [`${PLACE}/google/models/m:countTokens`, 'free'],
    [`${PLACE}/anthropic/models/count-tokens:rawPredict`, 'free'],
    [`${PLACE}/google/models/m:predictLongRunning`, 'unbounded'],
    [`${PLACE}/anthropic/models/m:generateContent`, 'unbounded'],
    [`${GEMINI}&fields=candidates`, 'unbounded'],
    [`${PLACE}/mistralai/models/m:rawPredict`, undefined],
    [CLAUDE.replace('p-1', '..%2f'), undefined],
  ])('%s is %s', (path, kind) => {
    expect(dialect.route('POST', path)?.kind).toBe(kind);
  });
});

describe('requests and answers of Vertex', () => {
  it('have the form that the path says', () => {
    const both = { messages: [], contents: [], max_tokens: 5, generationConfig: { maxOutputTokens: 7 } };
    expect(factsOf(dialect, CLAUDE, both)).toMatchObject({
      model: 'claude-sonnet-4-5@20250929',
      outputLimit: 5,
      stream: true,
    });
    expect(factsOf(dialect, GEMINI, both)).toMatchObject({ model: 'gemini-3.8-flash', outputLimit: 7, stream: true });
    expect(() => factsOf(dialect, CLAUDE, { ...both, model: 'claude-opus-5' })).toThrow('the body for another model');
    expect(edited(dialect, CLAUDE, '{"generationConfig":{}}', { outputLimit: 3 })).toBe(
      '{"max_tokens":3,"generationConfig":{}}',
    );
    expect(edited(dialect, GEMINI, '{"max_tokens":9}', { outputLimit: 3 })).toBe(
      '{"generationConfig":{"maxOutputTokens":3},"max_tokens":9}',
    );
  });

  it('are metered in either form, with the kind of traffic as the tier', () => {
    expect(meter(dialect, golden('vertex', 'messages.sse'), { facts })).toMatchObject({
      final: true,
      usage: { inputTokens: 25, outputTokens: 40 },
    });
    expect(meter(dialect, golden('vertex', 'generate-content.sse'), { facts })).toMatchObject({
      final: true,
      usage: { inputTokens: 140, outputTokens: 37 },
      terms: { serviceTier: 'priority' },
    });
    expect(meter(dialect, golden('vertex', 'truncated.sse'), { facts })).toMatchObject({
      final: false,
      usage: { inputTokens: 25 },
    });
    expect(meter(dialect, golden('vertex', 'error-mid-stream.sse'), { facts }).error?.type).toBe('UNAVAILABLE');
    expect(meter(dialect, golden('vertex', 'error.json'), { facts, status: 403 }).error?.type).toBe(
      'PERMISSION_DENIED',
    );
  });

  it('carry an API key and an access token each in its place', () => {
    expect(dialect.withKey({}, 'AIzaKey')).toEqual({ 'x-goog-api-key': 'AIzaKey' });
    expect(dialect.withKey({}, 'ya29.token')).toEqual({ authorization: 'Bearer ya29.token' });
  });
});
