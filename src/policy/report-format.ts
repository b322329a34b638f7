/**
 * How a check's result is read when the policy does not say: by what the command itself says of its report. Only what
 * stands on the command line counts; a runner's default is a guess and differs between versions.
 */
import type { CheckSpec } from '../core/check.ts';

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

/** Pure. `exit-code` whenever the command does not plainly say otherwise. */
export function reportOfCommand(command: string): ReportPlan {
  for (const option of JUNIT_FILE_OPTIONS) {
    const file = optionValue(command, option);
    if (file === null || !isPlainFile(file)) continue;
    // `--outputFile` and `--reporter-outfile` also serve other formats.
    const ambiguous = option.startsWith('--outputFile') || option === '--reporter-outfile';
    if (!ambiguous || /--reporters?(?:=|\s+)\S*junit/.test(command)) return { report: 'junit', reportFile: file };
  }
  // More than one command, or a redirect, could mix other text into the stream or take it away.
  if (/[;&|<>`]|\$\(/.test(command)) return EXIT_CODE;
  const toStdout =
    !/--test-reporter-destination/.test(command) || /--test-reporter-destination(?:=|\s+)stdout\b/.test(command);
  const reporters = command.match(/--test-reporter(?:=|\s+)\S+/g) ?? [];
  if (reporters.length === 1 && /[=\s]tap$/.test(reporters[0] ?? '') && toStdout)
    return { report: 'tap', reportFile: null };
  return EXIT_CODE;
}
