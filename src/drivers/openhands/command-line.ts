import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume, wire }: Call): CommandLine {
  // It takes a task from an argument or a file; its home has no other conversations than those of the run.
  const argv = ['--headless', '--json', '--override-with-envs', '--file', '/dev/stdin'];
  const session = resume === null ? [] : ['--resume', '--last'];
  const provider: Record<string, string> =
    wire === null ? {} : { LLM_MODEL: `openai/${model}`, LLM_BASE_URL: wire.address, LLM_API_KEY: wire.key };
  // Prices of models are not fetched: what a call costs is counted by the gateway.
  return { argv: [...argv, ...session], env: { ...provider, LITELLM_LOCAL_MODEL_COST_MAP: 'True' } };
}
