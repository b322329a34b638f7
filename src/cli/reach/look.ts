/** Tries from inside a sandbox what must not be reached, with something of the host's there to be reached. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../ports/sandbox.ts';
import { ATTEMPTS, TRY_ALL, type Attempt } from './attempts.ts';

export interface Reached extends Pick<Attempt, 'id' | 'area' | 'what'> {
  readonly outcome: 'blocked' | 'reached' | 'not tried';
  /** What stood in the way; null where nothing did, or nobody tried. */
  readonly by: string | null;
  /** What the attempt itself said, inside. */
  readonly said: string;
}

const NOT_TRIED = 99;
/** A variable the attempts look for. */
const CANARY = 'LOOPWRIGHT_REACH_CANARY';
const PATIENCE_MS = 120_000;

async function listening(server: Server, options: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });
}

/** Services of the host that answer to whoever gets there. */
async function withServices<T>(
  directory: string,
  body: (places: { readonly port: number; readonly socket: string; readonly abstract: string }) => Promise<T>,
): Promise<T> {
  const servers = [0, 1, 2].map(() => createServer((connection) => connection.destroy()));
  const [tcp, unix, nameless] = servers;
  const socket = join(directory, 'socket');
  const name = `loopwright-reach-${randomUUID()}`;
  try {
    if (tcp !== undefined) await listening(tcp, { port: 0, host: '127.0.0.1' });
    if (unix !== undefined) await listening(unix, { path: socket });
    if (nameless !== undefined && process.platform === 'linux') await listening(nameless, { path: `\0${name}` });
    const address = tcp?.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return await body({ port, socket, abstract: `@${name}` });
  } finally {
    for (const server of servers) server.close();
  }
}

/** Pure. `output`: what `TRY_ALL` printed. An attempt without a line was not made. */
export function readReached(output: string, attempts: readonly Attempt[] = ATTEMPTS): readonly Reached[] {
  const lines = new Map(output.split('\n').map((line) => [line.split('\t')[0] ?? '', line.split('\t')]));
  return attempts.map(({ id, area, what, by }) => {
    const [, code = String(NOT_TRIED), said = ''] = lines.get(id) ?? [];
    if (Number(code) === NOT_TRIED) {
      const why = lines.has(id) ? 'a program it needs is not inside' : 'the attempts did not come to their end';
      return { id, area, what, outcome: 'not tried', by: null, said: why };
    }
    const reached = Number(code) === 0;
    return { id, area, what, outcome: reached ? 'reached' : 'blocked', by: reached ? null : by, said };
  });
}

/** Rejects with `LW_SANDBOX_LAUNCH`. `state`: the directory of loopwright's records. */
export async function lookFromInside(
  sandbox: Sandbox,
  host: { readonly env: Readonly<Record<string, string | undefined>>; readonly state: string },
  attempts: readonly Attempt[] = ATTEMPTS,
): Promise<readonly Reached[]> {
  const directory = await mkdtemp(join(tmpdir(), 'loopwright-reach-'));
  // Of the environment every process of ours has from now on, whoever forgets to start one with another.
  process.env[CANARY] = randomUUID();
  try {
    const [workspace, file] = [join(directory, 'workspace'), join(directory, 'canary')];
    await mkdir(workspace);
    await writeFile(file, 'canary\n');
    return await withServices(directory, async ({ port, socket, abstract }) => {
      const { finished } = sandbox.launch(
        {
          argv: ['/bin/sh', '-c', TRY_ALL, 'sh', ...attempts.flatMap(({ id, script }) => [id, script])],
          cwd: '/workspace',
          env: {
            REACH_FILE: file,
            REACH_DIRECTORY: directory,
            REACH_HOME: host.env['HOME'] ?? homedir(),
            REACH_STATE: host.state,
            REACH_SOCKET: socket,
            REACH_ABSTRACT: abstract,
            REACH_PORT: String(port),
            REACH_PID: String(process.pid),
            REACH_NODE: process.execPath,
            REACH_UID: String(process.getuid?.() ?? 0),
            REACH_AGENT: host.env['SSH_AUTH_SOCK'] ?? '',
          },
          mounts: [{ kind: 'writable', source: workspace, target: '/workspace' }],
          stdin: null,
          limits: { wallTimeMs: PATIENCE_MS, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 262_144 },
        },
        new AbortController().signal,
      );
      const { stdout } = await finished;
      return readReached(Buffer.from(stdout).toString('utf8'), attempts);
    });
  } finally {
    delete process.env[CANARY];
    await rm(directory, { recursive: true, force: true });
  }
}
