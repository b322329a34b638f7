import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume }: Call): CommandLine {
  // Nobody is there to be asked; without trust it does not start. MCP servers stay unapproved.
  const unasked = ['--force', '--trust'];
  const session = resume === null ? [] : ['--resume', resume];
  return { argv: ['-p', '--output-format', 'stream-json', '--model', model, ...unasked, ...session], env: {} };
}
