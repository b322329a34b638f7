/** One supervised process: bounded time, silence and output, and an end that means that nothing of it is left. */
import { closeSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AT_ONCE } from '../ports/sandbox.ts';
import type { FinishedProcess, Grace, ProcessEnd, ProcessLimits } from '../ports/sandbox.ts';
import { closePipes } from './descriptors.ts';
import type { OutputPipe, PipeSource } from './descriptors.ts';
import { keepOutput } from './kept-output.ts';
import type { KeptOutput } from './kept-output.ts';
import type { ProcessTree } from './process-tree.ts';
import { startProcess } from './start.ts';
import type { Leader, StartedProcess, StartRequest } from './start.ts';
import { watchLimits } from './watch-limits.ts';

export interface SuperviseRequest extends StartRequest {
  readonly limits: ProcessLimits;
  readonly grace?: Grace | undefined;
  readonly tree: ProcessTree;
  readonly pipes: PipeSource;
  /** Called once the process runs. */
  readonly onWatch?: (live: LiveProcess) => void;
  /** Watches over what the process takes of the system. Needs `asksToBegin`. */
  readonly watching?: (running: Running) => Watching;
  /** What it throws ends the process and is thrown by `supervise`. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

export interface LiveProcess {
  /** Counts as a sign of life, like output. */
  readonly sawLife: () => void;
  /** Standard input, where it is open. */
  readonly input: Writable | null;
}

/** A process as whoever watches over its resources sees it. */
export interface Running {
  /** What it wrote to its status descriptor so far. */
  readonly status: () => string;
  readonly end: (why: ProcessEnd) => void;
  /** Counts as a sign of life, like output. */
  readonly sawLife: () => void;
  /** Ends it, and is thrown by `supervise`. */
  readonly fail: (error: unknown) => void;
}

export interface Watching {
  /** Looks at how things are before the program begins; it waits for this at its gate. */
  readonly begin: () => Promise<void>;
  readonly stop: () => void;
}

export interface Supervised extends FinishedProcess {
  /** What the process wrote to its status descriptor. */
  readonly status: string;
  /** Whether the program behind the gate asked to begin. */
  readonly asked: boolean;
  /** Why the program behind the gate could not begin; null when it began, or there was no gate. */
  readonly missing: string | null;
  /** Why what was to run beside it does not; null when it does, or nothing was. */
  readonly failed: string | null;
}

/** Longest wait, in ms, for the end of a stream whose writers are known to be gone. */
const DRAIN_MS = 2_000;

const NOTHING = new Uint8Array();

const NEVER_STARTED: Supervised = {
  end: { kind: 'cancelled' },
  stdout: NOTHING,
  stderr: NOTHING,
  stdoutBytes: 0,
  stderrBytes: 0,
  wallTimeMs: 0,
  status: '',
  asked: false,
  missing: null,
  failed: null,
};

/** Resolves at the end of the stream, or when it stays open although nobody should be left to write to it. */
async function drained(stream: Readable): Promise<void> {
  if (stream.closed) return;
  const patience = new AbortController();
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  const late = sleep(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([closed, late]);
  patience.abort();
  stream.destroy();
}

function endOf(leader: Leader): ProcessEnd {
  if (leader.signal !== null) return { kind: 'signalled', signal: leader.signal };
  return { kind: 'exited', code: leader.code ?? 0 };
}

function collect(pipe: OutputPipe, keepBytes: number, saw: (bytes: Uint8Array) => void): KeptOutput {
  const kept = keepOutput(keepBytes);
  pipe.readEnd.on('data', (bytes: Buffer) => {
    kept.add(bytes);
    saw(bytes);
  });
  // A broken pipe ends like a closed one.
  pipe.readEnd.on('error', () => undefined);
  return kept;
}

/** Why the process was ended from here, if it was; kept apart from how it then died. */
interface Brake {
  readonly pull: (why: ProcessEnd) => void;
  readonly pulled: () => ProcessEnd | null;
  /** From now on there is nothing to kill: its number may become another process's. */
  readonly release: () => void;
}

function brakeFor(started: StartedProcess, { tree, grace }: SuperviseRequest, signal: AbortSignal): Brake {
  let first: ProcessEnd | null = null;
  let released = started.pid === undefined;
  let late: NodeJS.Timeout | undefined;

  function kill(): void {
    clearTimeout(late);
    started.gate.shut();
    if (!released && started.pid !== undefined) tree.kill(started.pid, started.status.text);
  }

  /** A flood has to end now, and so does what a person kills. Nobody is asked twice. */
  function mayWrapUp(why: ProcessEnd): boolean {
    return first === null && why.kind !== 'output-limit' && !(signal.aborted && signal.reason === AT_ONCE);
  }

  return {
    pull(why) {
      const asks = grace !== undefined && mayWrapUp(why);
      first ??= why;
      if (!asks) return kill();
      if (released || started.pid === undefined) return;
      tree.ask(started.pid, started.status.text, grace.signal);
      late = setTimeout(kill, grace.ms);
    },
    pulled: () => first,
    release() {
      released = true;
      clearTimeout(late);
    },
  };
}

async function untilNothingIsLeft(
  started: StartedProcess,
  pipes: readonly OutputPipe[],
  tree: ProcessTree,
): Promise<void> {
  if (started.status.stream !== null) await drained(started.status.stream);
  if (started.gate.stream !== null) await drained(started.gate.stream);
  if (started.pid !== undefined) await tree.ended(started.pid, started.status.text);
  await Promise.all(pipes.map((pipe) => drained(pipe.readEnd)));
}

async function watchOver(
  request: SuperviseRequest,
  signal: AbortSignal,
  started: StartedProcess,
  pipes: readonly [OutputPipe, OutputPipe],
): Promise<Supervised> {
  const { wallTimeMs, idleMs, outputBytes, keepBytes } = request.limits;
  const startedAt = performance.now();
  const brake = brakeFor(started, request, signal);
  const failures: unknown[] = [];
  let totalBytes = 0;
  const watch = watchLimits({ wallTimeMs, idleMs, signal, reached: (kind) => brake.pull({ kind }) });

  request.onWatch?.({ sawLife: () => watch.sawOutput(), input: started.input });

  function fail(error: unknown): void {
    failures.push(error);
    brake.pull({ kind: 'cancelled' });
  }

  const running: Running = {
    status: () => started.status.text,
    end: (why) => brake.pull(why),
    sawLife: () => watch.sawOutput(),
    fail,
  };
  const watching = request.watching?.(running) ?? null;
  if (watching !== null) started.gate.before(() => watching.begin().catch(fail));

  function saw(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    watch.sawOutput();
    totalBytes += bytes.length;
    try {
      request.onOutput(stream, bytes);
    } catch (error) {
      fail(error);
    }
    if (outputBytes !== 'unlimited' && totalBytes > outputBytes) brake.pull({ kind: 'output-limit' });
  }

  const stdout = collect(pipes[0], keepBytes, (bytes) => saw('stdout', bytes));
  const stderr = collect(pipes[1], keepBytes, (bytes) => saw('stderr', bytes));
  try {
    const leader = await started.exit;
    brake.release();
    watch.stop();
    watching?.stop();
    await untilNothingIsLeft(started, pipes, request.tree);
    if (failures.length > 0) throw failures[0];
    return {
      end: brake.pulled() ?? endOf(leader),
      stdout: stdout.read(),
      stderr: stderr.read(),
      stdoutBytes: stdout.totalBytes,
      stderrBytes: stderr.totalBytes,
      wallTimeMs: Math.round(performance.now() - startedAt),
      status: started.status.text,
      asked: started.gate.asked(),
      missing: started.gate.missing(),
      failed: started.gate.failed(),
    };
  } finally {
    brake.release();
    watch.stop();
    watching?.stop();
    for (const pipe of pipes) pipe.readEnd.destroy();
  }
}

/**
 * Runs a process to its end. What its leader leaves running is killed. Rejects with the error of the operating system
 * (`ENOENT`, `EACCES`, `E2BIG`) when the program cannot be started.
 */
export async function supervise(request: SuperviseRequest, signal: AbortSignal): Promise<Supervised> {
  if (signal.aborted) return NEVER_STARTED;
  const pipes = await request.pipes();
  let started: StartedProcess;
  try {
    started = startProcess(request, pipes);
  } catch (error) {
    closePipes(pipes);
    throw error;
  }
  // The end of a stream comes when its last writer is gone, and we are one.
  for (const pipe of pipes) closeSync(pipe.writeEnd);
  return watchOver(request, signal, started, pipes);
}
