/** The podman of this machine, and how it has to be called here. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Environment } from '../host-view.ts';
import { findProgram } from '../programs.ts';
import { tightened } from './filter.ts';
import { doesNotWork, notInstalled } from './unavailable.ts';

export interface Engine {
  /** Absolute path of podman. */
  readonly podman: string;
  /** Options before the command: the runtime and who manages control groups. */
  readonly global: readonly string[];
  readonly isRoot: boolean;
  readonly version: string;
  readonly runtime: string;
  /** The filter on system calls, JSON; null: podman's own, for the one it comes with could not be read. */
  readonly filter: string | null;
  /** What the host allows a process at most. A container that asked for more would not start. */
  readonly most: { readonly openFiles: number; readonly processes: number };
}

/** What podman reads of an environment to find its own files, and nothing else of the host's. */
const NEEDED = ['PATH', 'HOME', 'USER', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'TMPDIR'];

export function engineEnvironment(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    NEEDED.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Where distributions put the filter podman uses by default (`containers-common`). */
const FILTERS = ['/etc/containers/seccomp.json', '/usr/share/containers/seccomp.json'];

function readFilter(): string | null {
  const path = FILTERS.find((candidate) => existsSync(candidate));
  return path === undefined ? null : tightened(JSON.parse(readFileSync(path, 'utf8')), process.arch);
}

/** Pure. `limits`: `/proc/PID/limits`. */
export function hardLimits(limits: string): Engine['most'] {
  const at = (name: string): number => {
    const digits = new RegExp(`^${name} +\\S+ +(\\d+) `, 'mu').exec(limits)?.[1];
    return digits === undefined ? Infinity : Number(digits);
  };
  return { openFiles: at('Max open files'), processes: at('Max processes') };
}

function textAt(value: unknown, ...keys: readonly string[]): string {
  let at: unknown = value;
  for (const key of keys) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  return typeof at === 'string' ? at : '';
}

function saidOf(error: unknown): string {
  const stderr = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
  if (stderr !== '') return stderr;
  return error instanceof Error ? error.message : String(error);
}

/** Longest wait for podman to say what it is, in ms. It takes some 200. */
const INFO_MS = 60_000;

/** Rejects with `LW_SANDBOX_UNAVAILABLE`. */
export async function findEngine(environment: Environment): Promise<Engine> {
  const podman = findProgram('podman', environment);
  const isRoot = process.geteuid?.() === 0;
  if (podman === null) throw notInstalled(isRoot);
  const asked = promisify(execFile)(podman, ['info', '--format', 'json'], {
    env: engineEnvironment(environment),
    timeout: INFO_MS,
  });
  const { stdout } = await asked.catch((error: unknown) => {
    throw doesNotWork(saidOf(error), error);
  });
  const info: unknown = JSON.parse(stdout);
  const usual = textAt(info, 'host', 'ociRuntime', 'name');
  // crun refuses control groups of version 1 beside those of version 2, runc does not.
  const older = textAt(info, 'host', 'cgroupVersion') === 'v1' && findProgram('runc', environment) !== null;
  const runtime = older ? 'runc' : usual;
  const managed = existsSync('/run/systemd/system') ? [] : ['--cgroup-manager', 'cgroupfs'];
  return {
    podman,
    global: ['--log-level', 'error', ...(runtime === usual ? [] : ['--runtime', runtime]), ...managed],
    isRoot,
    version: textAt(info, 'version', 'Version'),
    runtime,
    filter: readFilter(),
    most: hardLimits(readFileSync('/proc/self/limits', 'latin1')),
  };
}
