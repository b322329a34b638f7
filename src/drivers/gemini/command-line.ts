import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume }: Call): CommandLine {
  const session = resume === null ? [] : ['--resume', resume];
  return {
    argv: ['-o', 'stream-json', '--yolo', '--skip-trust', '-m', model, ...session],
    // Else it starts itself again as a child that no signal reaches.
    env: { GEMINI_CLI_NO_RELAUNCH: 'true' },
  };
}
