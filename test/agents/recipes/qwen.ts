import { json, onNode } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

export const qwen: Recipe = {
  name: 'qwen',
  packageName: '@qwen-code/qwen-code',
  protocol: 'openai-chat',
  overSocket: false,
  program: () => onNode('@qwen-code', 'qwen-code', 'cli-entry.js'),
  launch: ({ url, key, model }, prompt) => ({
    argv: [prompt, '-o', 'stream-json', '--auth-type', 'openai', '-m', model, '--yolo'],
    env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key },
    files: {
      '.qwen/settings.json': json({
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        general: { enableAutoUpdate: false, disableAutoUpdate: true },
      }),
    },
  }),
  refusal: { status: 402, exitCode: 1 },
  shortened: { calls: 5, exitCode: 0 },
  extraCalls: 0,
  outside: [],
};
