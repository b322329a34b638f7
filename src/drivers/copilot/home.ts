import type { Call, Wire } from '../definition.ts';
import { apiOf } from '../three-protocols.ts';
import type { Api } from '../three-protocols.ts';

/** Its own names for them. */
const PROVIDERS: Readonly<Record<Api, Readonly<Record<string, string>>>> = {
  'openai-completions': { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'completions' },
  'openai-responses': { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'responses' },
  'anthropic-messages': { COPILOT_PROVIDER_TYPE: 'anthropic' },
};

/** Variables that send it to the gateway, and nowhere else. */
export function provider(call: Call, { address, keyVariable }: Wire): Readonly<Record<string, string>> {
  return {
    ...PROVIDERS[apiOf(call)],
    COPILOT_PROVIDER_BASE_URL: address,
    // The key itself stays in the variable of the run.
    COPILOT_PROVIDER_API_KEY_COMMAND: `printenv ${keyVariable}`,
    COPILOT_MODEL: call.model,
    COPILOT_OFFLINE: 'true',
  };
}

/** It needs none: everything is in variables. It unpacks some 240 MB into a cache there, once in a run. */
export function home(): Readonly<Record<string, string>> {
  return {};
}
