import { settingsOver } from '../configuration.ts';
import type { Call, Wire } from '../definition.ts';

/** What the gateway is called in its configuration. */
export const PROVIDER = 'gateway';

export function home({ model, wire, configuration }: Call & { readonly wire: Wire }): Readonly<Record<string, string>> {
  const gateway = {
    npm: '@ai-sdk/openai-compatible',
    name: PROVIDER,
    options: { baseURL: wire.address, apiKey: `{env:${wire.keyVariable}}` },
    models: { [model]: { name: model } },
  };
  const config = { autoupdate: false, share: 'disabled', provider: { [PROVIDER]: gateway } };
  return { '.config/opencode/opencode.json': settingsOver(configuration, 'opencode.json', config) };
}
