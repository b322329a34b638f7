/** Which grammar reads a file, and which files stand beside the program, by path. */
import type { LanguageId } from './syntax.ts';

export interface Reading {
  readonly language: LanguageId;
  /** The name of the grammar's file. */
  readonly grammar: string;
}

const BY_ENDING: Readonly<Record<string, Reading>> = {
  js: { language: 'script', grammar: 'javascript' },
  cjs: { language: 'script', grammar: 'javascript' },
  mjs: { language: 'script', grammar: 'javascript' },
  jsx: { language: 'script', grammar: 'javascript' },
  ts: { language: 'script', grammar: 'typescript' },
  cts: { language: 'script', grammar: 'typescript' },
  mts: { language: 'script', grammar: 'typescript' },
  tsx: { language: 'script', grammar: 'tsx' },
  py: { language: 'python', grammar: 'python' },
  go: { language: 'go', grammar: 'go' },
  rs: { language: 'rust', grammar: 'rust' },
  java: { language: 'java', grammar: 'java' },
  rb: { language: 'ruby', grammar: 'ruby' },
  cs: { language: 'csharp', grammar: 'c-sharp' },
  php: { language: 'php', grammar: 'php' },
};

/** null: no grammar here reads it. */
export function readingOf(path: string): Reading | null {
  const ending = /\.([a-z]+)$/.exec(path)?.[1] ?? '';
  return Object.hasOwn(BY_ENDING, ending) ? (BY_ENDING[ending] ?? null) : null;
}

/** What decides how a program is run, or is not part of it: scripts, examples, benchmarks, documentation. */
const ASIDE =
  /(?:^|\/)(?:bin|cli|cmd|scripts?|tools?|examples?|samples?|demos?|benchmarks?|benches|bench|docs?|tutorials?|website|playground|integration|\.github)\/|(?:^|\/)(?:cli|main|__main__|setup|conftest|gulpfile|gruntfile|manage|noxfile|Rakefile|[^/]*\.config)\.\w+$/i;

export function isAside(path: string): boolean {
  return ASIDE.test(path);
}
