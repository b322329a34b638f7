/**
 * The descriptors a supervised process gets as its standard streams.
 *
 * Node gives a child sockets. A program that opens `/dev/stderr` or `/dev/stdout` by name (`tee /dev/stderr`,
 * `echo ... > /dev/stdout`, common in test scripts) gets ENXIO from a socket, so it would fail under supervision and work
 * everywhere else. These are a plain pipe and a plain file instead.
 */
import { execFile } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assert, LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';

const run = promisify(execFile);

/** Where `mkfifo` is on every system that has one. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin';

export interface OutputPipe {
  /** For the child. Close it here once the child has it, or the end of the stream never comes. */
  readonly writeEnd: number;
  readonly readEnd: Socket;
}

/** A failure here is ours: it must never look like the failure of the program that was to be started. */
function failure(error: unknown): LoopwrightError {
  const full = hasSystemCode(error, 'ENOSPC', 'EDQUOT');
  return new LoopwrightError(full ? 'LW_DISK_FULL' : 'LW_SANDBOX_LAUNCH', {
    message: `the streams of a process could not be made in ${tmpdir()}: ${String(error)}`,
    next: full
      ? `Make room in ${tmpdir()}, or set TMPDIR to a directory that has some.`
      : `Check that ${tmpdir()} can be written to and that \`mkfifo\` exists.`,
    cause: error,
  });
}

/** Both ends of a pipe as plain descriptors: nothing of them keeps the process alive. */
interface RawPipe {
  readonly reader: number;
  readonly writer: number;
}

function openFifo(path: string): RawPipe {
  // The reader first and without blocking: opening the writing end would otherwise wait for it.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { reader, writer: openSync(path, 'w') };
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

function inUse({ reader, writer }: RawPipe): OutputPipe {
  return { writeEnd: writer, readEnd: new Socket({ fd: reader, readable: true, writable: false }) };
}

export function closePipes(pipes: readonly OutputPipe[]): void {
  for (const pipe of pipes) {
    closeSync(pipe.writeEnd);
    pipe.readEnd.destroy();
  }
}

async function openPipesIn(directory: string, count: number): Promise<RawPipe[]> {
  const paths = Array.from({ length: count }, (_, index) => join(directory, String(index)));
  const opened: RawPipe[] = [];
  try {
    await run('mkfifo', ['-m', '600', ...paths], { env: { PATH: SYSTEM_PATH } });
    for (const path of paths) opened.push(openFifo(path));
    return opened;
  } catch (error) {
    for (const { reader, writer } of opened) [reader, writer].forEach((descriptor) => closeSync(descriptor));
    throw error;
  } finally {
    for (const path of paths) rmSync(path, { force: true });
    rmdirSync(directory);
  }
}

/** Gives two nameless pipes, for standard output and standard error. Rejects with `LW_SANDBOX_LAUNCH` or `LW_DISK_FULL`. */
export type PipeSource = () => Promise<readonly [OutputPipe, OutputPipe]>;

/** Enough for one iteration of a run: turn, collection, a few checks and what reads their reports. */
const STASHED_PIPES = 12;

/**
 * Node cannot make a nameless pipe, so they begin as named ones in a private directory that is gone before anyone uses
 * them. That costs a process of about 3 ms, so it makes several at a time.
 */
export function createPipeStash(): PipeSource {
  const stash: RawPipe[] = [];
  return async () => {
    try {
      while (stash.length < 2) {
        stash.push(...(await openPipesIn(mkdtempSync(join(tmpdir(), 'loopwright-pipe-')), STASHED_PIPES)));
      }
    } catch (error) {
      throw failure(error);
    }
    const [out, err] = stash.splice(0, 2);
    assert(out !== undefined && err !== undefined, 'a filled stash holds two pipes');
    return [inUse(out), inUse(err)];
  };
}

function openInputIn(directory: string, bytes: Uint8Array): number {
  const path = join(directory, 'stdin');
  try {
    const writer = openSync(path, 'wx', 0o600);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(writer, bytes, at);
      return openSync(path, 'r');
    } finally {
      closeSync(writer);
    }
  } finally {
    rmSync(path, { force: true });
    rmdirSync(directory);
  }
}

/** A nameless file that holds `bytes`, opened for reading. The caller closes it. Throws as a `PipeSource` rejects. */
export function openInput(bytes: Uint8Array): number {
  try {
    return openInputIn(mkdtempSync(join(tmpdir(), 'loopwright-input-')), bytes);
  } catch (error) {
    throw failure(error);
  }
}

/** `O_CLOEXEC` as /proc/self/fdinfo writes flags: octal. */
const CLOSES_ON_EXEC = 0o2000000;

function survivesExec(descriptor: number): boolean {
  const path = `/proc/self/fdinfo/${descriptor}`;
  // Listing the directory took a descriptor of its own, which is closed by now.
  if (!existsSync(path)) return false;
  const flags = /^flags:\s*(\d+)$/mu.exec(readFileSync(path, 'latin1'))?.[1];
  return flags === undefined || (Number.parseInt(flags, 8) & CLOSES_ON_EXEC) === 0;
}

/** Descriptors above the standard three that every child would get, because whoever started us left them open. */
function inheritedDescriptors(): readonly number[] {
  if (!existsSync('/proc/self/fdinfo')) return [];
  const all = readdirSync('/proc/self/fdinfo').map(Number);
  return all.filter((descriptor) => descriptor > 2 && survivesExec(descriptor));
}

/**
 * Covers inherited descriptors with `nothing`, an open /dev/null. An open directory or socket of the host inside a
 * sandbox would be a way out of it, and neither Node nor bubblewrap closes what it did not open.
 */
export function withoutInherited(stdio: readonly ('pipe' | number)[], nothing: number): ('pipe' | 'ignore' | number)[] {
  const covered: ('pipe' | 'ignore' | number)[] = [...stdio];
  for (const descriptor of inheritedDescriptors()) {
    // 'ignore' leaves a descriptor above the standard three as it is, so it is only good for the places between.
    while (covered.length <= descriptor) covered.push('ignore');
    if (descriptor >= stdio.length) covered[descriptor] = nothing;
  }
  return covered;
}
