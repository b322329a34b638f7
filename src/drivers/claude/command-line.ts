import { placeOf } from '../configuration.ts';
import type { Call, CommandLine } from '../definition.ts';

/** What of it is allowed is named to it, as the base has it. */
function configured({ configuration }: Call): readonly string[] {
  const [settings, servers] = ['.claude/settings.json', '.mcp.json'].map((name) => placeOf(configuration, name));
  return [...(settings ? ['--settings', settings] : []), ...(servers ? ['--mcp-config', servers] : [])];
}

export function commandLine(call: Call): CommandLine {
  const { model, resume } = call;
  const printing = ['-p', '--output-format', 'stream-json', '--verbose', '--model', model];
  // The sandbox is what confines it. Nobody is there to be asked.
  const unasked = ['--dangerously-skip-permissions'];
  // Hooks, settings and MCP servers that the repository brings do not run.
  const hermetic = ['--setting-sources', 'user', '--strict-mcp-config'];
  const session = resume === null ? [] : ['--resume', resume];
  return {
    argv: [...printing, ...unasked, ...hermetic, ...configured(call), ...session],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // As root it refuses to skip permissions unless it is told that it is confined.
      IS_SANDBOX: '1',
    },
  };
}
