/** Whether a check that was tried on the base can be used, from what came of it. Pure. */
import type { CheckResult } from '../core/check.ts';

export interface TriedCheck {
  /** Red counts: it ran, and a run can turn it green. */
  readonly runs: boolean;
  /** How much of it is red; 0 where it is green. */
  readonly failed: number;
  /** For the line above it, without a full stop. */
  readonly words: string;
}

type Outcome = Pick<CheckResult, 'conclusion' | 'counted' | 'failed' | 'exitCode' | 'summary' | 'wallTimeMs'>;

interface Sign {
  readonly pattern: RegExp;
  readonly words: (found: string) => string;
}

const NEEDS_NETWORK =
  'it needs the network, and a check has none; bring in what it fetches, or allow hosts (network.allow) to it';

/** Presets of `network.allow`, by what fetches. */
const FETCHERS: readonly (readonly [RegExp, string])[] = [
  [/\bcargo\b/, 'crates'],
  [/\bgo (?:test|vet|build)\b/, 'go'],
  [/\b(?:npm|npx|pnpm|bun)\b/, 'npm'],
  [/\byarn\b/, 'yarn'],
  [/\b(?:uv|pip|tox|nox|poetry|pdm)\b/, 'pypi'],
  [/\b(?:mvnw?|gradlew?)\b/, 'maven'],
  [/\bbundle\b/, 'rubygems'],
  [/\bdotnet\b/, 'nuget'],
];

/** How the program of a command line is let to where it fetches from; empty where that is not known. */
function howToFetch(run: string): string {
  const preset = FETCHERS.find(([program]) => program.test(run))?.[1];
  return preset === undefined
    ? ''
    : `: \`network: { allow: [${preset}] }\`, and \`network: true\` in this check, without --offline`;
}

/** `npx --no-install` looks a name up before it says that it may not install it: what is missing is the program. */
function wantsNetwork(run: string): string {
  const local = /^npx --no-install ([\w@/.-]+)/.exec(run)?.[1];
  if (local !== undefined) return `${local} is not in node_modules; install the dependencies`;
  return `${NEEDS_NETWORK}${howToFetch(run)}`;
}

/** What shells and programs write when something is not there. Only read where nothing was counted, or where nothing is named. */
const SIGNS: readonly Sign[] = [
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|getaddrinfo|Could not resolve host|Temporary failure in name resolution|Network is unreachable|failed to lookup address|no such host|NameResolutionError|--offline was specified|offline mode|network connectivity is disabled/i,
    words: () => NEEDS_NETWORK,
  },
  {
    pattern: /(?:^|[\s:'"`])([\w.@/+-]+): (?:command )?not found\b/m,
    words: (program) => `${program} is not there inside the sandbox; install it, or put it into a dependency directory`,
  },
  {
    // GNU make starts a plain command line without a shell, and then says so itself.
    pattern: /^make(?:\[\d+\])?: ([\w.@/+-]+): No such file or directory$/m,
    words: (program) => `${program} is not there inside the sandbox; install it, or put it into a dependency directory`,
  },
  {
    pattern: /No module named '?([\w.]+)/,
    words: (module) => `the Python module ${module} is not there; install it into .venv`,
  },
  {
    pattern: /npx canceled due to missing packages[^[]*\[?"?([\w@/.-]*)|could not determine executable to run/,
    words: (name) =>
      `${name === undefined || name === '' ? 'its program' : name} is not in node_modules; install the dependencies`,
  },
  {
    pattern: /Cannot find (?:module|package) '?([\w@/.-]+)/,
    words: (name) => `the package ${name} is not there; install the dependencies`,
  },
  {
    pattern: /no such (?:command|subcommand):? `?([\w-]+)|error: '([\w-]+)' is not installed for the toolchain/,
    words: (name) => `${name} is not installed`,
  },
  {
    pattern: /cannot find module providing package|missing go\.sum entry|toolchain not available/,
    words: () => 'its modules are not on this machine; download them first',
  },
];

/** Exit codes by which a shell says that it could not start a program (POSIX, 2.8.2). */
const NOT_STARTED: readonly (number | null)[] = [126, 127];

function seconds(wallTimeMs: number): string {
  return `${(wallTimeMs / 1_000).toFixed(1)} s`;
}

function signIn(output: string): string | null {
  for (const { pattern, words } of SIGNS) {
    const match = pattern.exec(output);
    if (match !== null) return words(match.slice(1).find((group) => group !== undefined) ?? '');
  }
  return null;
}

/** `run`: the command line; `named`: the report names tests, so that a red one is a test and not the start of the program. */
export function judgeTrial(result: Outcome, output: string, run: string, named: boolean): TriedCheck {
  const { conclusion, wallTimeMs, summary, exitCode, counted, failed } = result;
  const after = seconds(wallTimeMs);
  if (conclusion === 'success') return { runs: true, failed: 0, words: `Green on the base in ${after}: ${summary}` };
  if (conclusion === 'timed_out')
    return { runs: false, failed, words: `it did not end within ${after}: it watches, or needs a longer timeout` };
  const started = !NOT_STARTED.includes(exitCode);
  if (conclusion === 'failure' && started && named && counted > 0)
    return { runs: true, failed, words: `Red on the base after ${after}: ${summary}` };
  const sign = signIn(output);
  if (sign !== null) return { runs: false, failed, words: sign === NEEDS_NETWORK ? wantsNetwork(run) : sign };
  // Known red is only let be where tests have names: see `judge`.
  if (conclusion === 'failure' && started)
    return {
      runs: true,
      failed,
      words: `Red on the base after ${after}: ${summary}; until it is green only class fix can use it`,
    };
  return { runs: false, failed, words: summary };
}
