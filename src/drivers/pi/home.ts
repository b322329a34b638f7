import type { Call, Wire } from '../definition.ts';
import { apiOf } from '../three-protocols.ts';

/** What the gateway is called in its configuration. */
export const PROVIDER = 'gateway';

export function home(call: Call & { readonly wire: Wire }): Readonly<Record<string, string>> {
  const { address, keyVariable } = call.wire;
  // The dollar sign makes it read the variable.
  const gateway = { baseUrl: address, api: apiOf(call), apiKey: `$${keyVariable}`, models: [{ id: call.model }] };
  return { '.pi/agent/models.json': `${JSON.stringify({ providers: { [PROVIDER]: gateway } }, null, 2)}\n` };
}
