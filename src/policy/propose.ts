/** What a repository already says about its checks, and the policy file that follows from it. Runs nothing. */
import type { CheckSpec } from '../core/check.ts';
import type { BaseReader } from '../ports/workspace.ts';
import { readFacts, type DetectedCheck, type RepositoryFacts } from './detect/evidence.ts';
import { detectCi } from './detect/ci.ts';
import { detectJavaScript } from './detect/javascript.ts';
import { detectLinters } from './detect/linters.ts';
import { detectNeeds } from './detect/needs.ts';
import { detectOthers } from './detect/others.ts';
import { detectPython } from './detect/python.ts';
import { detectNotes, detectTargets } from './detect/targets.ts';
import { DEFAULT_DEPENDENCIES } from './classes.ts';
import { reportOfCommand } from './report-format.ts';
import type { TriedCheck } from './trial.ts';

export type { DetectedCheck } from './detect/evidence.ts';

/** For editors; `loopwright policy schema` prints the same where the package is not a dependency. */
export const SCHEMA_PATH = './node_modules/loopwright/schema/loopwright.schema.json';

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

/** More is no short policy, and each costs time in every iteration. */
const MOST_CHECKS = 8;

/** Enough to find one that starts; each may take minutes. */
const MOST_WAYS = 3;

/** `npm test` and `npm t` are short for `npm run test` (docs.npmjs.com, npm-test). */
function inFull(run: string): string {
  return run.replace(/^npm (?:test|tst|t)$/, 'npm run test');
}

/** What else the repository says for the same is tried where the first is not green. The same in other words is not. */
function withOtherWay(check: DetectedCheck, other: DetectedCheck): DetectedCheck {
  const runs = [...(check.instead ?? []), other.spec.run, ...(other.instead ?? [])];
  const instead = [...new Set(runs)].filter((run) => inFull(run) !== inFull(check.spec.run)).slice(0, MOST_WAYS - 1);
  return { ...check, instead };
}

/**
 * What names its tests comes first; then the repository's own words, what CI runs, and configuration that nothing starts.
 * Each only adds kinds of checks that were not found before it: the same tests twice would only cost time.
 */
async function detectIn(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const first = [...(await detectJavaScript(facts)), ...(await detectPython(facts)), ...(await detectOthers(facts))];
  const found = [...first];
  for (const detect of [detectTargets, detectCi, detectLinters, detectNotes]) {
    for (const check of await detect(facts)) {
      const at = found.findIndex(({ spec }) => spec.id === check.spec.id);
      const same = found[at];
      if (same === undefined) found.push(check);
      else if (same.spec.report === check.spec.report) found[at] = withOtherWay(same, check);
    }
  }
  return withUniqueIds(found.slice(0, MOST_CHECKS));
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

/** More names are no proposal that a person reads. */
const MOST_APPROVERS = 5;

/** Owners that CODEOWNERS names, the most often named first. */
async function detectApprovers(facts: RepositoryFacts): Promise<readonly string[]> {
  const { CODEOWNERS_FILES, parseCodeOwners } = await import('./code-owners.ts');
  for (const path of CODEOWNERS_FILES) {
    const text = await facts.text(path);
    if (text === null) continue;
    const named = parseCodeOwners(text, path).rules.flatMap(({ owners }) => owners);
    const counts = Map.groupBy(
      named.filter((name) => /^[\x21-\x7e]{1,200}$/.test(name)),
      (name) => name,
    );
    const sorted = [...counts].toSorted(([, one], [, other]) => other.length - one.length);
    return sorted.slice(0, MOST_APPROVERS).map(([name]) => name);
  }
  return [];
}

/** A comment: whether they sign, and under which names, only they can say. */
function approversSection(approvers: readonly string[]): readonly string[] {
  if (approvers.length === 0) return [];
  return [
    '# Who may approve what waits for a person; names as decisions are made under. From CODEOWNERS:',
    '# risk:',
    '#   - name: auth',
    `#     from: [${approvers.map(yamlText).join(', ')}]`,
    '',
  ];
}

/** Plain where YAML reads it as the same text, single-quoted otherwise. */
function yamlText(value: string): string {
  const plain = /^(?:\.?[A-Za-z]|\/)[A-Za-z0-9 ._/=:@-]*$/.test(value) && !/: |:$| #|\s$/.test(value);
  const word = /^(?:true|false|null|yes|no|on|off|y|n|\.inf|\.nan|unlimited)$/i.test(value);
  return plain && !word ? value : `'${value.replaceAll("'", "''")}'`;
}

function asComment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+|\s+/g, ' ').slice(0, 240);
}

function specLines({ id, run, report, reportFile }: CheckSpec): string[] {
  const said = reportOfCommand(run);
  if (report === said.report && reportFile === said.reportFile) return [`  ${id}: ${yamlText(run)}`];
  const file = reportFile === null ? [] : [`    report-file: ${yamlText(reportFile)}`];
  return [`  ${id}:`, `    run: ${yamlText(run)}`, `    report: ${report}`, ...file];
}

/** With what came of it. Commented out where it was tried and can not run; `from`: what its lines begin with. */
function checkLines({ spec, evidence, tried }: ProposedCheck, from: string): string[] {
  const off = tried?.runs === false;
  const said = tried === undefined ? [] : [`# ${off ? 'NOT USED: ' : ''}${asComment(tried.words)}`];
  const lines = specLines(spec).map((line) => (off && from === '  ' ? line.replace(/^ {2}/, '# ') : line.slice(2)));
  return [`# ${asComment(evidence)}`, ...said, ...lines].map((line) => `${from}${line}`);
}

function checksSection(checks: readonly ProposedCheck[]): string[] {
  if (checks.length === 0) {
    return [
      '# No check was found. A run needs at least one: it is what "done" means.',
      '# checks:',
      '#   unit: npm test',
      '#   lint: { run: npm run lint, timeout: 2m }',
    ];
  }
  if (checks.some(({ tried }) => tried === undefined || tried.runs))
    return ['checks:', ...checks.flatMap((check) => checkLines(check, '  '))];
  return [
    '# None of these can run yet. A run needs at least one: it is what "done" means.',
    '# checks:',
    ...checks.flatMap((check) => checkLines(check, '#   ')),
  ];
}

/** A check to propose, and what came of it where it was tried. */
export interface ProposedCheck extends DetectedCheck {
  readonly tried?: TriedCheck;
}

/** What a proposal is made of; the checks may be tried before it is written. */
export interface Proposal {
  readonly checks: readonly ProposedCheck[];
  readonly owner: string | null;
  /** Whom CODEOWNERS names, as the people or teams that could approve. */
  readonly approvers: readonly string[];
  /** Untracked directories beyond the defaults. */
  readonly dependencies: readonly string[];
  /** What the repository says it needs before its checks can run. */
  readonly needs: readonly string[];
}

/** Reads the commit and runs nothing. */
export async function findProposal(reader: BaseReader): Promise<Proposal> {
  const facts = await readFacts(reader);
  const dependencies = detectDependencies(facts).filter((path) => !DEFAULT_DEPENDENCIES.includes(path));
  return {
    checks: await detectIn(facts),
    owner: await detectOwner(facts),
    approvers: await detectApprovers(facts),
    dependencies,
    needs: await detectNeeds(facts),
  };
}

/** A short, commented `loopwright.yaml` that `parsePolicy` accepts. Everything left out has a safe default. */
export function writeProposal({ checks, owner, approvers, dependencies, needs }: Proposal): string {
  const lines = [
    `# yaml-language-server: $schema=${SCHEMA_PATH}`,
    '# The rules an unattended run obeys. Read from the base revision, never from what an agent wrote.',
    '# Every key: docs/reference/policy.md. What a run would obey: loopwright policy check.',
    'version: 1',
    '',
    ...(owner === null ? ['# Who answers for the results.', '# owner: "@your-team"'] : [`owner: ${yamlText(owner)}`]),
    '',
    '# What loopwright runs itself, on a fresh checkout without network, to judge a change.',
    ...needs.map((need) => `# ${asComment(need)}.`),
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
    ...approversSection(approvers),
    '# Each limit has a finite default; these are the ones people change first.',
    '# limits:',
    '#   iterations: 5',
    '#   wall-time: 1h',
    '#   cost-usd: 5',
    '',
  ];
  return lines.join('\n');
}
