import { describe, expect, it } from 'vitest';
import type { DialectId } from '../ports/gateway.ts';
import type { OpenProvider } from './call.ts';
import { loadDialect } from './dialects/registry.ts';
import { routeRequest } from './route.ts';

async function openOf(name: string, dialects: readonly DialectId[]): Promise<OpenProvider> {
  const provider = { name, dialects, url: 'https://x.invalid', priceProvider: null, key: { kind: 'none' } } as const;
  return { provider, dialects: await Promise.all(dialects.map(loadDialect)), key: null };
}

const PROVIDERS = await Promise.all([
  openOf('first', ['anthropic-messages', 'openai-responses']),
  openOf('second', ['anthropic-messages', 'openai-chat']),
]);

function routed(target: string, method = 'POST'): readonly (string | null)[] | null {
  const found = routeRequest(PROVIDERS, method, target);
  return found === null ? null : [found.open.provider.name, found.dialect.id, found.route.kind, found.path];
}

describe('a request line', () => {
  it.each([
    ['/v1/messages', ['first', 'anthropic-messages', 'generate', '/v1/messages']],
    ['/v1/messages?beta=true', ['first', 'anthropic-messages', 'generate', '/v1/messages?beta=true']],
    ['/second/v1/messages', ['second', 'anthropic-messages', 'generate', '/v1/messages']],
    ['/v1/responses', ['first', 'openai-responses', 'generate', '/v1/responses']],
    ['/v1/chat/completions', ['second', 'openai-chat', 'generate', '/v1/chat/completions']],
    ['/second/v1/messages/count_tokens', ['second', 'anthropic-messages', 'free', '/v1/messages/count_tokens']],
  ])('is for the provider that it names, or for the first that speaks its protocol: %s', (target, expected) => {
    expect(routed(target)).toEqual(expected);
  });

  it.each([
    '',
    '*',
    'v1/messages',
    'http://first/v1/messages',
    '//first/v1/messages',
    '/third/v1/messages',
    '/first/second/v1/messages',
    '/first/v1/chat/completions',
    '/firstv1/messages',
    '/first//v1/messages',
    '/FIRST/v1/messages',
    '/',
  ])('is for nobody: %s', (target) => {
    expect(routed(target)).toBe(null);
  });

  it('greets the provider that it names, with and without a slash', () => {
    expect(routed('/second', 'HEAD')).toEqual(['second', 'anthropic-messages', 'greeting', '/']);
    expect(routed('/second/', 'HEAD')).toEqual(['second', 'anthropic-messages', 'greeting', '/']);
  });
});
