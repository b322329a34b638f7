import type { Call, CommandLine } from '../definition.ts';

export function commandLine({ model, resume }: Call): CommandLine {
  const verb = resume === null ? ['exec'] : ['exec', 'resume'];
  // Its own sandbox would be a second one inside ours, and nobody is there to be asked.
  const unasked = ['--dangerously-bypass-approvals-and-sandbox', '--skip-git-repo-check'];
  const session = resume === null ? [] : [resume];
  return { argv: [...verb, '--json', ...unasked, '--model', model, ...session, '-'], env: {} };
}
