/** Processes and memory of the host, and what outlives the sandbox. */
import { attempts, everywhere, perl, systemCall } from './attempt.ts';
import type { Attempt } from './attempt.ts';

const NO_PROCESS = 'the PID namespace: there is no such process';
const SECCOMP = 'seccomp';

/** The victim is alive and the call found it. */
function onVictim(x64: number, arm64: number, args: string): string {
  const number = process.arch === 'arm64' ? arm64 : x64;
  return perl(`my $answer = syscall(${number}, ${args}); print $answer >= 0 ? "REACHED\\n" : "$!\\n";`);
}

const VICTIM = '$ENV{HOST_PID}+0';

const PROCESSES: readonly Attempt[] = attempts('processes', {
  signal: {
    what: 'ends a process of the host',
    blockedBy: NO_PROCESS,
    script: 'kill -TERM "$HOST_PID" && echo REACHED',
  },
  'see-signal': {
    what: 'asks whether a process of the host is there',
    blockedBy: NO_PROCESS,
    script: 'kill -0 "$HOST_PID" && echo REACHED',
  },
  list: {
    what: 'lists the processes of the host',
    blockedBy: NO_PROCESS,
    script: perl(
      'for my $f (glob "/proc/[0-9]*/cmdline") { open(my $h, "<", $f) or next; my $line = join "", <$h>; print "REACHED\\n" if $line eq "sleep\\0$ENV{HOST_TOKEN}\\0"; }',
    ),
  },
  trace: {
    what: 'traces a process of the host',
    blockedBy: NO_PROCESS,
    script: onVictim(101, 117, `16902, ${VICTIM}, 0, 0`),
  },
  'trace-own': {
    what: 'traces a process of its own, as debuggers and exploits do',
    blockedBy: SECCOMP,
    outside: 'untried',
    script: systemCall({ x64: 101, arm64: 117 }, '0, 0, 0, 0'),
  },
  'read-memory': {
    what: 'reads the memory of a process of the host',
    blockedBy: NO_PROCESS,
    script: 'head -c 1 "/proc/$HOST_PID/maps" | grep -q . && echo REACHED',
  },
  'copy-memory': {
    what: 'copies memory between processes',
    blockedBy: SECCOMP,
    outside: 'untried',
    script: systemCall({ x64: 310, arm64: 270 }, '$$, 0, 0, 0, 0, 0'),
  },
  descriptor: {
    what: 'takes hold of a process of the host',
    blockedBy: NO_PROCESS,
    script: onVictim(434, 434, `${VICTIM}, 0`),
  },
  'steal-descriptor': {
    what: 'takes an open file out of another process',
    blockedBy: SECCOMP,
    outside: 'untried',
    script: systemCall(everywhere(438), '0, 0, 0'),
  },
  priority: {
    what: 'slows a process of the host down',
    blockedBy: NO_PROCESS,
    script: onVictim(141, 140, `0, ${VICTIM}, 10`),
  },
  affinity: {
    what: 'asks where a process of the host may run',
    blockedBy: NO_PROCESS,
    script: perl(
      `my $m = "\\0" x 128; my $a = syscall(${process.arch === 'arm64' ? 123 : 204}, ${VICTIM}, 128, $m); print $a >= 0 ? "REACHED\\n" : "$!\\n";`,
    ),
  },
  limits: {
    what: 'reads and sets the limits of a process of the host',
    blockedBy: NO_PROCESS,
    script: perl(
      `my $old = "\\0" x 16; my $a = syscall(${process.arch === 'arm64' ? 261 : 302}, ${VICTIM}, 7, 0, $old); print $a >= 0 ? "REACHED\\n" : "$!\\n";`,
    ),
  },
  'compare-kernel-objects': {
    what: 'compares objects of the kernel between processes',
    blockedBy: `${NO_PROCESS}; ${SECCOMP}`,
    outside: 'untried',
    script: systemCall({ x64: 312, arm64: 272 }, `$$, ${VICTIM}, 0, 0, 0`).replace('($! !=', '($! != 3 && $! !='),
  },
  'shared-memory': {
    what: 'attaches shared memory of the host by its number',
    blockedBy: 'the IPC namespace',
    source: 'sandboxes without an IPC namespace show it',
    script: `ipcs -m | grep -q "$HOST_SHM_KEY" && echo REACHED; ${perl('my $id = shmget(hex($ENV{HOST_SHM_KEY}), 0, 0); my $text; print $text if defined $id && shmread($id, $text, 0, 64);')}`,
  },
  'shared-files': {
    what: 'finds shared memory of the host by its name',
    blockedBy: '/dev/shm is its own',
    script: 'cat "/dev/shm/$HOST_SHM_NAME"',
  },
  'message-queue': {
    what: 'lists message queues of the host',
    blockedBy: 'the IPC namespace',
    outside: 'untried',
    script: 'ipcs -q | grep -q 0x && echo REACHED',
  },
  'job-of-keys': {
    what: 'reads the ring of keys of the person',
    blockedBy: SECCOMP,
    outside: 'untried',
    script: systemCall({ x64: 250, arm64: 219 }, '0, -4, 0, 0, 0'),
  },
  'add-key': {
    what: 'puts a key where others find it',
    blockedBy: SECCOMP,
    outside: 'untried',
    script: systemCall({ x64: 248, arm64: 217 }, '0, 0, 0, 0, 0'),
  },
  terminal: {
    what: 'types into the terminal it was started from',
    blockedBy: 'a session of its own, no terminal, and seccomp',
    source: 'CVE-2017-5226',
    outside: 'untried',
    script: perl(
      'for my $t ("/dev/tty", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2") { open(my $h, "+<", $t) or next; my $c = "x"; print "REACHED\\n" if defined ioctl($h, 0x5412, $c); }',
    ),
  },
});

/** What is still there when the sandbox is gone is found by the stage: a marked process, or a file. */
const LEFTOVERS: readonly Attempt[] = attempts('leftovers', {
  daemon: {
    what: 'leaves a daemon behind that left its session',
    blockedBy: 'the PID namespace ends with its first process',
    script: '(setsid sh -c "exec sleep $LEFT_TOKEN" >/dev/null 2>&1 &) ; exit 0',
    outside: 'untried',
  },
  'deaf-daemon': {
    what: 'leaves a daemon behind that ignores every signal it can',
    blockedBy: 'the PID namespace ends with its first process',
    script: '(setsid sh -c "trap \'\' TERM INT HUP QUIT; exec sleep $LEFT_TOKEN" >/dev/null 2>&1 &) ; exit 0',
    outside: 'untried',
  },
  'many-daemons': {
    what: 'leaves fifty of them',
    blockedBy: 'the PID namespace ends with its first process',
    script: 'i=0; while [ $i -lt 50 ]; do (setsid sleep "$LEFT_TOKEN" >/dev/null 2>&1 &); i=$((i+1)); done; exit 0',
    outside: 'untried',
  },
  'temporary-file': {
    what: 'leaves a file in /tmp for whoever comes next',
    blockedBy: '/tmp is its own',
    source: 'CVE-2026-46406',
    script: ': > "/tmp/$PLANTED"; : > "/var/tmp/$PLANTED"; : > "/dev/shm/$PLANTED"; exit 0',
  },
  'own-home': {
    what: 'leaves a file in the home directory for the next start',
    blockedBy: 'the home is its own',
    outside: 'untried',
    script: ': > "$HOME/$PLANTED"; exit 0',
  },
});

export const LIVES: readonly Attempt[] = [...PROCESSES, ...LEFTOVERS];
