/** Starting a process with nothing of ours but what it was given. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { openInput, withoutInherited } from './descriptors.ts';
import type { OutputPipe } from './descriptors.ts';
import { attendGate } from './gate.ts';
import type { Gate } from './gate.ts';

export interface StartRequest {
  /** Program and arguments. Never a shell string. */
  readonly argv: readonly [string, ...string[]];
  /** On the host. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes for standard input, which is then at its end. null: /dev/null. `open`: whatever is written to `input`. */
  readonly stdin: Uint8Array | null | 'open';
  /** Bytes the process can read from descriptors 3, 4 and so on. */
  readonly handed: readonly Uint8Array[];
  /** Whether the descriptor after the handed ones is read back as `status`. A trusted program only: it is not bounded. */
  readonly readsStatus: boolean;
  /** Whether the process asks, on the descriptor after those, before it begins (`gate.ts`). */
  readonly asksToBegin: boolean;
}

export interface Leader {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedProcess {
  /** undefined when it could not be started; `exit` then rejects. */
  readonly pid: number | undefined;
  readonly exit: Promise<Leader>;
  /** `text` is whatever arrived so far. */
  readonly status: { text: string; readonly stream: Readable | null };
  readonly gate: Gate;
  /** Standard input, where it is open. */
  readonly input: Writable | null;
}

function untilExit(child: ChildProcess): Promise<Leader> {
  const exit = new Promise<Leader>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Met by whoever awaits `exit`; until then it must not count as unhandled.
  exit.catch(() => undefined);
  return exit;
}

function readStatus(child: ChildProcess, request: StartRequest): StartedProcess['status'] {
  const stream = request.readsStatus ? child.stdio[3 + request.handed.length] : null;
  if (!(stream instanceof Readable)) return { text: '', stream: null };
  const status = { text: '', stream };
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => (status.text += piece));
  // A broken pipe ends like a closed one.
  stream.on('error', () => undefined);
  return status;
}

function hand(child: ChildProcess, descriptor: number, bytes: Uint8Array): void {
  const stream = child.stdio[descriptor];
  if (!(stream instanceof Writable)) return;
  // That the process does not read it (EPIPE, ECONNRESET) is its own affair, and shows in how it ends.
  stream.on('error', () => undefined);
  stream.end(bytes);
}

function attendInput(child: ChildProcess): Writable | null {
  // That nobody reads it any more shows in how the process ends.
  child.stdin?.on('error', () => undefined);
  return child.stdin;
}

/** Throws or rejects `exit` with the error of the operating system (`ENOENT`, `EACCES`, `E2BIG`). */
export function startProcess(request: StartRequest, outputs: readonly OutputPipe[]): StartedProcess {
  const nothing = openSync('/dev/null', 'r');
  let stdin = nothing;
  try {
    if (request.stdin !== null && request.stdin !== 'open') stdin = openInput(request.stdin);
    const extra = [request.readsStatus, request.asksToBegin].filter(Boolean).length;
    const piped = request.handed.length + extra;
    const first = request.stdin === 'open' ? ('pipe' as const) : stdin;
    const given = [first, ...outputs.map((pipe) => pipe.writeEnd), ...Array<'pipe'>(piped).fill('pipe')];
    const [file, ...rest] = request.argv;
    const child = spawn(file, rest, {
      cwd: request.cwd,
      env: { ...request.env },
      // A session of its own: no controlling terminal, and a process group that can be killed as one.
      detached: true,
      stdio: withoutInherited(given, nothing),
    });
    const exit = untilExit(child);
    for (const [index, bytes] of request.handed.entries()) hand(child, 3 + index, bytes);
    const gate = attendGate(request.asksToBegin ? child.stdio[2 + piped] : null);
    return { pid: child.pid, exit, status: readStatus(child, request), gate, input: attendInput(child) };
  } finally {
    if (stdin !== nothing) closeSync(stdin);
    closeSync(nothing);
  }
}
