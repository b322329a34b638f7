/** What a repository says it needs before its checks can run: pinned tools, and how its container is prepared. For people. */
import { isPlainCommand } from './kinds.ts';
import type { RepositoryFacts } from './evidence.ts';

const SHOWN = /^[\w@./: -]{1,60}$/;

function toolLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => SHOWN.test(line))
    .slice(0, 8);
}

async function pinnedTools(facts: RepositoryFacts): Promise<readonly string[]> {
  const listed = toolLines((await facts.text('.tool-versions')) ?? '');
  if (listed.length > 0) return [`.tool-versions pins ${listed.join(', ')}`];
  for (const file of ['mise.toml', '.mise.toml']) {
    const section = /^\[tools\]\n([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec((await facts.text(file)) ?? '')?.[1];
    const tools = toolLines((section ?? '').replaceAll(/["']/g, '').replaceAll(/\s*=\s*/g, ' '));
    if (tools.length > 0) return [`${file} pins ${tools.join(', ')}`];
  }
  return [];
}

async function containerSetup(facts: RepositoryFacts): Promise<readonly string[]> {
  for (const file of ['.devcontainer/devcontainer.json', '.devcontainer.json']) {
    // With comments allowed it is no JSON; one line of it is all that is wanted.
    const found = /"(?:postCreateCommand|onCreateCommand)"\s*:\s*"([^"\\]+)"/.exec((await facts.text(file)) ?? '');
    const command = found?.[1];
    if (command !== undefined && (isPlainCommand(command) || isPlainCommand(command.replaceAll('&&', ','))))
      return [`${file} prepares with \`${command}\``];
  }
  return [];
}

export async function detectNeeds(facts: RepositoryFacts): Promise<readonly string[]> {
  return [...(await pinnedTools(facts)), ...(await containerSetup(facts))];
}
