import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON_ENVIRONMENT } from '../python.ts';
import type { Recipe } from '../recipe.ts';

const PROGRAM = join(PYTHON_ENVIRONMENT, 'bin', 'openhands');

/** From PyPI, where Python 3.12 is; not among the others, which the npm lockfile pins. */
export const openhands: Recipe = {
  name: 'openhands',
  packageName: 'openhands',
  protocol: 'openai-chat',
  overSocket: false,
  program: () => (existsSync(PROGRAM) ? [PROGRAM] : null),
  launch: ({ url, key, model }, prompt) => ({
    argv: ['--headless', '--json', '--override-with-envs', '--task', prompt],
    env: {
      LLM_MODEL: `openai/${model}`,
      LLM_BASE_URL: `${url}/v1`,
      LLM_API_KEY: key,
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    },
    files: {},
  }),
  refusal: { status: 402, exitCode: 0 },
  shortened: { calls: 1, exitCode: 0 },
  extraCalls: 0,
  outside: [],
};
