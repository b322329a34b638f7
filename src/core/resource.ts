/** Ceilings of one process tree: an agent's turn, or a check. Passing one ends the tree, with its own stop reason. */
import type { TurnEnd } from './event.ts';
import type { Ceiling, LimitBreach } from './limit.ts';

/** What is watched while a tree runs. */
export const RESOURCE_NAMES = [
  'memoryBytes',
  'processes',
  'writtenBytes',
  'writtenFiles',
  'deletedFiles',
  'deletedPercent',
] as const;

export type ResourceName = (typeof RESOURCE_NAMES)[number];

/** `openFiles`, `fileBytes` and `cpuTimeMs` are for each process of the tree, kept by the kernel: the process meets an error. */
export type ResourceLimits = Readonly<Record<ResourceName | 'openFiles' | 'fileBytes' | 'cpuTimeMs', Ceiling>>;

/**
 * Large enough for a build of a large project, small enough for the machine to survive several runs. A share of deleted
 * files says little where there are few: it counts from `SHARE_FROM` on.
 */
export const DEFAULT_RESOURCES: ResourceLimits = {
  memoryBytes: 8 * 2 ** 30,
  processes: 1_000,
  writtenBytes: 20 * 2 ** 30,
  writtenFiles: 1_000_000,
  deletedFiles: 500,
  deletedPercent: 50,
  openFiles: 65_536,
  fileBytes: 8 * 2 ** 30,
  cpuTimeMs: 4 * 3_600_000,
};

/** Deleted files below this are no share worth ending a turn for. */
export const SHARE_FROM = 20;

export function isResource(limit: LimitBreach['limit']): limit is ResourceName {
  return RESOURCE_NAMES.some((name) => name === limit);
}

/** A turn that was ended for what it did to the machine or the tree leaves no change to accept, however green it is. */
export function resourceBreaches(end: TurnEnd): readonly LimitBreach[] {
  return end.kind === 'limit' && isResource(end.breach.limit) ? [end.breach] : [];
}

export const RESOURCE_LABELS: Readonly<Record<ResourceName, string>> = {
  memoryBytes: 'memory',
  processes: 'processes',
  writtenBytes: 'bytes written',
  writtenFiles: 'files written',
  deletedFiles: 'deleted files',
  deletedPercent: 'share of deleted files',
};

export function resourceQuantity(resource: ResourceName, value: number): string {
  if (resource === 'memoryBytes' || resource === 'writtenBytes') return `${(value / 2 ** 20).toFixed(0)} MiB`;
  return resource === 'deletedPercent' ? `${value.toFixed(0)} %` : `${value}`;
}
