import { placeOf, settingsOver } from '../configuration.ts';
import type { Call, CommandLine } from '../definition.ts';
import { settings } from './rules.ts';

/** The policy's rules, over what of the repository's settings is allowed, as the base has it. */
function configured({ configuration, permissions }: Call): readonly string[] {
  const own = permissions === undefined ? null : settings(permissions);
  const [allowed, servers] = ['.claude/settings.json', '.mcp.json'].map((name) => placeOf(configuration, name));
  const both = own === null ? allowed : settingsOver(configuration, '.claude/settings.json', own);
  return [...(both ? ['--settings', both] : []), ...(servers ? ['--mcp-config', servers] : [])];
}

export function commandLine(call: Call): CommandLine {
  const { model, resume, permissions } = call;
  const printing = ['-p', '--output-format', 'stream-json', '--verbose', '--model', model];
  const asking = ['--input-format', 'stream-json', '--permission-prompt-tool', 'stdio', '--permission-mode', 'default'];
  // The sandbox is what confines it. Nobody is there to be asked.
  const unasked = ['--dangerously-skip-permissions'];
  // Hooks, settings and MCP servers that the repository brings do not run.
  const hermetic = ['--setting-sources', 'user', '--strict-mcp-config'];
  const session = resume === null ? [] : ['--resume', resume];
  return {
    argv: [
      ...printing,
      ...(permissions?.asks === true ? asking : unasked),
      ...hermetic,
      ...configured(call),
      ...session,
    ],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // As root it refuses to skip permissions unless it is told that it is confined.
      IS_SANDBOX: '1',
    },
  };
}
