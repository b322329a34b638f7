/**
 * A container does not die with whoever started it: podman leaves it to a process of its own. So a shell waits on the host
 * for a word from the supervisor, and takes the container away where the end of the stream comes instead.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Engine } from './engine.ts';
import type { Skeleton } from './skeleton.ts';

/**
 * What is being set up meanwhile meets a shut gate, and podman takes it away; to remove it before it has a process would leave
 * that process. So this waits for the number of one, at most a minute.
 */
const WAIT = `
read -r word && exit 0
number=$1
shift
left=60
while [ ! -s "$number" ] && [ $left -gt 0 ]; do
  left=$((left - 1))
  sleep 1
done
sleep 1
exec "$@"
`;

export function removal({ podman, global }: Engine, name: string): readonly [string, ...string[]] {
  return [podman, ...global, 'rm', '--force', '--ignore', '--time', '0', name];
}

export interface Guard {
  /** The container is gone already. */
  dismiss(): void;
}

/** Rejects with the error of the operating system where no process can be started. */
export async function postGuard(
  engine: Engine,
  { name, pidFile }: Pick<Skeleton, 'name' | 'pidFile'>,
  env: Readonly<Record<string, string>>,
): Promise<Guard> {
  const child = spawn('/bin/sh', ['-c', WAIT, 'sh', pidFile, ...removal(engine, name)], {
    env,
    cwd: '/',
    // What ends the group of the supervisor must not end this one.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Somebody ended it; then nobody reads the word, and nobody needs to.
  child.stdin.on('error', () => undefined);
  child.unref();
  await once(child, 'spawn');
  return { dismiss: () => void child.stdin.end('done\n') };
}
