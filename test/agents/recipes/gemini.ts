import { json, onNode } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

export const gemini: Recipe = {
  name: 'gemini',
  packageName: '@google/gemini-cli',
  protocol: 'gemini',
  overSocket: false,
  program: () => onNode('@google', 'gemini-cli', 'bundle', 'gemini.js'),
  launch: ({ url, key, model }, prompt) => ({
    argv: ['-p', prompt, '-o', 'stream-json', '--yolo', '--skip-trust', '-m', model],
    env: {
      GOOGLE_GEMINI_BASE_URL: url,
      GEMINI_API_KEY: key,
      // Else it starts itself again as a child that no signal reaches.
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
    files: {
      '.gemini/settings.json': json({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        general: { enableAutoUpdate: false },
      }),
    },
  }),
  // It exits with the status modulo 256.
  refusal: { status: 402, exitCode: 146 },
  shortened: { calls: 1, exitCode: 0 },
  extraCalls: 0,
  outside: [],
};
