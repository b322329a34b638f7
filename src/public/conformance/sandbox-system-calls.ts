/** Which system calls a sandbox that filters them has to refuse, made for real; and that ordinary programs need none of them. */
import { numberOf, knownArchitecture } from '../../sandboxes/system-calls.ts';
import type { SystemCall } from '../../sandboxes/system-calls.ts';
import { textOf, withBench } from './sandbox-bench.ts';
import type { SandboxBench, SandboxHarness, SandboxSubject } from './sandbox-bench.ts';

type Case = (name: string, body: (bench: SandboxBench) => Promise<void>) => void;

/** With arguments with which they work, or fail for another reason, where nothing refuses them. */
const REFUSED: readonly (readonly [SystemCall, ...number[]])[] = [
  ['keyctl', 0, -3, 0],
  ['add_key', 0, 0, 0, 0, 0],
  ['request_key', 0, 0, 0, 0],
  ['userfaultfd', 1],
  ['io_uring_setup', 1, 0],
  ['io_uring_enter', 0, 0, 0, 0],
  ['bpf', 0, 0, 0],
  ['perf_event_open', 0, 0, 0, 0, 0],
  ['process_vm_readv', 1, 0, 0, 0, 0, 0],
  ['process_vm_writev', 1, 0, 0, 0, 0, 0],
  ['pidfd_getfd', 0, 0, 0],
  ['kcmp', 1, 1, 0, 0, 0],
  ['mount', 0, 0, 0, 0, 0],
  ['umount2', 0, 0],
  ['pivot_root', 0, 0],
  ['chroot', 0],
  ['fsopen', 0, 0],
  ['move_mount', 0, 0, 0, 0, 0],
  ['open_tree', 0, 0, 0],
  ['mount_setattr', 0, 0, 0, 0, 0],
  ['open_by_handle_at', 0, 0, 0],
  ['unshare', 0x10000000],
  ['unshare', 0x00020000],
  ['unshare', 0x40000000],
  ['setns', 0, 0],
  ['clone', 0x10000011, 0, 0, 0, 0],
  ['clone3', 0, 0],
  // vsock, packets, the kernel's own ciphers, raw, packet filters, SCTP.
  ['socket', 40, 1, 0],
  ['socket', 17, 3, 0],
  ['socket', 38, 5, 0],
  ['socket', 2, 3, 1],
  ['socket', 16, 3, 12],
  ['socket', 2, 1, 132],
  ['init_module', 0, 0, 0],
  ['finit_module', 0, 0, 0],
  ['kexec_load', 0, 0, 0, 0],
  ['swapon', 0, 0],
  ['reboot', 0, 0, 0],
  ['fanotify_init', 0, 0],
  ['ptrace', 0, 0, 0, 0],
  // The canary: a socket every program may make, by the same way.
  ['socket', 1, 1, 0],
];

/** EPERM, EACCES, ENOSPC (no more namespaces), ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT. */
const REFUSALS = new Set([1, 13, 28, 38, 93, 97]);

/** Prints the number of the error of each call of `N,ARGUMENT,...`; 0 where it worked. */
const CALL = `exec perl -e 'for (@ARGV) { my @call = map { int } split /,/; $! = 0; my $r = syscall($call[0], @call[1 .. $#call]);
print $r == -1 ? $! + 0 : 0, "\\n" }' "$@"`;

/** Threads, processes, sockets between them and questions about interfaces: what test runners do all day. */
const BUSY_NODE = `const {Worker}=require("worker_threads"),c=require("child_process"),n=require("net"),os=require("os");os.networkInterfaces();
c.execFileSync("true");new Worker("0",{eval:true}).on("exit",()=>{const s=n.createServer(k=>k.end("ok")).listen("busy.sock",()=>
n.connect("busy.sock").on("data",d=>{console.log(String(d));s.close()}))})`;

const BUSY_PYTHON = `import multiprocessing,socket,subprocess,threading
subprocess.run(["true"],check=True); t=threading.Thread(target=print,args=("ok",)); t.start(); t.join()
q=multiprocessing.get_context("fork").Queue(); p=multiprocessing.get_context("fork").Process(target=q.put,args=(1,)); p.start(); q.get(); p.join(); socket.getaddrinfo("localhost",1)`;

export function systemCallCases(harness: SandboxHarness, subject: SandboxSubject): void {
  const { it, expect } = harness;
  const architecture = knownArchitecture(process.arch);
  const test: Case = (name, body) => {
    it(name, () => withBench(subject.create(process.env), body));
  };

  test('runs programs with threads, processes and sockets of their own', async ({ sh }) => {
    const script =
      'if command -v node >/dev/null; then node -e "$1"; fi; if command -v python3 >/dev/null; then python3 -c "$2"; fi';
    const { stdout, stderr } = await sh(script, { args: [BUSY_NODE, BUSY_PYTHON] });
    expect(textOf(stdout).replaceAll(/(ok\n)+/gu, 'ok\n'), textOf(stderr)).toBe('ok\n');
  });

  if (architecture === null || (subject.lacks ?? []).includes('system-calls')) {
    const why = architecture === null ? `no numbers are known for ${process.arch}` : `${subject.name} does not filter`;
    it.skip(`refuses the system calls that only break out (${why})`, () => undefined);
    return;
  }

  test('refuses the system calls that only break out', async ({ sh }) => {
    const calls = REFUSED.map(([call, ...given]) => [numberOf(call, architecture) ?? -1, ...given].join(','));
    const { stdout, stderr } = await sh(CALL, { args: calls });
    const errors = textOf(stdout).trim().split('\n').map(Number);
    expect(errors.length, textOf(stderr)).toBe(calls.length);
    const through = REFUSED.filter((_, index) => !REFUSALS.has(errors[index] ?? 0)).map(String);
    expect(through).toEqual(['socket,1,1,0']);
  });

  test('filters every program from its first instruction on', async ({ sh }) => {
    const { stdout } = await sh('grep -hE "^(Seccomp|NoNewPrivs):" /proc/[0-9]*/status | tr -d "\\t" | sort -u');
    expect(textOf(stdout)).toBe('NoNewPrivs:1\nSeccomp:2\n');
  });
}
