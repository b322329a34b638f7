import type { Call, CommandLine } from '../definition.ts';
import { PROVIDER } from './home.ts';

export function commandLine({ model, resume, wire }: Call): CommandLine {
  const provider = wire === null ? [] : ['--provider', PROVIDER];
  // What the repository brings for it is not loaded.
  const hermetic = ['--no-approve', '--offline'];
  const session = resume === null ? [] : ['--session', resume];
  return {
    argv: ['-p', '--mode', 'json', ...provider, '--model', model, ...hermetic, ...session],
    env: { PI_OFFLINE: '1', PI_TELEMETRY: '0' },
  };
}
