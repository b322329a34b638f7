import { placeOf } from '../configuration.ts';
import type { Call, CommandLine } from '../definition.ts';
import { PROVIDER } from './home.ts';

export function commandLine({ model, resume, wire, configuration }: Call): CommandLine {
  const provider = wire === null ? [] : ['--provider', PROVIDER];
  // What the repository brings for it is not loaded.
  const hermetic = ['--no-approve', '--offline'];
  // What of it is allowed is named to it, as the base has it.
  const allowed = Object.keys(configuration?.files ?? {}).flatMap((name) => placeOf(configuration, name) ?? []);
  const extensions = allowed.flatMap((file) => ['--extension', file]);
  const session = resume === null ? [] : ['--session', resume];
  return {
    argv: ['-p', '--mode', 'json', ...provider, '--model', model, ...hermetic, ...extensions, ...session],
    env: { PI_OFFLINE: '1', PI_TELEMETRY: '0' },
  };
}
