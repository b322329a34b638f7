/** Changing the fence itself, and calls of the kernel that exploits begin with. */
import { attempts, perl, systemCall } from './attempt.ts';
import type { Attempt } from './attempt.ts';

const SECCOMP = 'seccomp';
const NO_RIGHTS = 'no capability, and seccomp';

function call(
  what: string,
  x64: number,
  arm64: number,
  args: string,
): { what: string; blockedBy: string; outside: 'untried'; script: string } {
  return { what, blockedBy: SECCOMP, outside: 'untried', script: systemCall({ x64, arm64 }, args) };
}

const KERNEL: readonly Attempt[] = attempts('kernel', {
  mount: { ...call('mounts a file system', 165, 40, '"none", "/tmp", "tmpfs", 0, 0'), blockedBy: NO_RIGHTS },
  unmount: { ...call('takes a mount away', 166, 39, '"/proc/sys", 2'), blockedBy: NO_RIGHTS },
  'remount-writable': {
    ...call('mounts the system again, writable', 165, 40, '"none", "/usr", 0, 32 | 4096, 0'),
    blockedBy: NO_RIGHTS,
  },
  'open-tree': call('copies a mount by the new interface', 428, 428, '-100, "/usr", 1'),
  'move-mount': call('moves a mount by the new interface', 429, 429, '-100, "/usr", -100, "/tmp", 0'),
  'new-mount': call('makes a file system by the new interface', 430, 430, '"tmpfs", 0'),
  'mount-attributes': call('changes the attributes of a mount', 442, 442, '-100, "/usr", 0, 0, 0'),
  'change-root': { ...call('changes its root', 161, 51, '"/tmp"'), blockedBy: NO_RIGHTS },
  'pivot-root': { ...call('swaps its root', 155, 41, '"/tmp", "/tmp"'), blockedBy: NO_RIGHTS },
  'user-namespace': {
    what: 'makes a user namespace, in which it would be root',
    blockedBy: 'user namespaces are switched off inside, and seccomp',
    source: 'the usual start of kernel exploits; open in Codex 0.169',
    script: 'unshare --user true && echo REACHED',
    outside: 'untried',
  },
  'mount-namespace': {
    what: 'makes a mount namespace',
    blockedBy: NO_RIGHTS,
    script: 'unshare --mount true && echo REACHED',
    outside: 'root',
  },
  'network-namespace': {
    what: 'makes a network namespace',
    blockedBy: NO_RIGHTS,
    script: 'unshare --net true && echo REACHED',
    outside: 'root',
  },
  'clone-namespace': {
    what: 'makes a user namespace by clone',
    blockedBy: 'user namespaces are switched off inside, and seccomp',
    outside: 'untried',
    script: perl(`use POSIX (); my $pid = syscall(${process.arch === 'arm64' ? 220 : 56}, 0x10000000 | 17, 0, 0, 0, 0);
      if ($pid == 0) { POSIX::_exit(0) } print $pid > 0 ? "REACHED\\n" : "$!\\n";`),
  },
  'join-namespace': {
    what: 'joins the namespaces of a process of the host',
    blockedBy: 'the PID namespace: there is no such process',
    script: 'nsenter -t "$HOST_PID" -a true && echo REACHED',
    outside: 'root',
  },
  'nested-sandbox': {
    what: 'builds a sandbox of its own, to undo ours in',
    blockedBy: 'user namespaces are switched off inside, and seccomp',
    script: 'bwrap --ro-bind / / --unshare-user --proc /proc true 2>/dev/null && echo REACHED',
    outside: 'untried',
  },
  'raise-namespaces': {
    what: 'switches user namespaces on again',
    blockedBy: '/proc/sys is mounted read-only',
    outside: 'untried',
    script: 'echo 100 > /proc/sys/user/max_user_namespaces && echo REACHED',
  },
  'raise-processes': {
    what: 'raises how many processes there may be',
    blockedBy: '/proc/sys is mounted read-only',
    outside: 'untried',
    script: 'cat /proc/sys/kernel/pid_max > /proc/sys/kernel/pid_max && echo REACHED',
  },
  'block-device': {
    what: 'makes a device that is a disk',
    blockedBy: NO_RIGHTS,
    outside: 'untried',
    script: 'mknod disk b 253 0 && echo REACHED',
  },
  'memory-device': {
    what: 'makes a device that is the memory',
    blockedBy: NO_RIGHTS,
    outside: 'untried',
    script: 'mknod memory c 1 1 && echo REACHED',
  },
  'load-module': call('loads a module into the kernel', 175, 105, '0, 0, 0'),
  'load-module-file': call('loads a module from a file', 313, 273, '-1, 0, 0'),
  'unload-module': call('takes a module out of the kernel', 176, 106, '0, 0'),
  'load-kernel': call('loads another kernel', 246, 104, '0, 0, 0, 0'),
  'load-program': call('loads a program into the kernel (bpf)', 321, 280, '0, 0, 0'),
  'fault-handling': {
    ...call('handles its own page faults (userfaultfd)', 323, 282, '1'),
    source: 'used by exploits to win races',
  },
  'ring-setup': {
    ...call('sets up io_uring, which seccomp does not see', 425, 425, '1, 0'),
    source: 'more than half of the kernel exploits of one bounty programme',
  },
  performance: {
    ...call('counts events of the processor', 298, 241, '0, 0, -1, -1, 0'),
    source: 'CVE-2013-2094 and many since',
  },
  'swap-on': call('swaps memory to a file of its own', 167, 224, '"/workspace/swap", 0'),
  accounting: call('writes accounts of processes', 163, 89, '0'),
  reboot: call('reboots the machine', 169, 142, '0, 0, 0, 0'),
  clock: call('sets the clock', 164, 170, '0, 0'),
  'clock-adjust': { ...call('sets the clock by the other call', 227, 112, '0, 0') },
  'open-by-handle': call('opens a file by its handle', 304, 265, '-1, 0, 0'),
  quota: call('asks for quotas of disks', 179, 60, '0, 0, 0, 0'),
  'kernel-log': {
    ...call('reads the log of the kernel', 103, 116, '10, 0, 0'),
    source: 'shows addresses of the kernel',
  },
});

const RIGHTS: readonly Attempt[] = attempts('rights', {
  capabilities: {
    what: 'has a capability',
    blockedBy: 'all are dropped',
    outside: 'root',
    script: `grep -q '^CapEff:.*[1-9a-f]' /proc/self/status && echo REACHED`,
  },
  bounding: {
    what: 'could gain a capability',
    blockedBy: 'the bounding set is empty',
    outside: 'root',
    script: `grep -q '^CapBnd:.*[1-9a-f]' /proc/self/status && echo REACHED`,
  },
  'new-privileges': {
    what: 'may gain rights by running a program',
    blockedBy: 'no_new_privs',
    outside: 'untried',
    script: `grep -q '^NoNewPrivs:.0' /proc/self/status && echo REACHED`,
  },
  unfiltered: {
    what: 'runs without a filter of system calls',
    blockedBy: SECCOMP,
    outside: 'untried',
    script: `grep -q '^Seccomp:.0' /proc/self/status && echo REACHED`,
  },
  'become-root': {
    what: 'becomes root',
    blockedBy: 'no other user is mapped',
    outside: 'untried',
    script: perl('$< = 0; $> = 0; print $> == 0 ? "REACHED\\n" : "$!\\n";'),
  },
  'set-user-program': {
    what: 'runs a program that belongs to root and says so',
    blockedBy: 'no_new_privs',
    outside: 'untried',
    script:
      'for p in su sudo mount passwd newgrp pkexec; do f=$(command -v $p) && [ -u "$f" ] && "$f" --version >/dev/null 2>&1 </dev/null; done; id -u | grep -qx 0 && echo REACHED',
  },
  'own-set-user-program': {
    what: 'makes one of its own',
    blockedBy: 'no_new_privs, and the owner is nobody outside',
    outside: 'untried',
    script:
      'cp /bin/sh own-sh && chmod u+s own-sh && ./own-sh -p -c "grep -q ^NoNewPrivs:.0 /proc/self/status" && echo REACHED',
  },
  groups: {
    what: 'joins a group',
    blockedBy: 'no capability',
    outside: 'untried',
    script: perl('$) = "0 0"; print +(split " ", $))[0] == 0 ? "REACHED\\n" : "$!\\n";'),
  },
  'foreign-calls': {
    what: 'calls the kernel by the numbers of another machine (x32)',
    blockedBy: SECCOMP,
    outside: 'untried',
    script:
      process.arch === 'x64'
        ? perl('my $a = syscall(0x40000000 | 39); print $a > 0 ? "REACHED\\n" : "$!\\n";')
        : 'true',
  },
});

export const FENCE: readonly Attempt[] = [...KERNEL, ...RIGHTS];
