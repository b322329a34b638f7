/** Names of directories that a run makes beside its own: whoever tidies up sees by the name whose they are. Pure. */

/** Unique, so that a process that lost the run removes nothing of the one that has it now. */
export function ownedBy(runId: string, unique: string): string {
  return `${runId}-${unique}`;
}

/** The run of these a directory was made for; null where no run makes it, or the run is not among them. */
export function ownerAmong(directory: string, runIds: ReadonlySet<string>): string | null {
  for (let at = directory.lastIndexOf('-'); at > 0; at = directory.lastIndexOf('-', at - 1)) {
    const runId = directory.slice(0, at);
    if (runIds.has(runId)) return runId;
  }
  return null;
}
