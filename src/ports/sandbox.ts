/** Confinement of processes that touch the workspace. Argument vectors only, never a shell string. */
import type { SandboxReport } from '../core/event.ts';
import type { Ceiling } from '../core/limit.ts';
import type { ResourceLimits, ResourceName } from '../core/resource.ts';

export type Mount =
  | {
      readonly kind: 'read-only';
      readonly source: string;
      readonly target: string;
      /** Left out where nothing is at the target, or only behind a symbolic link: then there is nothing to cover. */
      readonly ifPresent?: true;
    }
  /** What a mount before it shows at the target cannot be written to. Left out like `ifPresent`. */
  | { readonly kind: 'locked'; readonly target: string }
  | { readonly kind: 'writable'; readonly source: string; readonly target: string }
  /**
   * Copy-on-write view: reads fall through to `lower` (first wins), writes go to `upper`. `work` is an empty directory on
   * the file system of `upper`. At most one live process may use an `upper` at a time.
   */
  | {
      readonly kind: 'overlay';
      readonly lower: readonly string[];
      readonly upper: string;
      readonly work: string;
      readonly target: string;
    }
  /** A symbolic link inside the sandbox. */
  | { readonly kind: 'link'; readonly to: string; readonly target: string };

/**
 * A loopback port inside that leads to a Unix socket outside: the one way out of a sandbox that has no network. The socket is
 * shown inside under its own path as well, for programs that can use it themselves.
 */
export interface PortForward {
  readonly port: number;
  readonly socket: string;
}

/** For a program that can wrap up: it is asked by a signal before it is killed. */
export interface Grace {
  readonly signal: 'SIGINT' | 'SIGTERM';
  /** Time from the question to the end of the whole tree, milliseconds. */
  readonly ms: number;
}

/** Where the Node of the host is inside, for programs of ours: the sandbox may have none of its own, or one too old. */
export const NODE_INSIDE = '/run/loopwright/node';

/** The reason of an abort that leaves no time for anything. */
export const AT_ONCE = 'kill';

export interface LaunchSpec {
  readonly argv: readonly string[];
  /** Inside the sandbox. */
  readonly cwd: string;
  /** The whole environment the process gets, on top of the sandbox's own PATH, HOME, TMPDIR, LANG and TERM. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /**
   * Bytes for standard input, which is then closed. null: `/dev/null`. `open`: what is written while it runs; then it is a
   * stream that cannot be opened again by name.
   */
  readonly stdin: Uint8Array | null | 'open';
  readonly limits: ProcessLimits;
  /**
   * Given where a limit on time or an abort ends the process, and not where output floods or the abort says `AT_ONCE`.
   * Default: none.
   */
  readonly grace?: Grace | undefined;
  /** Only for a sandbox whose network is its own; refused with `LW_SANDBOX_LAUNCH` by every other. Default: none. */
  readonly forwards?: readonly PortForward[];
  /** Files whose deletion is counted against `limits.resources`. Default: none. */
  readonly tracked?: TrackedFiles;
}

export interface TrackedFiles {
  /** A target of `mounts`. */
  readonly root: string;
  /** Relative to it. */
  readonly files: readonly string[];
}

export interface ProcessLimits {
  readonly wallTimeMs: Ceiling;
  /** Ends the process when it wrote nothing for this long. */
  readonly idleMs: Ceiling;
  /** Ends the process when standard output and error together pass this. */
  readonly outputBytes: Ceiling;
  /**
   * How many bytes of each stream are kept (the first half and the last half, with a marker between them).
   * Counting goes on beyond it.
   */
  readonly keepBytes: number;
  /** Absent: what the system allows. A backend that cannot keep one of them says so in `probe().gaps`. */
  readonly resources?: ResourceLimits;
}

export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'wall-time' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'output-limit' }
  /** The tree passed a ceiling and was killed. */
  | { readonly kind: 'resource'; readonly resource: ResourceName; readonly value: number; readonly ceiling: number }
  | { readonly kind: 'cancelled' }
  /** The program does not exist or cannot be executed inside. */
  | { readonly kind: 'not-found'; readonly detail: string };

export interface FinishedProcess {
  readonly end: ProcessEnd;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Exact, also beyond what was kept. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly wallTimeMs: number;
}

export interface SupervisedProcess {
  /** Called with each piece of output as it arrives. Set it before awaiting `finished`. */
  onOutput(listener: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void): void;
  /** Counts as output for the limit on silence: a program that waits for an answer is not idle. */
  sawLife(): void;
  /** Only where `stdin` is `open`; what a process that is gone would have read is lost without a word. */
  write(bytes: Uint8Array): void;
  /** The end of standard input. Once is enough. */
  endInput(): void;
  /**
   * Resolves once no process of the tree is left and all output was read. Never rejects for what the process did;
   * rejects with `LW_SANDBOX_LAUNCH` when the sandbox itself could not start it.
   */
  readonly finished: Promise<FinishedProcess>;
}

export interface Sandbox {
  readonly id: string;
  /** `own`: an empty network with a loopback of its own. `host`: whatever the machine can reach. */
  readonly network: 'own' | 'host';
  /** `real`: nothing is mounted, and every path inside is the one outside. Default: `mapped`, as `mounts` say. */
  readonly places?: 'mapped' | 'real';
  /** What is really enforced here, by trying it. Rejects with `LW_SANDBOX_UNAVAILABLE` and the command that fixes it. */
  probe(): Promise<SandboxReport>;
  /** Whether `overlay` mounts work here. False: the workspace is a shared clone. */
  offersOverlay(): Promise<boolean>;
  /**
   * Starts a process. When `signal` aborts, the whole tree is killed. Nothing of it survives: not a child that left the
   * session, not one that ignores signals. A backend that cannot promise this says so in `probe().gaps`.
   */
  launch(spec: LaunchSpec, signal: AbortSignal): SupervisedProcess;
}
