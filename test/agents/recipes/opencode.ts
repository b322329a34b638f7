import { json, native } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

/**
 * The program itself, of the build that runs on processors without AVX2 too. Its launcher package only adds an install
 * script, and names platform packages that a partial mirror of the registry does not have.
 */
const PACKAGE = `opencode-${process.platform}-${process.arch}-baseline`;

export const opencode: Recipe = {
  name: 'opencode',
  packageName: PACKAGE,
  protocol: 'openai-chat',
  overSocket: false,
  program: () => native(PACKAGE, 'bin', 'opencode'),
  launch: ({ url, key, model }, prompt) => ({
    argv: ['run', '--format', 'json', '--model', `gateway/${model}`, '--auto', prompt],
    env: {
      GATEWAY_API_KEY: key,
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
    },
    files: {
      '.config/opencode/opencode.json': json({
        autoupdate: false,
        share: 'disabled',
        provider: {
          gateway: {
            npm: '@ai-sdk/openai-compatible',
            name: 'gateway',
            options: { baseURL: `${url}/v1`, apiKey: '{env:GATEWAY_API_KEY}' },
            models: { [model]: { name: model } },
          },
        },
      }),
    },
  }),
  refusal: { status: 402, exitCode: 1 },
  shortened: { calls: 1, exitCode: 0 },
  // It asks for a title of the session.
  extraCalls: 1,
  // The npm registry, at every start, whatever is switched off.
  outside: [/^registry\./],
};
