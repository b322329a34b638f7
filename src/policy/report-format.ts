/**
 * How a check's result is read when the policy does not say: by what the command itself says of its report. Only what
 * stands on the command line counts; a runner's default is a guess and differs between versions.
 */
import type { CheckSpec } from '../core/check.ts';
import { RUNNERS } from './report-runners.ts';
import type { Runner } from './report-runners.ts';

export type ReportPlan = Pick<CheckSpec, 'report' | 'reportFile'>;

const EXIT_CODE: ReportPlan = { report: 'exit-code', reportFile: null };

/** Options that name a JUnit file. A space or `=` follows. */
const JUNIT_FILE_OPTIONS: readonly string[] = [
  '--junitxml',
  '--junit-xml',
  '--log-junit',
  '--junitfile',
  '--junit-path',
  '--reporter-outfile',
  '--outputFile',
  '--outputFile.junit',
];

function optionValue(command: string, option: string): string | null {
  const pattern = new RegExp(`(?:^|\\s)${option.replaceAll('.', '\\.')}(?:=|\\s+)(?:"([^"]+)"|'([^']+)'|([^\\s'"]+))`);
  const match = pattern.exec(command);
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}

/** A file that could be anywhere, or that the shell computes, is not a file we know. */
function isPlainFile(file: string): boolean {
  return /^[A-Za-z0-9_][\w./-]*$/.test(file) && !file.split('/').includes('..');
}

/** What a runner says of its report, for a command that is nothing but this runner; null when it says nothing usable. */
function planOf(command: string, { report, fileOptions, stdout }: Runner): ReportPlan | null {
  const named = fileOptions.map((option) => optionValue(command, option)).filter((file) => file !== null);
  const [file] = named;
  if (file === undefined) return stdout ? { report, reportFile: null } : null;
  return named.length === 1 && isPlainFile(file) ? { report, reportFile: file } : null;
}

function junitFile(command: string): string | null {
  for (const option of JUNIT_FILE_OPTIONS) {
    const file = optionValue(command, option);
    if (file === null || !isPlainFile(file)) continue;
    // `--outputFile` and `--reporter-outfile` also serve other formats.
    const ambiguous = option.startsWith('--outputFile') || option === '--reporter-outfile';
    if (!ambiguous || /--reporters?(?:=|\s+)\S*junit/.test(command)) return file;
  }
  return null;
}

/** Node's own test runner, also when npm passes the options on. */
function reportsTap(command: string): boolean {
  const toStdout =
    !/--test-reporter-destination/.test(command) || /--test-reporter-destination(?:=|\s+)stdout\b/.test(command);
  const reporters = command.match(/--test-reporter(?:=|\s+)\S+/g) ?? [];
  return reporters.length === 1 && /[=\s]tap$/.test(reporters[0] ?? '') && toStdout;
}

/** Pure. `exit-code` whenever the command does not plainly say otherwise. */
export function reportOfCommand(command: string): ReportPlan {
  const junit = junitFile(command);
  if (junit !== null) return { report: 'junit', reportFile: junit };
  // More than one command, or a redirect, could mix other text into the stream or take it away.
  if (/[;&|<>`]|\$\(/.test(command)) return EXIT_CODE;
  const [runner, ...others] = RUNNERS.filter((one) => one.program.test(command) && one.asked.test(command));
  if (runner !== undefined) return (others.length === 0 ? planOf(command, runner) : null) ?? EXIT_CODE;
  return reportsTap(command) ? { report: 'tap', reportFile: null } : EXIT_CODE;
}
