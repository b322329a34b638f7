/** The control group of a launch, and what is said of it. */
import type { ResourceLimits } from '../core/resource.ts';
import type { Cgroup, Cgroups } from '../process/cgroups/groups.ts';
import { TASKS_PER_PROCESS } from './kernel-limits.ts';

/** null where the launch has no ceiling that a group could hold, or none can be made here. */
export async function cgroupFor(
  resources: ResourceLimits | undefined,
  cgroups: () => Promise<Cgroups | null>,
): Promise<Cgroup | null> {
  if (resources === undefined) return null;
  const { memoryBytes, processes } = resources;
  if (memoryBytes === 'unlimited' && processes === 'unlimited') return null;
  const tasks = processes === 'unlimited' ? processes : processes * TASKS_PER_PROCESS;
  return (await cgroups())?.make({ memoryBytes, tasks }) ?? null;
}

const BY_RLIMITS =
  'memory, open files, file size and processor time of a process by the kernel (rlimits), disk and deletions by looks';

/** One line for `doctor`, the run and the report. */
export function resourcesInForce(cgroups: Cgroups | null): string {
  if (cgroups === null) return `rlimits and watching: memory and processes of a launch by looks; ${BY_RLIMITS}`;
  const killed = cgroups.killsWhole ? ', ended as one' : '';
  return `cgroup ${cgroups.version}: memory and tasks of a launch held by the kernel${killed}; ${BY_RLIMITS}`;
}

/** What nothing holds. */
export function resourceGaps(cgroups: Cgroups | null): readonly string[] {
  const looks =
    'memory and processes of a whole launch are looked at four times a second, not held by a cgroup; one process alone is held by the kernel';
  return [
    ...(cgroups === null ? [looks] : []),
    'no share of processor time: only what one process takes in all is limited',
  ];
}
