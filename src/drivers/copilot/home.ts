import type { Call, Wire, WireVariables } from '../definition.ts';

/** It speaks three protocols. `auto`: by the name of the model. */
export const API_CHOICES = ['auto', 'openai-completions', 'openai-responses', 'anthropic-messages'] as const;

type Api = Exclude<(typeof API_CHOICES)[number], 'auto'>;

function apiOf({ model, choices }: Pick<Call, 'model' | 'choices'>): Api {
  const chosen = API_CHOICES.find((api) => api === choices['api']);
  if (chosen !== undefined && chosen !== 'auto') return chosen;
  return model.startsWith('claude') ? 'anthropic-messages' : 'openai-completions';
}

const OPENAI = { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY' };

const WIRES: Readonly<Record<Api, WireVariables>> = {
  'openai-completions': { ...OPENAI, dialect: 'openai-chat' },
  'openai-responses': { ...OPENAI, dialect: 'openai-responses' },
  'anthropic-messages': { address: 'ANTHROPIC_BASE_URL', key: 'ANTHROPIC_API_KEY', dialect: 'anthropic-messages' },
};

/** Its own names for them. */
const PROVIDERS: Readonly<Record<Api, Readonly<Record<string, string>>>> = {
  'openai-completions': { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'completions' },
  'openai-responses': { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'responses' },
  'anthropic-messages': { COPILOT_PROVIDER_TYPE: 'anthropic' },
};

export function wire(model: string, choices: Call['choices']): WireVariables {
  return WIRES[apiOf({ model, choices })];
}

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
