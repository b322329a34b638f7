/** What speaks against letting a wildcard of a rule cover the words of a command. */
import { ALWAYS, isPlain, WRITTEN_OUT, type Hazard, type ShellWord } from '../model.ts';
import { scanOptions } from '../options.ts';
import { wordProblem } from '../paths.ts';
import { CARGO, GO, INTERPRETERS, JVM_BUILD, MAKES, PACKAGE_MANAGER, SIMPLE_BUILD, TEST_TOOLS } from './builds.ts';
import { GIT } from './git.ts';
import { at, type Family, type Profile } from './profile.ts';
import { READERS, WRITERS } from './readers.ts';
import { FIND, SCRIPTED } from './scripts.ts';
import { DOCKER, GH, KUBECTL, TERRAFORM } from './services.ts';
import { UNBOUNDED } from './unbounded.ts';
import { listsNames, unknownProgram } from './unknown.ts';

const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['git', GIT],
  ['npm', PACKAGE_MANAGER],
  ['pnpm', PACKAGE_MANAGER],
  ['yarn', PACKAGE_MANAGER],
  ['cargo', CARGO],
  ['go', GO],
  ['gh', GH],
  ['docker', DOCKER],
  ['kubectl', KUBECTL],
  ['terraform', TERRAFORM],
  ['mvn', JVM_BUILD],
  ['./mvnw', JVM_BUILD],
  ['gradle', JVM_BUILD],
  ['./gradlew', JVM_BUILD],
  ['dotnet', SIMPLE_BUILD],
  ['swift', SIMPLE_BUILD],
  ['mix', SIMPLE_BUILD],
  ['dart', SIMPLE_BUILD],
  ['flutter', SIMPLE_BUILD],
  ['composer', SIMPLE_BUILD],
]);

const PROFILES: ReadonlyMap<string, Profile> = new Map([
  ...READERS,
  ...WRITERS,
  ...SCRIPTED,
  ...TEST_TOOLS,
  ...INTERPRETERS,
  ...MAKES,
]);

/** `python3.12`, `mkfs.ext4`. */
const VARIANT = /^(?:mkfs|python|pip|node|clang|gcc|php|ruby|perl|lua)[.\d-]/;

/** What comes with a command beside its words. */
export interface Surroundings {
  readonly open: boolean;
  readonly feeders: readonly (readonly ShellWord[])[];
}

function openHazard(profile: Profile | undefined, around: Surroundings): readonly Hazard[] {
  if (!around.open || profile?.open === 'any') return [];
  const feeder = around.feeders.at(-1);
  if (profile?.open === 'names' && feeder !== undefined && listsNames(feeder)) return [];
  return [{ index: WRITTEN_OUT, why: 'it is given words that are not known before it runs' }];
}

function byProfile(profile: Profile, words: readonly ShellWord[], from: number): readonly Hazard[] {
  const scan = scanOptions(words, from, profile.options, {
    optionsEnded: profile.prints === true,
    // Where no option does harm, a file whose name looks like one does none either.
    anyGlob: profile.open !== undefined,
  });
  return [...scan.hazards, ...(profile.inspect?.(words, scan) ?? [])];
}

/** The word that names the command of a family, and what is wrong with the options before it. */
function byFamily(name: string, family: Family, words: readonly ShellWord[], around: Surroundings): readonly Hazard[] {
  const verb = words.findIndex((word, index) => index > 0 && !(word.value ?? '').startsWith('-'));
  const before = scanOptions(verb === -1 ? words : words.slice(0, verb), 1, family.options);
  if (verb === -1) return before.hazards.length > 0 || words.length > 1 ? before.hazards : [];
  const word = words[verb];
  const profile = isPlain(word) ? family.commands.get(word.value) : undefined;
  if (profile === undefined) {
    return [
      ...before.hazards,
      { index: WRITTEN_OUT, why: `\`${name} ${word?.source ?? ''}\` is not known to be harmless` },
    ];
  }
  const named = profile.named === undefined ? [] : [at(verb, words, profile.named)];
  return [...before.hazards, ...named, ...byProfile(profile, words, verb + 1), ...openHazard(profile, around)];
}

/** Programs that run the tool behind them, and the words between. Words that change nothing may stand there too. */
const RUNNERS: readonly (readonly string[])[] = [
  ['npx'],
  ['pnpm', 'exec'],
  ['bundle', 'exec'],
  ['poetry', 'run'],
  ['pipenv', 'run'],
  ['uv', 'run'],
  ['pdm', 'run'],
  ['rye', 'run'],
];

/** Index of the tool that is run; null where the command is no runner. */
function toolOf(words: readonly ShellWord[]): number | null {
  const runner = RUNNERS.find((names) => names.every((name, index) => words[index]?.value === name));
  if (runner === undefined) return null;
  const tool = words.findIndex(
    (word, index) => index >= runner.length && !/^--(?:no|no-install)$/.test(word.value ?? ''),
  );
  return tool === -1 ? words.length : tool;
}

/** `npx TOOL WORDS`: the tool has to be named, its words are judged as if it had been called by its own name. */
function byRunner(words: readonly ShellWord[], tool: number, around: Surroundings): readonly Hazard[] {
  const word = words[tool];
  if (!isPlain(word) || word.value.startsWith('-')) {
    return [{ index: WRITTEN_OUT, why: 'it runs a package that may come from the network' }];
  }
  const inner = hazardsOf(words.slice(tool), around);
  const moved = inner.map(({ index, why }) => ({ index: index < 0 ? index : index + tool, why }));
  return [at(tool, words, 'is run without the rule naming it'), ...moved];
}

function printsEnvironment(words: readonly ShellWord[]): boolean {
  const [first, second] = words.map((word) => word.value);
  if (first === 'env' || first === 'printenv') return words.length === 1 || second === '-0' || second === '--null';
  if (first === 'export' || first === 'declare' || first === 'typeset' || first === 'readonly') {
    return words.length === 1 || (words.length === 2 && /^-[pxf]+$/.test(second ?? ''));
  }
  return first === 'set' && words.length === 1;
}

/** Everything a wildcard must not cover in a command whose wrappers are off. Empty: its words are harmless. */
export function hazardsOf(words: readonly ShellWord[], around: Surroundings): readonly Hazard[] {
  const [first] = words;
  if (!isPlain(first)) return [{ index: ALWAYS, why: 'what it runs is not known before it runs' }];
  if (printsEnvironment(words)) return [{ index: ALWAYS, why: 'it prints the whole environment' }];
  const name = first.value;
  const tool = toolOf(words);
  if (tool !== null) return byRunner(words, tool, around);
  const family = FAMILIES.get(name);
  if (family !== undefined) return byFamily(name, family, words, around);
  if (name === 'find') return [...FIND.inspect(words), ...openHazard(undefined, around)];
  const profile = PROFILES.get(name);
  if (profile !== undefined) return [...byProfile(profile, words, 1), ...openHazard(profile, around)];
  const unbounded = UNBOUNDED.get(name) ?? (VARIANT.test(name) ? 'it runs code that its words give it' : undefined);
  if (unbounded !== undefined) return [{ index: WRITTEN_OUT, why: unbounded }];
  const problem = wordProblem(first);
  const outside = problem === null ? [] : [at(0, words, problem)];
  return [...outside, ...unknownProgram(words), ...openHazard(undefined, around)];
}

/**
 * Why a rule with a wildcard behind these words can never allow anything; null where it can. `words` are what the rule spells
 * out before its first wildcard.
 */
export function neverUnderWildcard(words: readonly string[]): string | null {
  const [name = '', verb] = words;
  const runner = RUNNERS.find((names) => names.every((one, index) => words[index] === one));
  if (runner !== undefined)
    return words[runner.length] === undefined ? null : neverUnderWildcard(words.slice(runner.length));
  const family = FAMILIES.get(name);
  if (family !== undefined) {
    return verb === undefined || verb.startsWith('-') || family.commands.has(verb)
      ? null
      : `\`${name} ${verb}\` is not known to be harmless`;
  }
  if (PROFILES.has(name) || name === 'find') return null;
  return UNBOUNDED.get(name) ?? null;
}
