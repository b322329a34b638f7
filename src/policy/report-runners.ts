/**
 * Which runner writes which report when its own command line asks for it. Listed are formats that can turn a check green:
 * one that lists nothing but findings would only make a check that could pass into one that cannot.
 */
import type { ReportFormat } from '../core/check.ts';

export interface Runner {
  /** Matches the command from its first word on. */
  readonly program: RegExp;
  /** Matches when the format is asked for. */
  readonly asked: RegExp;
  readonly report: ReportFormat;
  /** Options that name the file. */
  readonly fileOptions: readonly string[];
  /** Whether the report goes to standard output when no file is named. */
  readonly stdout: boolean;
}

/** What may stand before a program and changes nothing about what it writes. */
const BEFORE =
  '(?:[A-Z_][A-Z0-9_]*=[^\\s]*\\s+)*(?:(?:npx|bunx|pnpm exec|yarn|yarn exec|bundle exec|poetry run|uv run|fvm)\\s+)?';

function program(words: string): RegExp {
  return new RegExp(`^\\s*${BEFORE}(?:\\./)?(?:[\\w./-]*/)?(?:${words})(?=\\s|$)`);
}

function option(names: string, value: string): RegExp {
  return new RegExp(`\\s(?:${names})(?:=|\\s+)(?:'${value}'|"${value}"|${value})(?=\\s|$)`);
}

const flag = (name: string): RegExp => new RegExp(`\\s${name}(?=\\s|$)`);

/** Sources: the reference of the command line of each program. */
export const RUNNERS: readonly Runner[] = [
  { program: program('go test'), asked: flag('-json'), report: 'go-test-json', fileOptions: [], stdout: true },
  { program: program('jest'), asked: flag('--json'), report: 'jest-json', fileOptions: ['--outputFile'], stdout: true },
  {
    program: program('vitest'),
    asked: option('--reporter', 'json'),
    report: 'jest-json',
    fileOptions: ['--outputFile.json', '--outputFile'],
    stdout: true,
  },
  {
    program: program('mocha'),
    asked: option('--reporter|-R', 'json'),
    report: 'mocha-json',
    fileOptions: [],
    stdout: true,
  },
  {
    program: program('playwright test'),
    asked: option('--reporter', 'json'),
    report: 'playwright-json',
    fileOptions: [],
    stdout: true,
  },
  {
    program: program('dart test|flutter test'),
    asked: option('--reporter|-r', 'json'),
    report: 'dart-json',
    fileOptions: [],
    stdout: true,
  },
  { program: program('flutter test'), asked: flag('--machine'), report: 'dart-json', fileOptions: [], stdout: true },
  {
    program: program('rspec'),
    asked: option('--format|-f', '(?:json|j)'),
    report: 'rspec-json',
    fileOptions: ['--out', '-o'],
    stdout: true,
  },
  {
    program: program('eslint'),
    asked: option('--format|-f', 'json(?:-with-metadata)?'),
    report: 'eslint-json',
    fileOptions: ['--output-file', '-o'],
    stdout: true,
  },
  {
    program: program('eslint'),
    asked: option('--format|-f', 'checkstyle'),
    report: 'checkstyle',
    fileOptions: ['--output-file', '-o'],
    stdout: true,
  },
  {
    // Since version 16 it reports to standard error, where no report is read.
    program: program('stylelint'),
    asked: option('--formatter|-f', 'json'),
    report: 'stylelint-json',
    fileOptions: ['--output-file', '-o'],
    stdout: false,
  },
  {
    program: program('golangci-lint run'),
    asked: option('--out-format', 'json'),
    report: 'golangci-json',
    fileOptions: [],
    stdout: true,
  },
  {
    program: program('golangci-lint run'),
    asked: option('--output\\.json\\.path', 'stdout'),
    report: 'golangci-json',
    fileOptions: [],
    stdout: true,
  },
  {
    program: program('semgrep(?: scan| ci)?'),
    asked: flag('--json'),
    report: 'semgrep-json',
    fileOptions: ['--output', '-o'],
    stdout: true,
  },
  {
    program: program('trivy'),
    asked: option('--format|-f', 'json'),
    report: 'trivy-json',
    fileOptions: ['--output', '-o'],
    stdout: true,
  },
  {
    program: program('npm audit|pnpm audit'),
    asked: flag('--json'),
    report: 'npm-audit',
    fileOptions: [],
    stdout: true,
  },
];
