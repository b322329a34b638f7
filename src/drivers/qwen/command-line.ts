import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume, wire }: Call): CommandLine {
  const auth = wire === null ? [] : ['--auth-type', 'openai'];
  const session = resume === null ? [] : ['--resume', resume];
  return {
    // Safe mode: hooks, extensions and MCP servers that the repository brings do not run.
    argv: ['-o', 'stream-json', ...auth, '-m', model, '--yolo', '--safe-mode', ...session],
    env: {},
  };
}
