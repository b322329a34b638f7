/** Limits the kernel keeps for each process, lowered by the shell at the gate: nothing behind it can raise them again. */
import type { ResourceLimits } from '../core/resource.ts';
import type { Ceiling } from '../core/limit.ts';

/** The kernel counts threads where a policy counts processes. */
export const TASKS_PER_PROCESS = 8;

/** The hard limit alone where the soft one is below it already: a program gets no more than it would have without us. */
function lower(letter: string, amount: number): string {
  return `ulimit -H -${letter} ${amount} || ulimit -${letter} ${amount}`;
}

function line(ceiling: Ceiling, unit: number, set: (amount: number) => string): string {
  return ceiling === 'unlimited' ? '' : `{ ${set(Math.max(1, Math.ceil(ceiling / unit)))}; } 2>/dev/null\n`;
}

/**
 * For the gate. Units of `ulimit` are those of POSIX: 512 bytes for a file, 1,024 for data, seconds. bash calls the number of
 * processes `-u`, other shells `-p`. A hard limit of the host that is lower already stays.
 */
export function kernelLimits(resources: ResourceLimits): string {
  const { memoryBytes, processes, openFiles, fileBytes, cpuTimeMs } = resources;
  const tasks = (amount: number): string =>
    `if [ -n "\${BASH_VERSION-}" ]; then ${lower('u', amount)}; else ${lower('p', amount)}; fi`;
  return [
    // One process alone must not pass what all may have together, however fast it is.
    line(memoryBytes, 1_024, (amount) => lower('d', amount)),
    line(processes, 1 / TASKS_PER_PROCESS, tasks),
    line(openFiles, 1, (amount) => lower('n', amount)),
    line(fileBytes, 512, (amount) => lower('f', amount)),
    line(cpuTimeMs, 1_000, (amount) => lower('t', amount)),
  ].join('');
}
