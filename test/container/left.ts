/** What of containers is left on the machine, asked of podman and of the file system. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

function podman(...argv: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('podman', argv, { encoding: 'utf8' });
  // One that went between the two questions is what was hoped for.
  if (status !== 0 && !/no such (?:container|object)/u.test(stderr)) throw new Error(`podman ${argv[0]}: ${stderr}`);
  return stdout;
}

/** Containers whose configuration (root, mounts, command) says the mark. */
export function containersAbout(mark: string): readonly string[] {
  const ids = podman('ps', '--all', '--quiet', '--no-trunc').split('\n').filter(Boolean);
  return ids.filter((id) => podman('inspect', id).includes(mark));
}

/** Directories of launches in `place`. */
export function skeletonsIn(place: string): readonly string[] {
  return readdirSync(place).filter((name) => name.startsWith('loopwright-container-'));
}

/** Processes that watch a container, by number: one that lost its container watches on where that never began. */
export function watchersOf(mark: string): readonly string[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return all.filter((pid) => {
    const path = `/proc/${pid}/cmdline`;
    const words = existsSync(path) ? readFileSync(path, 'utf8').split('\0') : [];
    return (words[0] ?? '').endsWith('conmon') && words.some((word) => word.includes(mark));
  });
}
