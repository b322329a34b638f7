/** No confinement: a supervised process on the host. Chosen by a person by name, never fallen back to. */
import { statSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { SandboxReport } from '../../core/event.ts';
import { LoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, LaunchSpec, Mount, Sandbox } from '../../ports/sandbox.ts';
import { createPipeStash } from '../../process/descriptors.ts';
import { supervise } from '../../process/supervise.ts';
import { supervisedProcess } from '../../process/supervised-process.ts';
import type { Heard } from '../../process/supervised-process.ts';
import { UNATTENDED_ENVIRONMENT } from '../../process/unattended.ts';
import { markedTree } from './marked-tree.ts';
import { hostPath } from '../places.ts';

export interface NoSandboxOptions {
  /** Read for PATH, HOME and TMPDIR; the rest of it is not passed on. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
}

/** What a caller can use to name files: without mounts, `spec.mounts` only moves the working directory. */
export interface UnconfinedSandbox extends Sandbox {
  /** Where a path inside really is. Arguments and variables that name a mount's target have to be translated with it. */
  hostPath(mounts: readonly Mount[], inside: string): string;
}

/** In the environment of every process of a launch, so that those which left its session are found. */
const MARK = 'LOOPWRIGHT_LAUNCH';

const NOT_EXECUTABLE = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR', 'ENOEXEC', 'ELOOP', 'ENAMETOOLONG']);

const GAPS = [
  'no confinement: the process can read and write whatever the user running loopwright can',
  'the network is open',
  'credentials in the home directory and the environment of other processes of this user can be read',
  'mounts are not made: a read-only or writable one only moves the working directory to its source, links are left out, read-only is not enforced',
  'a process that leaves its session and clears its environment can survive the end of the launch',
  'no limit on memory, processes or disk space',
];

function environmentOf(options: NoSandboxOptions, spec: LaunchSpec, mark: string): Readonly<Record<string, string>> {
  const { PATH, HOME, TMPDIR } = options.hostEnvironment;
  return {
    PATH: PATH ?? '/usr/local/bin:/usr/bin:/bin',
    ...(HOME === undefined ? {} : { HOME }),
    TMPDIR: TMPDIR ?? '/tmp',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ...UNATTENDED_ENVIRONMENT,
    ...spec.env,
    [MARK]: mark,
  };
}

function launchFailure(message: string, cause?: unknown): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message,
    next: message.includes('E2BIG')
      ? 'The arguments or the environment are longer than the system allows: pass large inputs through standard input or a file.'
      : 'Run `loopwright doctor` to see what works here.',
    cause,
  });
}

function notFound(detail: string): FinishedProcess {
  const nothing = new Uint8Array();
  const end = { kind: 'not-found' as const, detail };
  return { end, stdout: nothing, stderr: nothing, stdoutBytes: 0, stderrBytes: 0, wallTimeMs: 0 };
}

function meetFailure(error: unknown, program: string): FinishedProcess {
  if (!(error instanceof Error)) throw launchFailure(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NOT_EXECUTABLE.has(code)) return notFound(`${program}: ${code}`);
  throw launchFailure(`${program} could not be started: ${error.message}`, error);
}

export function createNoSandbox(options: NoSandboxOptions): UnconfinedSandbox {
  const pipes = createPipeStash();

  async function run(spec: LaunchSpec, signal: AbortSignal, heard: Heard): Promise<FinishedProcess> {
    if ((spec.forwards ?? []).length > 0)
      throw launchFailure('without a sandbox there is no network of its own to forward a port of');
    const [program, ...rest] = spec.argv;
    if (program === undefined) throw launchFailure('no program was given');
    const cwd = hostPath(spec.mounts, spec.cwd);
    // Asked beforehand: a missing working directory looks like a missing program to whoever starts it.
    if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw launchFailure(`${cwd} is not a directory`);
    const mark = randomUUID();
    try {
      const {
        status: _status,
        asked: _asked,
        missing: _missing,
        failed: _failed,
        ...finished
      } = await supervise(
        {
          argv: [program, ...rest],
          cwd,
          env: environmentOf(options, spec, mark),
          stdin: spec.stdin,
          limits: spec.limits,
          grace: spec.grace,
          pipes,
          tree: markedTree(`${MARK}=${mark}`),
          handed: [],
          readsStatus: false,
          asksToBegin: false,
          ...heard,
        },
        signal,
      );
      return finished;
    } catch (error) {
      if (error instanceof LoopwrightError) throw error;
      return meetFailure(error, program);
    }
  }

  const report: SandboxReport = { id: 'none', confines: false, version: null, enforced: {}, gaps: GAPS };
  return {
    id: 'none',
    network: 'host',
    probe: async () => report,
    offersOverlay: async () => false,
    launch: (spec, signal) => supervisedProcess((heard) => run(spec, signal, heard)),
    hostPath,
  };
}
