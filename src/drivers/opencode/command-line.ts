import type { Call, CommandLine } from '../definition.ts';
import { PROVIDER } from './home.ts';

export function commandLine({ model, resume, wire }: Call): CommandLine {
  const session = resume === null ? [] : ['--session', resume];
  const named = wire === null ? model : `${PROVIDER}/${model}`;
  return {
    argv: ['run', '--format', 'json', '--model', named, '--auto', '--pure', ...session],
    env: {
      // MCP servers and plugins that the repository brings do not run.
      OPENCODE_DISABLE_PROJECT_CONFIG: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
    },
  };
}
