/** What /proc says about processes. Every answer may be out of date when it arrives; callers ask again until it holds. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from '../core/system-code.ts';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Zombie or dead: nothing of it runs, it only waits to be counted. */
  readonly ended: boolean;
  /** It runs, or would if a processor were free: the first of its threads, which is the one that /proc tells of. */
  readonly runnable: boolean;
  /**
   * Processor time of it and of the children it has waited for, in ticks of 10 ms (`proc_pid_stat(5)`: the unit is 100 a
   * second on every Linux).
   */
  readonly cpuTicks: number;
}

/** A process can vanish between two looks (ENOENT, ESRCH), or belong to someone else (EACCES, EPERM). */
function isOutOfSight(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM';
}

function look<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isOutOfSight(error)) return null;
    throw error;
  }
}

/** Of the fields behind the name: `utime`, and after it `stime`, `cutime` and `cstime`. */
const UTIME = 11;

/** Of the same fields: `starttime`. */
const START_TIME = 19;

/** From the third on; null when no such process is there. */
function fieldsOf(pid: number): readonly string[] | null {
  const stat = look(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second field is the name in parentheses and may itself hold parentheses and spaces.
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * When the process was started, in ticks of 10 ms since the machine was: with its number, what it can be told by from any
 * other that ever was. null when no such process is there.
 */
export function startTicks(pid: number): number | null {
  const fields = fieldsOf(pid);
  return fields === null ? null : Number(fields[START_TIME]);
}

/** null when no such process is there. */
export function readProcess(pid: number): ProcessEntry | null {
  const fields = fieldsOf(pid);
  if (fields === null) return null;
  const [state, parent, group, session] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    runnable: state === 'R',
    ended: state === 'Z' || state === 'X' || state === 'x',
    cpuTicks: fields.slice(UTIME, UTIME + 4).reduce((sum, ticks) => sum + Number(ticks), 0),
  };
}

/** Empty where there is no /proc. */
export function listProcesses(): readonly ProcessEntry[] {
  if (!existsSync('/proc/self')) return [];
  const names = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return names.map((name) => readProcess(Number(name))).filter((entry) => entry !== null);
}

/** Numbers of the processes it started and has not waited for. Empty where the kernel does not list them. */
export function childrenOf(pid: number): readonly number[] {
  const list = look(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));
  return (list ?? '').split(' ').filter(Boolean).map(Number);
}

/** Whether the environment the process was started with holds this exact `NAME=value`. */
export function startedWith(pid: number, assignment: string): boolean {
  const environment = look(() => readFileSync(`/proc/${pid}/environ`, 'latin1'));
  return environment !== null && environment.split('\0').includes(assignment);
}

/** Number of the PID namespace the process lives in; null when it is gone or not ours to see. */
export function pidNamespace(pid: number): number | null {
  const link = look(() => readlinkSync(`/proc/${pid}/ns/pid`));
  const number = /^pid:\[(\d+)\]$/u.exec(link ?? '')?.[1];
  return number === undefined ? null : Number(number);
}
