/** Checks by the repository's own words for them: targets of make, just, mise and task, and commands that its notes for agents name. */
import { detected, type DetectedCheck, type RepositoryFacts } from './evidence.ts';
import { kindOf, kindOfName, ofEnvironment, offline } from './kinds.ts';

/** File, program, and the line that begins a target, with its name. */
const TARGET_FILES: readonly (readonly [string, string, RegExp])[] = [
  ['Makefile', 'make', /^([A-Za-z][\w.-]*)[ \t]*:(?![:=])/gm],
  ['GNUmakefile', 'make', /^([A-Za-z][\w.-]*)[ \t]*:(?![:=])/gm],
  // `just` has parameters with defaults before the colon.
  ['justfile', 'just', /^@?([A-Za-z][\w-]*)(?:[ \t][^:\n]*)?:(?!=)/gm],
  ['.justfile', 'just', /^@?([A-Za-z][\w-]*)(?:[ \t][^:\n]*)?:(?!=)/gm],
  ['mise.toml', 'mise run', /^\[tasks\.["']?([\w:-]+)["']?\]/gm],
  ['.mise.toml', 'mise run', /^\[tasks\.["']?([\w:-]+)["']?\]/gm],
  ['Taskfile.yml', 'task', /^ {2}([\w:-]+):[ \t]*$/gm],
];

export async function detectTargets(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const checks = new Map<string, DetectedCheck>();
  for (const [file, program, target] of TARGET_FILES) {
    const text = await facts.text(file);
    if (text === null) continue;
    const names = [...new Set([...text.matchAll(target)].map(([, name = '']) => name))];
    // `test` before `test-slow`.
    for (const name of names.toSorted((one, other) => one.length - other.length)) {
      const kind = kindOfName(name);
      if (kind === null) continue;
      // `check` beside `test` is a word for more than the tests; it is taken where there is no other.
      if (!checks.has(kind)) checks.set(kind, detected(kind, `${program} ${name}`, `${file} has a target ${name}`));
    }
  }
  return [...checks.values()];
}

/** Read for command lines of known programs and for nothing else: these files are written for agents, also by strangers. */
const NOTES: readonly string[] = ['AGENTS.md', 'CLAUDE.md', '.github/copilot-instructions.md', 'CONTRIBUTING.md'];

function codeIn(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].flatMap(([, body = '']) => body.split('\n'));
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...fenced, ...inline].map((line) =>
    line
      .replace(/^\s*\$\s+/, '')
      .replace(/\s+#\s.*$/, '')
      .trim(),
  );
}

export async function detectNotes(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const checks = new Map<string, DetectedCheck>();
  for (const file of NOTES) {
    for (const command of codeIn((await facts.text(file)) ?? '')) {
      const kind = kindOf(command);
      if (kind === null || checks.has(kind)) continue;
      checks.set(kind, { ...detected(kind, offline(command), `${file} names it`), instead: ofEnvironment(command) });
    }
  }
  return [...checks.values()];
}
