/**
 * How the room uses a sandbox: the fixed places inside it, and one way to run git there.
 *
 * Where the sandbox confines, every place has the same name in every run, so absolute paths in caches and alternates
 * hold. Without a confining sandbox there are no mounts, and every place is where it really is.
 */
import { LoopwrightError } from '../core/errors.ts';
import type { FinishedProcess, Mount, Sandbox } from '../ports/sandbox.ts';
import { gitEnvironment, saysDiskFull } from './git.ts';

const INSIDE = {
  workspace: '/workspace',
  // Not where the sandbox has its own: toolchains of a host user of that name are shown there.
  home: '/run/loopwright/home',
  objects: '/run/loopwright/objects',
  collector: '/run/loopwright/collector',
} as const;

export type Place = keyof typeof INSIDE;

export interface Script {
  /** For error messages: `collecting the change`. */
  readonly what: string;
  /** Run by `sh`; reads its parameters as "$1", "$2" ... so that nothing is ever quoted by us. */
  readonly script: string;
  readonly parameters: readonly string[];
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly timeoutMs: number;
  readonly keepBytes?: number;
}

export interface Stage {
  /** By mounts: then a place has another name inside. */
  readonly confines: boolean;
  /** Name of a place inside, for something that is at `source` outside. */
  at(place: Place, source: string): string;
  /** Runs a script on a tree, without network. Rejects with LW_GIT_FAILED or LW_DISK_FULL when its exit code is not 0. */
  run(script: Script, signal: AbortSignal): Promise<FinishedProcess>;
  /** Like `run`, and an exit code is an answer. */
  attempt(script: Script, signal: AbortSignal): Promise<FinishedProcess>;
}

const KEEP_BYTES = 64 * 1024;

export function createStage(sandbox: Sandbox): Stage {
  const confines = sandbox.id !== 'none' && sandbox.places !== 'real';

  async function attempt(script: Script, signal: AbortSignal): Promise<FinishedProcess> {
    const launched = sandbox.launch(
      {
        argv: ['/bin/sh', '-eu', '-c', script.script, 'sh', ...script.parameters],
        cwd: script.cwd,
        env: { ...gitEnvironment(), ...script.env },
        mounts: script.mounts,
        stdin: script.stdin ?? null,
        limits: {
          wallTimeMs: script.timeoutMs,
          idleMs: 'unlimited',
          outputBytes: 'unlimited',
          keepBytes: script.keepBytes ?? KEEP_BYTES,
        },
      },
      signal,
    );
    return launched.finished;
  }

  return {
    confines,
    at: (place, source) => (confines ? INSIDE[place] : source),
    attempt,
    run: async (script, signal) => {
      const ended = await attempt(script, signal);
      if (ended.end.kind === 'exited' && ended.end.code === 0) return ended;
      throw scriptFailed(script.what, ended);
    },
  };
}

export function scriptFailed(what: string, ended: FinishedProcess): LoopwrightError {
  const words = Buffer.from(ended.stderr).toString('utf8').trim().slice(0, 2_000);
  const how = describeEnd(ended);
  return new LoopwrightError(saysDiskFull(words) ? 'LW_DISK_FULL' : 'LW_GIT_FAILED', {
    message: `${what} failed inside the sandbox (${how})${words === '' ? '' : `: ${words}`}`,
    next: 'The workspace is kept. `loopwright resume RUN` tries again; `loopwright doctor` tests the sandbox.',
    details: { end: how },
  });
}

function describeEnd({ end }: FinishedProcess): string {
  if (end.kind === 'exited') return `exit code ${end.code}`;
  if (end.kind === 'signalled') return `ended by ${end.signal}`;
  if (end.kind === 'not-found') return `not found: ${end.detail}`;
  return end.kind;
}
