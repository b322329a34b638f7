import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume }: Call): CommandLine {
  const printing = ['-p', '--output-format', 'stream-json', '--verbose', '--model', model];
  // The sandbox is what confines it. Nobody is there to be asked.
  const unasked = ['--dangerously-skip-permissions'];
  // Hooks, settings and MCP servers that the repository brings do not run.
  const hermetic = ['--setting-sources', 'user', '--strict-mcp-config'];
  const session = resume === null ? [] : ['--resume', resume];
  return {
    argv: [...printing, ...unasked, ...hermetic, ...session],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // As root it refuses to skip permissions unless it is told that it is confined.
      IS_SANDBOX: '1',
    },
  };
}
