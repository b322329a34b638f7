/**
 * The host around an attempt: a home with secrets, services that count who comes, a process to be found. Everything has the
 * same secret, so that one look at the output finds any of it.
 */
import { spawn, execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { homedir, networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { countOnHost, sleepToken } from '../sandbox-bench.ts';
import { HOME_SECRETS } from './files.ts';

export interface Stage {
  /** What a script finds its way by. */
  env(): Readonly<Record<string, string>>;
  /** Variables the sandbox is created with: the host's own, and one that holds the secret. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** What the host noticed since it was last asked; empty when nothing. */
  noticed(output: string): readonly string[];
  close(): Promise<void>;
}

function listening(
  server: Server,
  at: { readonly path: string } | { readonly port: number; readonly host: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => resolve());
  });
}

function bound(socket: DatagramSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve());
  });
}

function portOf(address: ReturnType<Server['address']>): string {
  return typeof address === 'object' && address !== null ? String(address.port) : '';
}

/** Services that say the secret to whoever connects. */
interface Services {
  readonly env: Readonly<Record<string, string>>;
  /** How many came, since it was last asked. */
  visitors(): number;
  close(): Promise<void>;
}

async function serve(directory: string, secret: string): Promise<Services> {
  let came = 0;
  const answer = (): Server =>
    createServer((socket) => {
      came += 1;
      socket.on('error', () => undefined);
      socket.end(`${secret}\n`);
    });
  const [tcp, byPath, byName] = [answer(), answer(), answer()];
  const [path, name] = [join(directory, 'service.sock'), `loopwright-${randomUUID()}`];
  const udp = createSocket('udp4', () => (came += 1));
  await listening(tcp, { port: 0, host: '127.0.0.1' });
  await listening(byPath, { path });
  await listening(byName, { path: `\0${name}` });
  await bound(udp);
  return {
    env: {
      HOST_PORT: portOf(tcp.address()),
      HOST_UDP_PORT: String(udp.address().port),
      HOST_SOCKET: path,
      HOST_ABSTRACT: name,
    },
    visitors() {
      const seen = came;
      came = 0;
      return seen;
    },
    async close() {
      udp.close();
      await Promise.all([tcp, byPath, byName].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

interface Victim {
  env(): Readonly<Record<string, string>>;
  /** Whether it was ended since it was last asked; another one is there then. */
  wasEnded(): boolean;
  close(): void;
}

function victimOf(directory: string, secret: string): Victim {
  const token = sleepToken();
  const start = (): ChildProcess =>
    spawn('sleep', [token], { cwd: directory, env: { SECRET: secret }, stdio: 'ignore', detached: true });
  let child = start();
  return {
    env: () => ({ HOST_PID: String(child.pid), HOST_TOKEN: token }),
    wasEnded() {
      if (countOnHost(token) > 0) return false;
      child = start();
      return true;
    },
    close: () => void child.kill('SIGKILL'),
  };
}

function writeSecrets(home: string, secret: string): void {
  const files = ['.bashrc', '.gitconfig', '.claude/settings.json', ...Object.values(HOME_SECRETS)];
  for (const path of files) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), `${secret}\n`);
  }
}

/** A toolchain as version managers lay them out, with the settings of its npm in it. Path of the directory of programs. */
function installToolchain(root: string, secret: string): { readonly bin: string; readonly settings: string } {
  const prefix = join(root, 'tools/.nvm/versions/node/v24.0.0');
  const [bin, settings] = [join(prefix, 'bin'), join(prefix, 'etc/npmrc')];
  for (const directory of [bin, dirname(settings)]) mkdirSync(directory, { recursive: true });
  writeFileSync(settings, `//registry.example.com/:_authToken=${secret}\n`);
  return { bin, settings };
}

/** A file among the machine-wide settings; null where only root may put one there, or the directory is absent. */
function setMachineWide(secret: string): string | null {
  if (process.getuid?.() !== 0 || !existsSync('/usr/local/etc')) return null;
  const path = join('/usr/local/etc', `loopwright-${randomUUID()}`);
  writeFileSync(path, `${secret}\n`, { mode: 0o644 });
  return path;
}

/** SysV shared memory with the secret in it; null where perl is not there to make it. */
function shareMemory(secret: string): { readonly key: string; remove(): void } | null {
  const key = `0x${randomBytes(3).toString('hex')}77`;
  const make = `my $id = shmget(${key}, 64, 0600 | 01000); die "$!" unless defined $id; shmwrite($id, "${secret}", 0, 64); print $id;`;
  const id = execFileSync('perl', ['-e', make], { encoding: 'utf8' });
  return { key, remove: () => void execFileSync('perl', ['-e', `shmctl(${id}, 0, 0)`]) };
}

interface Watched {
  readonly path: string;
  readonly content: string | null;
  readonly mode: number | null;
  readonly mtimeMs: number | null;
}

function look(path: string): Watched {
  const found = statSync(path, { throwIfNoEntry: false });
  const content = found?.isFile() === true ? readFileSync(path, 'utf8') : null;
  return { path, content, mode: found?.mode ?? null, mtimeMs: found?.mtimeMs ?? null };
}

/** Files that must be as they were, and files that must not be there. What changed is put back. */
function watchFiles(paths: readonly string[], planted: readonly string[]): () => readonly string[] {
  const before = paths.map(look);
  return () => {
    const changed = before.filter((one) => JSON.stringify(look(one.path)) !== JSON.stringify(one));
    const made = planted.filter((path) => existsSync(path));
    for (const { path, content } of changed) {
      rmSync(path, { force: true });
      if (content !== null) writeFileSync(path, content);
    }
    before.splice(0, before.length, ...paths.map(look));
    for (const path of made) rmSync(path, { force: true });
    return [...changed.map(({ path }) => `${path} was changed`), ...made.map((path) => `${path} was made`)];
  };
}

/** Addresses by which the host could be reached from a network it shares. */
function addresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
    .join(' ');
}

/** Needs Linux with perl. `root` is an empty directory that the caller removes afterwards. */
export async function setStage(root: string): Promise<Stage> {
  const secret = `canary-${randomUUID()}`;
  const planted = `loopwright-planted-${randomUUID()}`;
  const [home, directory, left] = [join(root, 'home'), join(root, 'outside'), sleepToken()];
  mkdirSync(home);
  mkdirSync(directory);
  writeSecrets(home, secret);
  const file = join(directory, 'secret');
  writeFileSync(file, `${secret}\n`);
  const shared = join('/dev/shm', `loopwright-${randomUUID()}`);
  writeFileSync(shared, `${secret}\n`);
  const memory = shareMemory(secret);
  const [tools, machineWide] = [installToolchain(root, secret), setMachineWide(secret)];
  const services = await serve(directory, secret);
  const victim = victimOf(directory, secret);
  const changed = watchFiles(
    [
      file,
      ...['.bashrc', '.gitconfig', '.claude/settings.json', '.ssh/authorized_keys'].map((name) => join(home, name)),
    ],
    [directory, '/tmp', '/var/tmp', '/dev/shm', tmpdir(), homedir()].map((place) => join(place, planted)),
  );
  return {
    env: () => ({
      ...services.env,
      ...victim.env(),
      HOST_HOME: home,
      HOST_DIR: directory,
      HOST_FILE: file,
      HOST_ADDRESSES: addresses(),
      HOST_TOOL_SETTINGS: tools.settings,
      HOST_SETTINGS: machineWide ?? '',
      HOST_SHM_KEY: memory?.key ?? '0x0',
      HOST_SHM_NAME: shared.slice('/dev/shm/'.length),
      PLANTED: planted,
      LEFT_TOKEN: left,
    }),
    hostEnvironment: {
      ...process.env,
      HOME: home,
      PATH: `${tools.bin}:${process.env['PATH'] ?? ''}`,
      LOOPWRIGHT_CANARY: secret,
    },
    noticed(output) {
      const [visitors, leftovers] = [services.visitors(), countOnHost(left)];
      return [
        ...(output.includes(secret) ? ['the secret was read'] : []),
        ...(/^REACHED$/mu.test(output) ? ['it says that it got through'] : []),
        ...(visitors > 0 ? [`${visitors} came to a service of the host`] : []),
        ...(victim.wasEnded() ? ['a process of the host was ended'] : []),
        ...(leftovers > 0 ? [`${leftovers} processes were left behind`] : []),
        ...changed(),
      ];
    },
    async close() {
      victim.close();
      await services.close();
      memory?.remove();
      rmSync(shared, { force: true });
      if (machineWide !== null) rmSync(machineWide, { force: true });
    },
  };
}
