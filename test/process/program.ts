/** The built program as a process of its own, as a shell starts it: signals, streams, and what it leaves behind. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RecordedEvent } from '../../src/core/event.ts';
import { hasSystemCode } from '../../src/core/system-code.ts';
import { scriptFile } from '../scenario/harness.ts';
import type { Files, Place } from '../scenario/harness.ts';
import { written } from '../scenario/written.ts';

const LAUNCHER = fileURLToPath(new URL('../../loopwright', import.meta.url));
export const DIST: string = fileURLToPath(new URL('../../dist', import.meta.url));

/** These tests run what was built. Throws in words when nothing was. */
export function requireBuilt(): void {
  if (existsSync(join(DIST, 'cli', 'main.js'))) return;
  throw new Error(`${DIST} is missing, and these tests run the built program. Next: npm run build`);
}

export interface Ended {
  /** As a shell reports it: 128 and the number of the signal when a signal ended it. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** To the process alone, as `kill` does. */
  signal(signal: NodeJS.Signals): void;
  /** To the whole process group, as a terminal does on Ctrl-C. */
  type(signal: NodeJS.Signals): void;
  /** Resolves once `run --json` printed an event of this type for the n-th time. Rejects when it ends before. */
  saw(type: RecordedEvent['type'], times?: number): Promise<void>;
  /** What it printed so far. */
  out(): string;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A shell line that runs the program as `"$@"`, such as `"$@" | head -1`. */
  readonly shell?: string;
}

const SIGNAL_CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** Where the program and its children put temporary files. */
export function temporary(place: Place): string {
  return join(dirname(place.root), 'tmp');
}

function environment(place: Place, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  mkdirSync(temporary(place), { recursive: true });
  return {
    PATH: process.env['PATH'],
    HOME: place.home,
    LOOPWRIGHT_HOME: place.home,
    LOOPWRIGHT_OPERATOR: 'tester',
    TMPDIR: temporary(place),
    ...more,
  };
}

/** Starts `loopwright ARGV` in the repository of the place, in a process group of its own. */
export function start(place: Place, argv: readonly string[], options: StartOptions = {}): Program {
  requireBuilt();
  const command =
    options.shell === undefined ? [LAUNCHER, ...argv] : ['sh', '-c', options.shell, 'sh', LAUNCHER, ...argv];
  const [file = '', ...rest] = command;
  const child = spawn(file, rest, {
    cwd: place.root,
    env: environment(place, options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid ?? 0;
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  let over = false;
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      over = true;
      resolve({ code: code ?? 128 + (SIGNAL_CODES[signal ?? 'SIGKILL'] ?? 0), out, err });
    });
  });
  ended.catch(() => undefined);
  return {
    pid,
    ended,
    signal: (signal) => void process.kill(pid, signal),
    type: (signal) => void process.kill(-pid, signal),
    async saw(type, times = 1) {
      const seen = (): boolean => out.split(`"type":"${type}"`).length > times;
      await until(() => seen() || over, `${type} is printed`);
      if (!seen()) throw new Error(`it ended without ${type}:\n${out}\n${err}`);
    },
    out: () => out,
  };
}

/** Runs it to its end. */
export function run(place: Place, argv: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return start(place, argv, options).ended;
}

/** Looks again until it holds. Rejects, naming what was waited for, after `withinMs`. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await sleep(10);
  }
}

function look(read: () => string): string {
  try {
    return read();
  } catch (error) {
    // It ended between two looks, or belongs to somebody else.
    if (hasSystemCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL')) return '';
    throw error;
  }
}

/**
 * Processes that have to do with a directory: their arguments, environment, working directory or mounts name it. The
 * agents in their sandboxes are among them, whatever they did to hide: their workspace is a mount of theirs.
 */
export function processesOf(directory: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const words = look(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    const traces = [
      words,
      look(() => readFileSync(`/proc/${pid}/environ`, 'latin1')),
      look(() => readlinkSync(`/proc/${pid}/cwd`)),
      look(() => readFileSync(`/proc/${pid}/mountinfo`, 'latin1')),
    ];
    return traces.some((trace) => trace.includes(directory))
      ? [`${pid}: ${words.replaceAll('\0', ' ').slice(0, 120)}`]
      : [];
  });
}

/** Rejects with their names when something of the place still runs after a while. */
export async function nothingRuns(place: Place, withinMs = 5_000): Promise<void> {
  const directory = dirname(place.root);
  const gone = (): boolean => processesOf(directory).length === 0;
  await until(gone, 'no process is left', withinMs).catch((error: unknown) => {
    throw new Error(`still running: ${processesOf(directory).join('; ')}`, { cause: error });
  });
}

/** Whether a process of the place has exactly these words as its command line: not the shell that is going to start it. */
export function runs(place: Place, words: string): boolean {
  return processesOf(dirname(place.root)).some((process) => process.replace(/^\d+: /u, '').trimEnd() === words);
}

/** Red until the file says so, and cheap. */
export const LAMP: Files = {
  lamp: 'off\n',
  'loopwright.yaml': 'version: 1\nchecks:\n  lamp:\n    run: grep -q on lamp\n',
};

/** Two turns: the first does the work and then never ends by itself, the second has nothing to do. */
export const SLEEPER = 'turns: [[{ write: { path: lamp, text: "on\\n" } }, { sleep: 5m }], [{ say: nothing to add }]]';
export const QUICK = 'turns: [[{ write: { path: lamp, text: "on\\n" } }, { claim: done }]]';

export function scripted(place: Place, script: string, ...more: readonly string[]): readonly string[] {
  return ['run', 'switch it on', '--agent', 'scripted', '--script', scriptFile(place, script), ...more];
}

/** A run whose agent has written its file and now sleeps. */
export async function inTheMiddleOfATurn(place: Place, options: StartOptions = {}): Promise<Program> {
  const program = start(place, scripted(place, SLEEPER, '--json'), options);
  await program.saw('turn.requested');
  await until(() => written(place, 'lamp', 'on\n'), 'the agent wrote its file');
  return program;
}

export function eventsOf(text: string): readonly RecordedEvent[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as RecordedEvent);
}

export function countOf(events: readonly RecordedEvent[], type: RecordedEvent['type']): number {
  return events.filter((event) => event.type === type).length;
}

/** A PATH on which every git, or one subcommand of it, takes its time before it begins: `sleep SECONDS`. */
export function slowGit(place: Place, seconds: string, subcommand = ''): Readonly<Record<string, string>> {
  const directory = join(dirname(place.root), 'bin');
  mkdirSync(directory);
  const git = join(directory, 'git');
  const when = subcommand === '' ? '*' : `*" ${subcommand} "*`;
  const lines = ['#!/bin/sh', `case " $* " in ${when}) sleep ${seconds};; esac`, 'PATH=${PATH#*:} exec git "$@"', ''];
  writeFileSync(git, lines.join('\n'));
  chmodSync(git, 0o755);
  return { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
}
