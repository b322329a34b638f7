/** For agents that speak three protocols and are told which. `auto`: by the name of the model. */
import type { Call, WireVariables } from './definition.ts';

export const API_CHOICES = ['auto', 'openai-completions', 'openai-responses', 'anthropic-messages'] as const;

export type Api = Exclude<(typeof API_CHOICES)[number], 'auto'>;

export function apiOf({ model, choices }: Pick<Call, 'model' | 'choices'>): Api {
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

export function wireByApi(model: string, choices: Call['choices']): WireVariables {
  return WIRES[apiOf({ model, choices })];
}
