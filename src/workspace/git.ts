/** The one function that runs git outside the sandbox, with an environment nobody else has a say in. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Readable } from 'node:stream';
import { LoopwrightError } from '../core/errors.ts';

/**
 * Configuration that wins over every file: whatever a repository says about programs to start is switched off. It is
 * part of the environment and not of argv so that helper processes of git inherit it.
 */
const CONFIGURATION: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.untrackedCache', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  // Runs in a repository that borrows objects; `true` prints nothing, so nothing of the other repository is announced.
  ['core.alternateRefsCommand', 'true'],
  ['core.sshCommand', 'false'],
  ['core.pager', 'cat'],
  ['core.safecrlf', 'false'],
  ['core.quotePath', 'true'],
  ['credential.helper', ''],
  ['diff.ignoreSubmodules', 'all'],
  ['diff.noprefix', 'false'],
  ['diff.mnemonicPrefix', 'false'],
  ['diff.orderFile', '/dev/null'],
  ['submodule.recurse', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.file.allow', 'always'],
  ['protocol.ext.allow', 'never'],
  ['safe.directory', '*'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['i18n.commitEncoding', 'UTF-8'],
  ['advice.detachedHead', 'false'],
  ['init.defaultBranch', 'main'],
  ['user.useConfigOnly', 'true'],
];

/** The part of the environment that holds everywhere git runs for loopwright, outside and inside the sandbox. */
export function gitEnvironment(): Readonly<Record<string, string>> {
  const env: Record<string, string> = {
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: 'file',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'false',
    GIT_CONFIG_COUNT: String(CONFIGURATION.length),
  };
  for (const [index, [key, value]] of CONFIGURATION.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}

/** Settings of one call after those that always hold; the later of two wins. In the environment, where no argument list shows them. */
export function furtherSettings(settings: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(CONFIGURATION.length + settings.length) };
  for (const [index, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${CONFIGURATION.length + index}`] = key;
    env[`GIT_CONFIG_VALUE_${CONFIGURATION.length + index}`] = value;
  }
  return env;
}

/**
 * git clears `GIT_CONFIG_*` for the other end of a local transport, so that end gets what it needs in words. Without it a
 * repository of another user could not be read, nor a commit by its id.
 */
export const UPLOAD_PACK: string =
  "git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false -c uploadpack.allowAnySHA1InWant=true " +
  '-c core.alternateRefsCommand=true -c protocol.allow=never upload-pack';

/** A fetch of objects and nothing else: no tags, no submodules, no notes of what was fetched, no tidying up. */
export const FETCH = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
] as const;

export interface GitCall {
  readonly args: readonly string[];
  /** Directory to run in; a work tree or a git directory. */
  readonly directory?: string;
  /** Explicit git directory; nothing is discovered then. */
  readonly gitDir?: string;
  readonly stdin?: Uint8Array | Readable;
  /** undefined takes a variable away that is otherwise set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Exit codes that are an answer and not a failure; 0 always is. */
  readonly answers?: readonly number[];
  /** Gets the output instead of the result. Returning false ends git, which is then no failure. */
  readonly onOutput?: (bytes: Buffer) => boolean;
  readonly signal?: AbortSignal;
  /** No file that git writes may be larger: it is ended by the kernel. */
  readonly maxFileBytes?: number;
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  /** Bounded. */
  readonly stderr: string;
}

export interface Git {
  run(call: GitCall): Promise<GitAnswer>;
  /** The output as one line of text. */
  line(call: GitCall): Promise<string>;
}

const STDERR_BYTES = 4_000;
/** A listing of a million paths is about 100 MB; more than this is a defect, not a repository. */
const STDOUT_BYTES = 512 * 1024 * 1024;

export interface GitOptions {
  /** PATH is taken from it, and nothing else. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** An empty directory that stands for HOME. */
  readonly emptyHome: string;
}

export function createGit(options: GitOptions): Git {
  const environment = {
    PATH: options.hostEnvironment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: options.emptyHome,
    XDG_CONFIG_HOME: options.emptyHome,
    ...gitEnvironment(),
  };

  function start(call: GitCall): ChildProcessWithoutNullStreams {
    const where = call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`];
    const argv = [...where, ...call.args];
    const [program, args] = call.maxFileBytes === undefined ? ['git', argv] : bounded(argv, call.maxFileBytes);
    return spawn(program, args, {
      cwd: call.directory ?? call.gitDir ?? options.emptyHome,
      env: { ...environment, ...call.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Out of the terminal's process group: Ctrl-C is for loopwright to obey, and git may have a lock to give back.
      detached: true,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }

  async function run(call: GitCall): Promise<GitAnswer> {
    const child = start(call);
    const ended = watch(child, call);
    feed(child, call.stdin);
    const chunks: Buffer[] = [];
    let size = 0;
    let cut = false;
    child.stdout.on('data', (bytes: Buffer) => {
      size += bytes.length;
      const wanted =
        call.onOutput === undefined ? size <= STDOUT_BYTES && chunks.push(bytes) > 0 : call.onOutput(bytes);
      if (!wanted && !cut) {
        cut = true;
        child.kill('SIGKILL');
      }
    });
    const end = await ended;
    if (cut && call.onOutput === undefined) throw failure(call, `more than ${STDOUT_BYTES} bytes of output`);
    if (!cut) settle(call, end);
    return { code: end.code ?? 0, stdout: Buffer.concat(chunks), stderr: end.stderr };
  }

  return {
    run,
    line: async (call) => (await run(call)).stdout.toString('utf8').replace(/\n$/, ''),
  };
}

/** `ulimit -f` counts blocks of 512 bytes (POSIX.1-2017, sh built-ins). The arguments are words, never script. */
function bounded(argv: readonly string[], maxFileBytes: number): [string, string[]] {
  return ['sh', ['-c', 'ulimit -f "$0" && exec git "$@"', String(Math.ceil(maxFileBytes / 512)), ...argv]];
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

function watch(child: ChildProcessWithoutNullStreams, call: GitCall): Promise<End> {
  const { promise, resolve, reject } = Promise.withResolvers<End>();
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    if (stderr.length < STDERR_BYTES) stderr = (stderr + bytes.toString('utf8')).slice(0, STDERR_BYTES);
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    // A missing working directory looks like a missing program.
    const words = error.code === 'ENOENT' ? 'there is no git on PATH, or no such directory' : error.message;
    reject(call.signal?.aborted === true ? error : failure(call, words, error));
  });
  child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  return promise;
}

function feed(child: ChildProcessWithoutNullStreams, input: Uint8Array | Readable | undefined): void {
  child.stdin.on('error', ignoreBrokenPipe);
  if (!(input instanceof Readable)) {
    child.stdin.end(input);
    return;
  }
  // git then finds its input cut short, and says so.
  input.on('error', () => child.stdin.destroy());
  input.pipe(child.stdin);
}

/** git may end before it read everything; its exit code tells, not the pipe. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  const expected = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ABORT_ERR'];
  if (!expected.includes(error.code ?? '')) throw error;
}

function settle(call: GitCall, end: End): void {
  if (end.code === 0 || (end.code !== null && call.answers?.includes(end.code) === true)) return;
  throw failure(call, end.stderr.trim() || (end.signal === null ? `exit code ${end.code}` : `ended by ${end.signal}`));
}

/** Text of git, and of the kernel through git, that means the disk is full. */
export function saysDiskFull(text: string): boolean {
  return /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/i.test(text);
}

function failure(call: GitCall, words: string, cause?: unknown): LoopwrightError {
  const command = `git ${call.args.join(' ')}`.slice(0, 300);
  const place = call.gitDir ?? call.directory ?? '';
  if (saysDiskFull(words)) {
    return new LoopwrightError('LW_DISK_FULL', {
      message: `the disk is full: \`${command}\` in ${place}: ${words}`,
      next: 'Make room, then `loopwright resume RUN`. `loopwright gc` frees what no run owns any more.',
      details: { command, place },
      cause,
    });
  }
  return new LoopwrightError('LW_GIT_FAILED', {
    message: `\`${command}\` failed in ${place}: ${words}`,
    next: 'Run that command by hand to see more; `git fsck` tells whether the repository is whole.',
    details: { command, place, words },
    cause,
  });
}
