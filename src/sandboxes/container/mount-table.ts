/** What is mounted where on the host. */
import { readFileSync } from 'node:fs';

/** Pure. `table`: `/proc/PID/mountinfo`, which writes spaces and the like as `\040` (`proc_pid_mountinfo(5)`). */
export function mountPointsIn(table: string): readonly string[] {
  const fields = table.split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  const paths = fields.map((path) =>
    path.replaceAll(/\\(\d{3})/gu, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8))),
  );
  return [...new Set(paths)];
}

export function readMountPoints(): readonly string[] {
  return mountPointsIn(readFileSync('/proc/self/mountinfo', 'utf8'));
}
