/** What a sandbox that confines has to keep from the processes in it. Every case has a canary on the host. */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { textOf, withBench } from './sandbox-bench.ts';
import type { SandboxBench, SandboxHarness, SandboxSubject } from './sandbox-bench.ts';

type Case = (name: string, body: (bench: SandboxBench) => Promise<void>) => void;

const EVERYWHERE = '/ /usr /usr/local /etc /opt /var /home /srv /mnt /boot /lib /proc/sys/kernel /sys "$1" "$2"';

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function canWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function fileCases(test: Case, { expect }: SandboxHarness): void {
  test('lets nothing but the workspace be written to', async ({ sh, root, workspace }) => {
    const script = `for d in ${EVERYWHERE}; do if (: > "$d/planted") 2>/dev/null; then echo "$d"; fi; done; : > planted`;
    const { stdout, end } = await sh(script, { args: [homedir(), root] });
    expect([end, textOf(stdout)]).toEqual([{ kind: 'exited', code: 0 }, '']);
    expect(existsSync(join(workspace, 'planted'))).toBe(true);
    expect(existsSync(join(root, 'planted'))).toBe(false);
  });

  test('lets no setting of the kernel be written', async ({ sh }) => {
    const script = `cd /proc/sys && for f in kernel/pid_max kernel/hostname user/max_user_namespaces net/ipv4/ip_forward vm/overcommit_memory; do
      if (cat "$f" > "$f") 2>/dev/null; then echo "$f"; fi; done; test -r kernel/pid_max && echo looked`;
    const { stdout } = await sh(script);
    expect(textOf(stdout)).toBe('looked\n');
  });

  test('keeps what is written to /tmp and to the home inside', async ({ sh }) => {
    const name = `loopwright-planted-${randomUUID()}`;
    const { end } = await sh('test -w "$HOME" && : > "$HOME/$1" && : > "/tmp/$1" && : > "$TMPDIR/$1"', {
      args: [name],
    });
    expect(end).toEqual({ kind: 'exited', code: 0 });
    for (const place of [tmpdir(), '/tmp', homedir()]) expect(existsSync(join(place, name)), place).toBe(false);
    const next = await sh('test -e "/tmp/$1"', { args: [name] });
    expect(next.end).toEqual({ kind: 'exited', code: 1 });
  });

  test('lets no link in the workspace lead out of it', async ({ sh, root, workspace }) => {
    mkdirSync(join(root, 'outside'));
    writeFileSync(join(root, 'outside/secret'), 'canary');
    symlinkSync(join(root, 'outside'), join(workspace, 'way-out'));
    symlinkSync('..', join(workspace, 'up'));
    const script =
      'cat way-out/secret up/outside/secret; echo x > way-out/secret; echo x > way-out/new; ln "$1/secret" hard; exit 0';
    const { stdout } = await sh(script, { args: [join(root, 'outside')] });
    expect(textOf(stdout)).toBe('');
    expect(readFileSync(join(root, 'outside/secret'), 'utf8')).toBe('canary');
    expect(readdirSync(join(root, 'outside'))).toEqual(['secret']);
  });

  test('hides the home directory of the host', async ({ sh }) => {
    const home = homedir();
    const name = `.loopwright-canary-${randomUUID()}`;
    const planted = canWrite(home);
    if (planted) writeFileSync(join(home, name), 'canary');
    try {
      const secrets = '.ssh .aws .gnupg .netrc .npmrc .gitconfig .bash_history .docker .config .claude .codex';
      const script = `for f in "$2" ${secrets}; do if [ -e "$1/$f" ]; then echo "$f"; fi; done`;
      const { stdout, end } = await sh(script, { args: [home, name] });
      expect([end, textOf(stdout)]).toEqual([{ kind: 'exited', code: 0 }, '']);
    } finally {
      if (planted) rmSync(join(home, name), { force: true });
    }
  });

  test('hides the accounts and keys of the machine', async ({ sh }) => {
    const files =
      '/etc/shadow /etc/gshadow /etc/sudoers /etc/ssh /etc/ssl/private /etc/machine-id /run/docker.sock /var/run/docker.sock';
    const { stdout } = await sh(`for f in ${files}; do if [ -e "$f" ]; then echo "$f"; fi; done`);
    expect(textOf(stdout)).toBe('');
  });
}

function environmentCases(test: Case, { it, expect }: SandboxHarness, subject: SandboxSubject): void {
  it('hides the environment of the host, also in /proc', async () => {
    const [name, canary] = ['LOOPWRIGHT_TEST_CANARY', randomUUID()];
    process.env[name] = canary;
    try {
      await withBench(subject.create(process.env), async ({ sh }) => {
        const script =
          'env; for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr "\\0" "\\n" < "$f"; done; echo looked';
        const { stdout } = await sh(script, { env: { GIVEN: 'given' } });
        const seen = textOf(stdout);
        expect(seen).toContain('looked');
        expect(seen).toContain('GIVEN=given');
        expect(seen.includes(canary)).toBe(false);
        expect(seen.includes(name)).toBe(false);
      });
    } finally {
      delete process.env[name];
    }
  });

  test('gives what a program needs and nothing that waits for a person', async ({ sh }) => {
    const script =
      'test -w "$HOME" && test -w "$TMPDIR" && test -n "$PATH" && test -n "$LANG" && test "$TERM" = dumb && git --version && ! (: < /dev/tty) 2>/dev/null';
    const { end, stderr } = await sh(script);
    expect(end, textOf(stderr)).toEqual({ kind: 'exited', code: 0 });
  });

  test('hides the processes of the host', async ({ sh }) => {
    const { end } = await sh('for p in /proc/[0-9]*; do echo "$p"; done | wc -l; kill -0 "$1"', {
      args: [String(process.pid)],
    });
    expect(end.kind).toBe('exited');
    expect(end).toMatchObject({ code: 1 });
    const { stdout } = await sh('cat /proc/[0-9]*/cmdline | tr "\\0" "\\n"');
    expect(textOf(stdout).includes(process.execPath)).toBe(false);
  });

  test('survives a program that kills everything it can reach', async ({ sh }) => {
    const { end, stdout } = await sh('echo before; kill -9 -1; kill -9 1 $PPID; echo after');
    expect([end, textOf(stdout)]).toEqual([{ kind: 'exited', code: 0 }, 'before\nafter\n']);
    const parent = await sh('(kill -9 $PPID) ; kill -9 $$; echo never');
    expect(parent.end).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
  });

  test('leaves no way to more rights', async ({ sh }) => {
    const { stdout } = await sh(
      'grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status | tr -d "\\t"; unshare --user true && echo nested',
    );
    expect(textOf(stdout).split('\n').sort()).toEqual([
      '',
      'CapBnd:0000000000000000',
      'CapEff:0000000000000000',
      'NoNewPrivs:1',
    ]);
  });
}

/** Exit 0: connected. 1: refused. */
const CONNECT = 'command -v bash >/dev/null || exit 99; bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null || exit 1';

const SERVE_NODE = `const n=require("net");const s=n.createServer(c=>c.end("ok")).listen(0,"127.0.0.1",()=>
n.connect(s.address().port,"127.0.0.1").on("data",d=>{console.log(String(d));process.exit(0)}))`;

const SERVE_PYTHON = `import socket
s=socket.create_server(("127.0.0.1",0)); c=socket.create_connection(s.getsockname()); a,_=s.accept(); a.sendall(b"ok\\n"); print(c.recv(9).decode().strip())`;

function networkCases(test: Case, { expect }: SandboxHarness): void {
  test('reaches nothing of the host over its loopback', async ({ sh }) => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const port = await listening(server);
    try {
      const { end } = await sh(CONNECT, { args: [String(port)] });
      expect(end).toEqual({ kind: 'exited', code: 1 });
      expect(connections).toBe(0);
    } finally {
      server.close();
    }
  });

  test('lets a test server listen on the loopback inside', async ({ sh }) => {
    const script = 'if command -v node >/dev/null; then node -e "$1"; else python3 -c "$2"; fi';
    const { stdout, stderr } = await sh(script, { args: [SERVE_NODE, SERVE_PYTHON] });
    expect(textOf(stdout).trim(), textOf(stderr)).toBe('ok');
  });

  test('has no way out of the machine', async ({ sh }) => {
    const script =
      'command -v bash >/dev/null || exit 99; bash -c "exec 3<>/dev/udp/192.0.2.1/53" 2>/dev/null && exit 0; bash -c "exec 3<>/dev/tcp/192.0.2.1/80" 2>/dev/null && exit 0; exit 1';
    const { end } = await sh(script);
    expect(end).toEqual({ kind: 'exited', code: 1 });
  });
}

export function confinementCases(harness: SandboxHarness, subject: SandboxSubject): void {
  const test: Case = (name, body) => {
    harness.it(name, () => withBench(subject.create(process.env), body));
  };
  fileCases(test, harness);
  environmentCases(test, harness, subject);
  networkCases(test, harness);
}
