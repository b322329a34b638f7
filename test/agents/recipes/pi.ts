import { json, onNode } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

/** One program, three wire protocols: pi speaks what its configuration names. */
const APIS = {
  'openai-chat': { api: 'openai-completions', path: '/v1' },
  'openai-responses': { api: 'openai-responses', path: '/v1' },
  'anthropic-messages': { api: 'anthropic-messages', path: '' },
} as const;

export function pi(protocol: keyof typeof APIS): Recipe {
  const { api, path } = APIS[protocol];
  return {
    name: `pi (${api})`,
    packageName: '@earendil-works/pi-coding-agent',
    protocol,
    overSocket: false,
    program: () => onNode('@earendil-works', 'pi-coding-agent', 'dist', 'bundle', 'cli.js'),
    launch: ({ url, key, model }, prompt) => ({
      argv: ['-p', '--mode', 'json', '--provider', 'gateway', '--model', model, '--offline', prompt],
      env: { GATEWAY_API_KEY: key, PI_OFFLINE: '1', PI_TELEMETRY: '0' },
      files: {
        '.pi/agent/models.json': json({
          providers: { gateway: { baseUrl: url + path, api, apiKey: '$GATEWAY_API_KEY', models: [{ id: model }] } },
        }),
      },
    }),
    // In JSON mode it exits with 0 whatever happened.
    refusal: { status: protocol === 'openai-responses' ? 400 : 402, exitCode: 0 },
    shortened: { calls: 1, exitCode: 0 },
    extraCalls: 0,
    outside: [],
  };
}
