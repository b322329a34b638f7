/** Which of the kept directories nobody needs any more. One for each start of the machine and change of its /etc is made. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SYNTHETIC } from '../inside.ts';
import { lookAtHost } from '../host-view.ts';
import type { Environment } from '../host-view.ts';
import { BEGUN, bootId, skeletonName } from './skeleton.ts';

export interface UnusedRequest {
  /** Where they are kept. It need not exist. */
  readonly directory: string;
  readonly hostEnvironment: Environment;
  /** Whether any run is going on: it may have been shown any that was made since the machine started. */
  readonly isBusy: boolean;
  /** Milliseconds since 1970. What was asked for or touched after it stays. */
  readonly before: number;
}

/** Of the names in the directory. Pure. */
export function unusedAmong(
  names: readonly string[],
  { current, boot, isBusy }: { readonly current: string | null; readonly boot: string; readonly isBusy: boolean },
): readonly string[] {
  return names.filter((name) => {
    if (name.startsWith(BEGUN)) return true;
    if (!name.startsWith('etc-') || name === current) return false;
    return !isBusy || !name.startsWith(`etc-${boot}-`);
  });
}

/** Names in the directory. Nothing of them is read but when they were last touched. */
export function unusedSkeletons({ directory, hostEnvironment, isBusy, before }: UnusedRequest): readonly string[] {
  if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const current = skeletonName({ parts: lookAtHost(hostEnvironment).system, files: SYNTHETIC });
  return unusedAmong(readdirSync(directory), { current, boot: bootId(), isBusy }).filter((name) => {
    const entry = lstatSync(join(directory, name), { throwIfNoEntry: false });
    return entry?.isDirectory() === true && entry.mtimeMs < before;
  });
}
