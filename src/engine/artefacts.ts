/**
 * Report files that a check writes. They are deleted before the check runs, so that a report somebody committed is never
 * read as a result, and read afterwards inside a sandbox, because the check's own code wrote them.
 */
import type { CheckSpec } from '../core/check.ts';
import type { CheckEvidence } from '../ports/check.ts';
import type { LaunchSpec, Sandbox } from '../ports/sandbox.ts';
import type { Checkout } from '../ports/workspace.ts';

type Artefact = CheckEvidence['artefacts'][number];

/** One report file; a 64 MB JUnit file is beyond anything a person would read. */
const MAX_ARTEFACT_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
const READ_TIMEOUT_MS = 60_000;

/**
 * `$1` is a pattern for `find -path`, where `*` also matches `/`. The prune list keeps a wide pattern from walking through
 * dependencies. `{}` is a whole argument, so odd names stay whole.
 */
const FIND = `find . \\( -name .git -o -name node_modules -o -name .venv \\) -prune -o -type f -path "$1" `;
const CLEAN_AND_RUN = `${FIND} -exec rm -f -- {} +; exec /bin/sh -c "$2"`;
const READ = `${FIND} -exec /bin/sh -c 'for f; do s=$(wc -c < "$f") || continue; printf "%s\\0%d\\0" "$f" "$s"; head -c ${MAX_ARTEFACT_BYTES} -- "$f"; done' sh {} +`;

function findPattern(reportFile: string): string {
  const relative = reportFile.replace(/^\.\//, '');
  return `./${relative.replaceAll('**/', '*')}`;
}

/** The argument vector of a check: its command line, with stale reports removed first. */
export function checkCommand(spec: CheckSpec): readonly string[] {
  if (spec.reportFile === null) return ['/bin/sh', '-c', spec.run];
  return ['/bin/sh', '-c', CLEAN_AND_RUN, 'sh', findPattern(spec.reportFile), spec.run];
}

function endOfField(bytes: Uint8Array, from: number): number {
  return bytes.indexOf(0, from);
}

/**
 * Reads what `READ` printed: name, NUL, size, NUL, content; repeated. null when anything does not fit: a report file that
 * vanished here could be the red one.
 */
export function parseArtefacts(bytes: Uint8Array): readonly Artefact[] | null {
  const decoder = new TextDecoder();
  const found: Artefact[] = [];
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = endOfField(bytes, at);
    const sizeEnd = nameEnd < 0 ? -1 : endOfField(bytes, nameEnd + 1);
    if (sizeEnd < 0) return null;
    const size = Number(decoder.decode(bytes.subarray(nameEnd + 1, sizeEnd)));
    if (!Number.isSafeInteger(size) || size < 0) return null;
    const kept = Math.min(size, MAX_ARTEFACT_BYTES);
    const start = sizeEnd + 1;
    const content = bytes.subarray(start, Math.min(start + kept, bytes.length));
    const path = decoder.decode(bytes.subarray(at, nameEnd)).replace(/^\.\//, '');
    found.push({ path, bytes: content, truncated: content.length < size });
    at = start + kept;
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Reads the report files of a check that has ended. Empty when the check has none. */
export async function readArtefacts(
  sandbox: Sandbox,
  spec: CheckSpec,
  checkout: Checkout,
  signal: AbortSignal,
): Promise<readonly Artefact[]> {
  if (spec.reportFile === null) return [];
  const launch: LaunchSpec = {
    argv: ['/bin/sh', '-c', READ, 'sh', findPattern(spec.reportFile)],
    cwd: checkout.workspacePath,
    env: {},
    mounts: checkout.mounts,
    stdin: null,
    limits: {
      wallTimeMs: READ_TIMEOUT_MS,
      idleMs: 'unlimited',
      outputBytes: MAX_TOTAL_BYTES,
      keepBytes: MAX_TOTAL_BYTES * 2,
    },
  };
  const finished = await sandbox.launch(launch, signal).finished;
  const whole = finished.end.kind === 'exited' && finished.end.code === 0 && finished.stdoutBytes <= MAX_TOTAL_BYTES;
  const artefacts = whole ? parseArtefacts(finished.stdout) : null;
  // What could not be read as a whole is shown as cut off, so that no format takes it for a pass.
  return artefacts ?? [{ path: spec.reportFile, bytes: new Uint8Array(), truncated: true }];
}
