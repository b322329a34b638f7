import { placeOf } from '../configuration.ts';
import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume, wire, configuration }: Call): CommandLine {
  const auth = wire === null ? [] : ['--auth-type', 'openai'];
  const session = resume === null ? [] : ['--resume', resume];
  const servers = placeOf(configuration, '.qwen/settings.json');
  // Safe mode: hooks, extensions and MCP servers that the repository brings do not run. It turns off what it is told to load as
  // well; bare mode looks for nothing by itself, and loads what it is told to.
  const hermetic = servers === null ? ['--safe-mode'] : ['--bare', '--mcp-config', servers];
  return { argv: ['-o', 'stream-json', ...auth, '-m', model, '--yolo', ...hermetic, ...session], env: {} };
}
