/** Parts of a path as git writes it: `/` between, no leading one. */

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Without a trailing slash; empty for a file at the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
