import { placeOf } from '../configuration.ts';
import type { Call, CommandLine } from '../definition.ts';
import { rules } from './rules.ts';

export function commandLine({ model, resume, wire, configuration, permissions }: Call): CommandLine {
  const auth = wire === null ? [] : ['--auth-type', 'openai'];
  const session = resume === null ? [] : ['--resume', resume];
  const servers = placeOf(configuration, '.qwen/settings.json');
  // Safe mode: hooks, extensions and MCP servers that the repository brings do not run. It turns off what it is told to load as
  // well; bare mode looks for nothing by itself, and loads what it is told to.
  const hermetic = servers === null ? ['--safe-mode'] : ['--bare', '--mcp-config', servers];
  const own = permissions === undefined ? null : rules(permissions);
  // Neither mode reads the rules of its settings (measured of the safe one).
  const excluded = own === null ? [] : ['--exclude-tools', own];
  return { argv: ['-o', 'stream-json', ...auth, '-m', model, '--yolo', ...hermetic, ...excluded, ...session], env: {} };
}
