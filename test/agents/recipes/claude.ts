import { native } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

export const claude: Recipe = {
  name: 'claude',
  packageName: '@anthropic-ai/claude-code',
  protocol: 'anthropic-messages',
  overSocket: true,
  program: () => native('@anthropic-ai', `claude-code-${process.platform}-${process.arch}`, 'claude'),
  launch: ({ url, socketPath, key, model }, prompt) => ({
    argv: [
      '-p',
      prompt,
      '--output-format',
      'stream-json',
      '--verbose',
      '--model',
      model,
      '--dangerously-skip-permissions',
    ],
    env: {
      // With a socket the base URL only has to be a URL; nothing connects to it.
      ANTHROPIC_BASE_URL: socketPath === undefined ? url : 'http://localhost:1',
      ...(socketPath === undefined ? {} : { ANTHROPIC_UNIX_SOCKET: socketPath }),
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // As root it refuses to skip permissions unless it is told that it is confined.
      IS_SANDBOX: '1',
    },
    files: {},
  }),
  refusal: { status: 402, exitCode: 1 },
  shortened: { calls: 4, exitCode: 1 },
  extraCalls: 0,
  outside: [],
};
