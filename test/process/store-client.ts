/** The other end of `store-worker.ts`. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Answer =
  | { readonly value: unknown }
  | { readonly error: string; readonly message: string }
  | { readonly acknowledged: number }
  | { readonly waiting: true };

export interface StoreWorker {
  /** The next line it says; null when it has ended. */
  next(): Promise<Answer | null>;
  call(name: string, ...args: readonly unknown[]): void;
  /** SIGKILL; resolves with everything it had still said. */
  kill(): Promise<readonly Answer[]>;
  /** Lets it end by itself. */
  end(): Promise<void>;
}

const WORKER = fileURLToPath(new URL('store-worker.ts', import.meta.url));

/** `wrapper` is a command that runs the rest of its arguments, such as `unshare -rm`. */
export function startStoreWorker(file: string, wrapper: readonly string[] = []): StoreWorker {
  const [program, ...args] = [...wrapper, process.execPath, WORKER, file];
  const child = spawn(program ?? '', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function next(): Promise<Answer | null> {
    const line = await lines.next();
    return line.done === true ? null : (JSON.parse(line.value) as Answer);
  }
  return {
    next,
    call: (call, ...args) => {
      child.stdin.write(`${JSON.stringify({ call, args })}\n`);
    },
    async kill() {
      child.kill('SIGKILL');
      const rest: Answer[] = [];
      for (let said = await next(); said !== null; said = await next()) rest.push(said);
      await closed;
      return rest;
    },
    async end() {
      child.stdin.end();
      await closed;
    },
  };
}

/** Runs a command with its own mounts after `setup`, a shell line in which `$1` is the directory. */
export function withMounts(setup: string, directory: string): readonly string[] {
  return ['unshare', '-rm', 'sh', '-c', `${setup} && shift && exec "$@"`, 'sh', directory];
}

/** Whether this machine lets a test have mounts of its own. */
export function canMount(directory: string): boolean {
  const [program, ...args] = [...withMounts('mount -t tmpfs -o size=64k tmpfs "$1"', directory), 'true'];
  return spawnSync(program ?? '', args).status === 0;
}
