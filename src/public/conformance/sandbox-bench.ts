/** What the cases of the sandbox suite stand on: a sandbox with a directory as its workspace, and eyes on the host. */
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasSystemCode } from '../../core/system-code.ts';
import type {
  FinishedProcess,
  Grace,
  LaunchSpec,
  Mount,
  PortForward,
  ProcessLimits,
  Sandbox,
  SupervisedProcess,
  TrackedFiles,
} from '../../ports/sandbox.ts';
import type { TestHarness } from './harness.ts';

/** What a sandbox that confines may do without, if it says so. */
export type SandboxProperty = 'resources' | 'system-calls';

export interface SandboxSubject {
  readonly name: string;
  /** Whether it promises confinement. Without, only supervision is asked for. */
  readonly confines: boolean;
  /** Properties it says in `probe().gaps` it does not have; their cases are skipped, with that in their names. */
  readonly lacks?: readonly SandboxProperty[];
  /** A new sandbox on a machine with this environment. */
  create(hostEnvironment: Readonly<Record<string, string | undefined>>): Sandbox;
}

export type SandboxHarness = TestHarness;

export const WORKSPACE = '/workspace';

export interface Launching {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | 'open';
  /** Is given the process at once. */
  readonly onLaunch?: (launched: SupervisedProcess) => void;
  readonly mounts?: readonly Mount[];
  readonly forwards?: readonly PortForward[];
  readonly tracked?: TrackedFiles;
  readonly limits?: Partial<ProcessLimits>;
  readonly grace?: Grace;
  readonly signal?: AbortSignal;
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

export interface SandboxBench {
  readonly sandbox: Sandbox;
  /** Host path of a directory for this case alone; `workspace` is in it. */
  readonly root: string;
  /** Host path of what is mounted writable at `/workspace`. */
  readonly workspace: string;
  readonly run: (argv: readonly string[], launching?: Launching) => Promise<FinishedProcess>;
  /** Runs a shell script; `$1` and so on are `args`. */
  readonly sh: (
    script: string,
    launching?: Launching & { readonly args?: readonly string[] },
  ) => Promise<FinishedProcess>;
}

/** Ends a case that hangs, in ms, well before the test framework gives up on it. */
const PATIENCE_MS = 30_000;

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

export async function withBench(sandbox: Sandbox, body: (bench: SandboxBench) => Promise<void>): Promise<void> {
  // A space and a quote: paths are data, whoever handles them.
  const root = await mkdtemp(join(tmpdir(), "loopwright it's "));
  const workspace = await mkdtemp(join(root, 'workspace-'));
  const run: SandboxBench['run'] = async (argv, { limits, signal, onOutput, onLaunch, stdin, ...rest } = {}) => {
    const spec: LaunchSpec = {
      argv,
      cwd: WORKSPACE,
      env: {},
      mounts: [{ kind: 'writable', source: workspace, target: WORKSPACE }],
      stdin: stdin ?? null,
      limits: {
        wallTimeMs: PATIENCE_MS,
        idleMs: 'unlimited',
        outputBytes: 'unlimited',
        keepBytes: 1_000_000,
        ...limits,
      },
      ...rest,
    };
    const launched = sandbox.launch(spec, signal ?? new AbortController().signal);
    if (onOutput !== undefined) launched.onOutput(onOutput);
    onLaunch?.(launched);
    return launched.finished;
  };
  try {
    await body({
      sandbox,
      root,
      workspace,
      run,
      sh: (script, { args = [], ...launching } = {}) => run(['/bin/sh', '-c', script, 'sh', ...args], launching),
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** A number of seconds nobody else sleeps for: `sleep TOKEN` can be found among all processes of the host. */
export function sleepToken(): string {
  return String(randomInt(100_000_000, 999_999_999));
}

function argumentsOf(pid: string): readonly string[] {
  const path = `/proc/${pid}/cmdline`;
  if (!existsSync(path)) return [];
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch (error) {
    // It ended between the two looks.
    if (hasSystemCode(error, 'ESRCH', 'ENOENT')) return [];
    throw error;
  }
}

/** How many processes of the host, in any namespace, have the token as a whole argument. A zombie has no arguments. */
export function countOnHost(token: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return pids.filter((pid) => argumentsOf(pid).includes(token)).length;
}

/** Polls until it holds; false when it did not within 10 s. */
export async function untilHolds(holds: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}
