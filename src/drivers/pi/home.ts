import type { Call, Wire, WireVariables } from '../definition.ts';

/** What the gateway is called in its configuration. */
export const PROVIDER = 'gateway';

/** It speaks three protocols, in its own names for them. `auto`: by the name of the model. */
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

export function wire(model: string, choices: Call['choices']): WireVariables {
  return WIRES[apiOf({ model, choices })];
}

export function home(call: Call & { readonly wire: Wire }): Readonly<Record<string, string>> {
  const { address, keyVariable } = call.wire;
  // The dollar sign makes it read the variable.
  const gateway = { baseUrl: address, api: apiOf(call), apiKey: `$${keyVariable}`, models: [{ id: call.model }] };
  return { '.pi/agent/models.json': `${JSON.stringify({ providers: { [PROVIDER]: gateway } }, null, 2)}\n` };
}
