import { installed, onNode } from '../recipe.ts';
import type { Recipe } from '../recipe.ts';

function config(url: string, model: string): string {
  return `model = ${JSON.stringify(model)}
model_provider = "gateway"
check_for_update_on_startup = false

[model_providers.gateway]
name = "gateway"
base_url = ${JSON.stringify(`${url}/v1`)}
env_key = "GATEWAY_API_KEY"
wire_api = "responses"

[analytics]
enabled = false

[features]
plugins = false
apps = false
`;
}

export const codex: Recipe = {
  name: 'codex',
  packageName: '@openai/codex',
  protocol: 'openai-responses',
  overSocket: false,
  program: () =>
    installed('@openai', `codex-${process.platform}-${process.arch}`) === null
      ? null
      : onNode('@openai', 'codex', 'bin', 'codex.js'),
  launch: ({ url, key, model }, prompt) => ({
    argv: ['exec', '--json', '--dangerously-bypass-approvals-and-sandbox', prompt],
    env: { GATEWAY_API_KEY: key },
    files: { '.codex/config.toml': config(url, model) },
  }),
  // 402 would be asked five times more; 400 is its own word for "never again", and it prints our message.
  refusal: { status: 400, exitCode: 1 },
  shortened: { calls: 1, exitCode: 1 },
  extraCalls: 0,
  outside: [],
};
