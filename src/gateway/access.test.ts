import { describe, expect, it } from 'vitest';
import type { DialectId, Provider } from '../ports/gateway.ts';
import { agentVariables } from './access.ts';

const REACHABLE = { origin: 'http://127.0.0.1:4141', socket: '/tmp/gw/gateway.sock', key: 'lw-run-key' };

function providerOf(name: string, ...dialects: readonly DialectId[]): Provider {
  return { name, dialects, url: 'https://vendor.invalid', priceProvider: null, key: { kind: 'env', name: 'REAL_KEY' } };
}

describe('the variables of an agent', () => {
  it('give it the gateway under the names its clients read, and never the vendor or where the real key is', () => {
    const all = ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini', 'bedrock', 'vertex'] as const;
    const variables = agentVariables([providerOf('acme', ...all)], REACHABLE);
    expect(variables).toEqual({
      LOOPWRIGHT_GATEWAY_URL: REACHABLE.origin,
      LOOPWRIGHT_GATEWAY_SOCKET: REACHABLE.socket,
      LOOPWRIGHT_GATEWAY_KEY: REACHABLE.key,
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:4141/acme',
      ANTHROPIC_API_KEY: REACHABLE.key,
      OPENAI_BASE_URL: 'http://127.0.0.1:4141/acme/v1',
      OPENAI_API_KEY: REACHABLE.key,
      GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:4141/acme',
      GEMINI_API_KEY: REACHABLE.key,
      ANTHROPIC_BEDROCK_BASE_URL: 'http://127.0.0.1:4141/acme',
      AWS_BEARER_TOKEN_BEDROCK: REACHABLE.key,
      CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1',
      ANTHROPIC_VERTEX_BASE_URL: 'http://127.0.0.1:4141/acme/v1',
      LOOPWRIGHT_VERTEX_KEY: REACHABLE.key,
      CLAUDE_CODE_SKIP_VERTEX_AUTH: '1',
    });
    expect(JSON.stringify(variables)).not.toMatch(/vendor|REAL_KEY/);
  });

  it('are those of the first provider of each protocol', () => {
    const variables = agentVariables(
      [providerOf('one', 'openai-chat'), providerOf('two', 'openai-responses', 'gemini')],
      REACHABLE,
    );
    expect(variables['OPENAI_BASE_URL']).toBe('http://127.0.0.1:4141/one/v1');
    expect(variables['GOOGLE_GEMINI_BASE_URL']).toBe('http://127.0.0.1:4141/two');
    expect(variables['ANTHROPIC_BASE_URL']).toBe(undefined);
  });
});
