/** One supervised process: bounded time, silence and output, and an end that means that nothing of it is left. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FinishedProcess, ProcessEnd, ProcessLimits } from '../ports/sandbox.ts';
import { closePipes, openInput, openOutputPipes, withoutInherited } from './descriptors.ts';
import type { OutputPipe } from './descriptors.ts';
import { keepOutput } from './kept-output.ts';
import type { KeptOutput } from './kept-output.ts';
import type { ProcessTree } from './process-tree.ts';
import { watchLimits } from './watch-limits.ts';
import type { LimitWatch } from './watch-limits.ts';

export interface SuperviseRequest {
  /** Program and arguments. Never a shell string. */
  readonly argv: readonly [string, ...string[]];
  /** On the host. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array | null;
  readonly limits: ProcessLimits;
  readonly tree: ProcessTree;
  /** Bytes the process can read from descriptors 3, 4 and so on. */
  readonly handed: readonly Uint8Array[];
  /** Whether the descriptor after the handed ones is read back as `status`. A trusted program only: it is not bounded. */
  readonly readsStatus: boolean;
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

export interface Supervised extends FinishedProcess {
  /** What the process wrote to the descriptor after the last handed one. */
  readonly status: string;
}

/** Longest wait, in ms, for the end of a stream whose writers are known to be gone. */
const DRAIN_MS = 2_000;

type Leader = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Descriptor of the status stream for a request with this many handed ones. */
export function statusDescriptor(handed: number): number {
  return 3 + handed;
}

function untilExit(child: ChildProcess): Promise<Leader> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

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

/** Bytes for the process; that it does not read them is its own affair (EPIPE, ECONNRESET). */
function hand(stream: unknown, bytes: Uint8Array): void {
  if (!(stream instanceof Object && 'end' in stream && 'on' in stream)) return;
  const writable = stream as NodeJS.WritableStream;
  writable.on('error', () => undefined);
  writable.end(bytes);
}

interface Started {
  readonly leader: number | undefined;
  readonly exit: Promise<Leader>;
  /** Whatever arrived so far. */
  readonly status: { text: string; readonly stream: Readable | null };
}

function readStatus(child: ChildProcess, request: SuperviseRequest): Started['status'] {
  const stream = request.readsStatus ? child.stdio[statusDescriptor(request.handed.length)] : null;
  if (!(stream instanceof Readable)) return { text: '', stream: null };
  const status = { text: '', stream };
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => (status.text += piece));
  stream.on('error', () => undefined);
  return status;
}

function start(request: SuperviseRequest, pipes: readonly OutputPipe[]): Started {
  const nothing = openSync('/dev/null', 'r');
  const stdin = request.stdin === null ? nothing : openInput(request.stdin);
  try {
    const [file, ...rest] = request.argv;
    const extra = request.handed.length + (request.readsStatus ? 1 : 0);
    const child = spawn(file, rest, {
      cwd: request.cwd,
      env: { ...request.env },
      // A session of its own: no controlling terminal, and a process group that can be killed as one.
      detached: true,
      stdio: withoutInherited(
        [stdin, ...pipes.map((pipe) => pipe.writeEnd), ...Array<'pipe'>(extra).fill('pipe')],
        nothing,
      ),
    });
    const exit = untilExit(child);
    // Met by whoever awaits `exit`; until then it must not count as unhandled.
    exit.catch(() => undefined);
    for (const [index, bytes] of request.handed.entries()) hand(child.stdio[3 + index], bytes);
    return { leader: child.pid, exit, status: readStatus(child, request) };
  } finally {
    if (stdin !== nothing) closeSync(stdin);
    closeSync(nothing);
  }
}

function collect(
  pipes: readonly OutputPipe[],
  request: SuperviseRequest,
  sawOutput: (totalBytes: number) => void,
): readonly KeptOutput[] {
  const kept = pipes.map(() => keepOutput(request.limits.keepBytes));
  for (const [index, pipe] of pipes.entries()) {
    const name = index === 0 ? 'stdout' : 'stderr';
    pipe.readEnd.on('data', (bytes: Buffer) => {
      kept[index]?.add(bytes);
      sawOutput(kept.reduce((sum, one) => sum + one.totalBytes, 0));
      request.onOutput(name, bytes);
    });
    // A broken pipe ends like a closed one.
    pipe.readEnd.on('error', () => undefined);
  }
  return kept;
}

const NOTHING = new Uint8Array();

function neverStarted(): Supervised {
  const end: ProcessEnd = { kind: 'cancelled' };
  return { end, stdout: NOTHING, stderr: NOTHING, stdoutBytes: 0, stderrBytes: 0, wallTimeMs: 0, status: '' };
}

/**
 * Runs a process to its end. What its leader leaves running is killed. Rejects with the error of the operating system
 * (`ENOENT`, `EACCES`, `E2BIG`) when the program cannot be started.
 */
export async function supervise(request: SuperviseRequest, signal: AbortSignal): Promise<Supervised> {
  if (signal.aborted) return neverStarted();
  const pipes = await openOutputPipes(2);
  const startedAt = performance.now();
  let started: Started;
  try {
    started = start(request, pipes);
  } catch (error) {
    closePipes(pipes);
    throw error;
  }
  for (const pipe of pipes) closeSync(pipe.writeEnd);
  const { leader, exit, status } = started;
  let reached: ProcessEnd | null = null;
  let leaderEnded = false;

  function end(why: ProcessEnd): void {
    reached ??= why;
    if (leader !== undefined && !leaderEnded) request.tree.kill(leader, status.text);
  }

  let watch: LimitWatch | null = null;
  const kept = collect(pipes, request, (totalBytes) => {
    watch?.sawOutput();
    const { outputBytes } = request.limits;
    if (outputBytes !== 'unlimited' && totalBytes > outputBytes) end({ kind: 'output-limit' });
  });
  if (leader !== undefined) {
    const { wallTimeMs, idleMs } = request.limits;
    watch = watchLimits({ wallTimeMs, idleMs, signal, reached: (kind) => end({ kind }) });
  }
  try {
    const how = await exit;
    leaderEnded = true;
    watch?.stop();
    if (status.stream !== null) await drained(status.stream);
    if (leader !== undefined) await request.tree.ended(leader, status.text);
    await Promise.all(pipes.map((pipe) => drained(pipe.readEnd)));
    const [stdout, stderr] = kept;
    return {
      end: reached ?? endOf(how),
      stdout: stdout?.read() ?? NOTHING,
      stderr: stderr?.read() ?? NOTHING,
      stdoutBytes: stdout?.totalBytes ?? 0,
      stderrBytes: stderr?.totalBytes ?? 0,
      wallTimeMs: Math.round(performance.now() - startedAt),
      status: status.text,
    };
  } finally {
    leaderEnded = true;
    watch?.stop();
    for (const pipe of pipes) pipe.readEnd.destroy();
  }
}
