/** Who is still there: processes that have anything to do with a place, found from outside. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Empty where the process has ended meanwhile or is not ours to look at. */
function about(pid: string, what: string): string {
  const gone = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL'];
  try {
    const path = `/proc/${pid}/${what}`;
    return ['cwd', 'exe'].includes(what) || what.startsWith('ns/') ? readlinkSync(path) : readFileSync(path, 'latin1');
  } catch (error) {
    if (gone.includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/**
 * Command line, environment, working directory; and, for a process in a namespace of its own, what is mounted there: a
 * sandboxed process knows none of the host's paths, but the kernel does.
 */
function traces(pid: string): string {
  const own = about(pid, 'ns/pid') !== about('self', 'ns/pid');
  return [about(pid, 'cmdline'), about(pid, 'environ'), about(pid, 'cwd'), own ? about(pid, 'mountinfo') : ''].join(
    '\n',
  );
}

/** Processes other than this one with any of the marks in their traces, as `pid command`. */
export function processesAbout(...marks: readonly string[]): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) > 1 && Number(name) !== process.pid)
    .filter((pid) => {
      const left = traces(pid);
      return marks.some((mark) => left.includes(mark));
    })
    .map((pid) => `${pid} ${about(pid, 'cmdline').replaceAll('\0', ' ')}`);
}
