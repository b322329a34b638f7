import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume, wire, configuration }: Call): CommandLine {
  const auth = wire === null ? [] : ['--auth-type', 'openai'];
  const session = resume === null ? [] : ['--resume', resume];
  // Safe mode: hooks, extensions and MCP servers do not run, wherever they are configured. With allowed settings in its home
  // it has to go; what the repository brings is hidden from it all the same.
  const safe = configuration === undefined ? ['--safe-mode'] : [];
  return {
    argv: ['-o', 'stream-json', ...auth, '-m', model, '--yolo', ...safe, ...session],
    env: {},
  };
}
