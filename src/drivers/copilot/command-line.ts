import type { Call, CommandLine } from '../definition.ts';
import { provider } from './home.ts';

export function commandLine(call: Call): CommandLine {
  const { model, resume, wire } = call;
  // The sandbox is what confines it. Nobody is there to be asked.
  const unasked = ['--allow-all', '--no-ask-user'];
  const quiet = ['--no-auto-update', '--no-remote', '--disable-builtin-mcps'];
  const named = wire === null ? ['--model', model] : [];
  const session = resume === null ? [] : [`--resume=${resume}`];
  return {
    argv: ['--output-format', 'json', ...named, ...unasked, ...quiet, ...session],
    env: wire === null ? {} : provider(call, wire),
  };
}
