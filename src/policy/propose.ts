/** What a repository already says about its checks, and the policy file that follows from it. Runs nothing. */
import type { BaseReader } from '../ports/workspace.ts';
import { readFacts, type DetectedCheck, type RepositoryFacts } from './detect/evidence.ts';
import { detectJavaScript } from './detect/javascript.ts';
import { detectOthers, detectTargets } from './detect/others.ts';
import { detectPython } from './detect/python.ts';
import { DEFAULT_DEPENDENCIES } from './classes.ts';
import { reportOfCommand } from './report-format.ts';

export type { DetectedCheck } from './detect/evidence.ts';

export interface PolicyProposal {
  /** The whole of a `loopwright.yaml` that `parsePolicy` accepts. */
  readonly text: string;
  readonly checks: readonly DetectedCheck[];
  readonly owner: string | null;
}

/** Two ecosystems may both call their check `test`. */
function withUniqueIds(checks: readonly DetectedCheck[]): readonly DetectedCheck[] {
  const taken = new Set<string>();
  return checks.map((check) => {
    let { id } = check.spec;
    for (let number = 2; taken.has(id); number += 1) id = `${check.spec.id}-${number}`;
    taken.add(id);
    return { ...check, spec: { ...check.spec, id } };
  });
}

async function detectIn(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const found = [...(await detectJavaScript(facts)), ...(await detectPython(facts)), ...(await detectOthers(facts))];
  const checks = found.length > 0 ? found : await detectTargets(facts);
  return withUniqueIds(checks);
}

/** The checks a repository already describes, with the evidence. Empty where it describes none. */
export async function detectChecks(reader: BaseReader): Promise<readonly DetectedCheck[]> {
  return detectIn(await readFacts(reader));
}

function detectDependencies(facts: RepositoryFacts): readonly string[] {
  const found: string[] = [];
  if (facts.has('package.json')) found.push('node_modules');
  if (facts.has('pyproject.toml', 'requirements.txt', 'setup.py')) found.push('.venv');
  if (facts.has('Gemfile')) found.push('vendor/bundle');
  // A vendor folder that is tracked comes with the checkout.
  if (facts.has('composer.json') && !facts.any(/^vendor\//)) found.push('vendor');
  if (facts.has('mix.exs')) found.push('deps');
  return found;
}

/** The owner of everything, when the last rule for `*` names exactly one. */
async function detectOwner(facts: RepositoryFacts): Promise<string | null> {
  for (const path of ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS']) {
    const text = await facts.text(path);
    if (text === null) continue;
    const rules = text
      .split('\n')
      .map((line) => line.replace(/#.*$/, '').trim().split(/\s+/))
      .filter(([pattern]) => pattern === '*');
    const owners = rules.at(-1)?.slice(1) ?? [];
    const [owner] = owners;
    return owners.length === 1 && owner !== undefined && /^[\x21-\x7e]{1,200}$/.test(owner) ? owner : null;
  }
  return null;
}

/** Plain where YAML reads it as the same text, single-quoted otherwise. */
function yamlText(value: string): string {
  const plain = /^(?:\.?[A-Za-z]|\/)[A-Za-z0-9 ._/=:@-]*$/.test(value) && !/: |:$| #|\s$/.test(value);
  const word = /^(?:true|false|null|yes|no|on|off|y|n|\.inf|\.nan|unlimited)$/i.test(value);
  return plain && !word ? value : `'${value.replaceAll("'", "''")}'`;
}

function checkLines({ spec, evidence }: DetectedCheck): string[] {
  const comment = `  # ${evidence.replaceAll(/\s+/g, ' ')}`;
  const said = reportOfCommand(spec.run);
  if (spec.report === said.report && spec.reportFile === said.reportFile)
    return [comment, `  ${spec.id}: ${yamlText(spec.run)}`];
  const file = spec.reportFile === null ? [] : [`    report-file: ${yamlText(spec.reportFile)}`];
  return [comment, `  ${spec.id}:`, `    run: ${yamlText(spec.run)}`, `    report: ${spec.report}`, ...file];
}

function checksSection(checks: readonly DetectedCheck[]): string[] {
  if (checks.length > 0) return ['checks:', ...checks.flatMap(checkLines)];
  return [
    '# No check was found. A run needs at least one: it is what "done" means.',
    '# checks:',
    '#   unit: npm test',
    '#   lint: { run: npm run lint, timeout: 2m }',
  ];
}

/** Proposes a short, commented `loopwright.yaml`. Everything left out has a safe default. */
export async function proposePolicy(reader: BaseReader): Promise<PolicyProposal> {
  const facts = await readFacts(reader);
  const checks = await detectIn(facts);
  const owner = await detectOwner(facts);
  const dependencies = detectDependencies(facts).filter((path) => !DEFAULT_DEPENDENCIES.includes(path));
  const lines = [
    '# The rules an unattended run obeys. Read from the base revision, never from what an agent wrote.',
    '# Every key: docs/reference/policy.md. What a run would obey: loopwright policy check.',
    'version: 1',
    '',
    ...(owner === null ? ['# Who answers for the results.', '# owner: "@your-team"'] : [`owner: ${yamlText(owner)}`]),
    '',
    '# What loopwright runs itself, on a fresh checkout without network, to judge a change.',
    ...checksSection(checks),
    '',
    '# Tests, snapshots and the configuration of runners, linters and CI are protected without a word here.',
    '# protect:',
    '#   except: [src/commands/test]',
    '',
    ...(dependencies.length === 0
      ? []
      : [
          'paths:',
          '  # Untracked directories a check needs; agent and checks get a private view.',
          `  dependencies: [${[...DEFAULT_DEPENDENCIES, ...dependencies].map(yamlText).join(', ')}]`,
          '',
        ]),
    '# Each limit has a finite default; these are the ones people change first.',
    '# limits:',
    '#   iterations: 5',
    '#   wall-time: 1h',
    '#   cost-usd: 5',
    '',
  ];
  return { text: lines.join('\n'), checks, owner };
}
