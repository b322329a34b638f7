/** Checks that CI already runs: `run:` steps of GitHub Actions, `script:` lists of GitLab. Read as data; nothing is expanded. */
import { isFields, type Fields } from '../../core/fields.ts';
import { detected, type DetectedCheck, type RepositoryFacts } from './evidence.ts';
import { kindOf, ofEnvironment, offline } from './kinds.ts';

interface CiCommand {
  readonly command: string;
  readonly file: string;
}

/** More files than that are generated, or of a repository whose checks a person has to name. */
const MOST_FILES = 20;

/** null for what is no YAML map: a broken file is no evidence. The parser is loaded where there is something to parse. */
async function yamlMap(text: string | null): Promise<Fields | null> {
  if (text === null) return null;
  const { parse, YAMLParseError } = await import('yaml');
  try {
    const value: unknown = parse(text, { maxAliasCount: 100, logLevel: 'silent' });
    return isFields(value) ? value : null;
  } catch (error) {
    // What the parser throws for text that is not YAML, and for more aliases than it was told to follow.
    if (error instanceof YAMLParseError || error instanceof ReferenceError) return null;
    throw error;
  }
}

/** Lines of a script, each a command; a line that ends in a backslash goes on. */
function commandsOf(script: unknown): readonly string[] {
  if (Array.isArray(script)) return script.flatMap(commandsOf);
  if (typeof script !== 'string') return [];
  return script
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** A step that works in a folder of its own means something else at the root. */
function stepsOf(job: unknown): readonly string[] {
  if (!isFields(job) || !Array.isArray(job['steps'])) return [];
  const defaults = isFields(job['defaults']) && isFields(job['defaults']['run']) ? job['defaults']['run'] : {};
  if (defaults['working-directory'] !== undefined) return [];
  return job['steps']
    .filter((step): step is Fields => isFields(step) && step['working-directory'] === undefined)
    .flatMap((step) => commandsOf(step['run']));
}

async function ciCommands(facts: RepositoryFacts): Promise<readonly CiCommand[]> {
  const found: CiCommand[] = [];
  const workflows = [...facts.paths].filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)).toSorted();
  for (const file of workflows.slice(0, MOST_FILES)) {
    const jobs = (await yamlMap(await facts.text(file)))?.['jobs'];
    if (!isFields(jobs)) continue;
    found.push(...Object.values(jobs).flatMap((job) => stepsOf(job).map((command) => ({ command, file }))));
  }
  const file = '.gitlab-ci.yml';
  for (const job of Object.values((await yamlMap(await facts.text(file))) ?? {})) {
    if (isFields(job)) found.push(...commandsOf(job['script']).map((command) => ({ command, file })));
  }
  return found;
}

/** One for each kind: the first that CI runs, made fit for a place without network. */
export async function detectCi(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const checks = new Map<string, DetectedCheck>();
  for (const { command, file } of await ciCommands(facts)) {
    const kind = kindOf(command);
    if (kind === null || checks.has(kind)) continue;
    checks.set(kind, { ...detected(kind, offline(command), `${file} runs it`), instead: ofEnvironment(command) });
  }
  return [...checks.values()];
}
