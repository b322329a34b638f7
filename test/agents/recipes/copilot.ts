import { native } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

export const copilot: Recipe = {
  name: 'copilot',
  packageName: '@github/copilot',
  protocol: 'openai-chat',
  overSocket: false,
  program: () => native('@github', `copilot-${process.platform}-${process.arch}`, 'copilot'),
  launch: ({ url, key, model }, prompt) => ({
    argv: ['-p', prompt, '--output-format', 'json', '--allow-all', '--no-ask-user', '--no-auto-update'],
    env: {
      COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
      COPILOT_PROVIDER_TYPE: 'openai',
      COPILOT_PROVIDER_WIRE_API: 'completions',
      COPILOT_PROVIDER_API_KEY: key,
      COPILOT_MODEL: model,
      COPILOT_OFFLINE: 'true',
    },
    files: {},
  }),
  refusal: { status: 402, exitCode: 1 },
  shortened: { calls: 3, exitCode: 0 },
  extraCalls: 0,
  outside: [],
};
