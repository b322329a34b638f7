import { settingsOver } from '../configuration.ts';
import type { Call, Wire } from '../definition.ts';
import { rules } from './rules.ts';

/** What the gateway is called in its configuration. */
export const PROVIDER = 'gateway';

export function home(call: Call & { readonly wire: Wire }): Readonly<Record<string, string>> {
  const { model, wire, configuration, permissions } = call;
  const gateway = {
    npm: '@ai-sdk/openai-compatible',
    name: PROVIDER,
    options: { baseURL: wire.address, apiKey: `{env:${wire.keyVariable}}` },
    models: { [model]: { name: model } },
  };
  const own = permissions === undefined ? null : rules(permissions);
  const config = {
    autoupdate: false,
    share: 'disabled',
    provider: { [PROVIDER]: gateway },
    ...(own === null ? {} : { permission: own }),
  };
  return { '.config/opencode/opencode.json': settingsOver(configuration, 'opencode.json', config) };
}
