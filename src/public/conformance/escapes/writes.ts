/** Writing where the host would read, or run, what was written. */
import { attempts } from './attempt.ts';
import type { Attempt } from './attempt.ts';

const MOUNTS = 'the mount namespace: it is not mounted';
const READ_ONLY = 'the system is mounted read-only';

/** Opens for writing and writes nothing, so that trying it on a machine without a fence harms nobody. */
function opens(path: string): string {
  return `if [ -e ${path} ] && (: >> ${path}) 2>/dev/null; then echo REACHED; fi`;
}

/** Makes a file of its own name, and takes it away again. */
function makes(directory: string): string {
  return `f=${directory}/$PLANTED; if (set -C; : > "$f") 2>/dev/null; then echo REACHED; rm -f "$f"; fi`;
}

export const WRITES: readonly Attempt[] = attempts('writes', {
  'absolute-path': {
    what: 'overwrites a file beside the workspace',
    blockedBy: MOUNTS,
    script: 'echo changed > "$HOST_FILE"',
  },
  'beside-workspace': { what: 'makes a file beside the workspace', blockedBy: MOUNTS, script: makes('"$HOST_DIR"') },
  'shell-start': {
    what: 'adds a line to ~/.bashrc',
    blockedBy: MOUNTS,
    script: 'test -e "$HOST_HOME/.bashrc" && echo "echo planted" >> "$HOST_HOME/.bashrc"',
  },
  'ssh-access': {
    what: 'adds a key that may log in',
    blockedBy: MOUNTS,
    script: 'test -d "$HOST_HOME/.ssh" && echo "ssh-ed25519 planted" >> "$HOST_HOME/.ssh/authorized_keys"',
  },
  'git-settings': {
    what: 'sets a pager for every git of the person',
    blockedBy: MOUNTS,
    script: 'test -e "$HOST_HOME/.gitconfig" && printf "[core]\\npager=planted\\n" >> "$HOST_HOME/.gitconfig"',
  },
  'agent-hooks': {
    what: 'plants a hook that the next agent of the person runs',
    blockedBy: MOUNTS,
    source: 'Mini Shai-Hulud, April 2026',
    script: 'test -d "$HOST_HOME/.claude" && echo "{}" > "$HOST_HOME/.claude/settings.json"',
  },
  'through-link': {
    what: 'writes through a link that leads out',
    blockedBy: MOUNTS,
    script: 'ln -sfn "$HOST_FILE" out && echo changed > out',
  },
  'through-hard-link': {
    what: 'writes through a hard link',
    blockedBy: MOUNTS,
    script: 'ln -f "$HOST_FILE" hard-w && echo changed > hard-w',
  },
  rename: {
    what: 'moves a file of its own over one of the host',
    blockedBy: MOUNTS,
    script: 'echo changed > mine && mv -f mine "$HOST_FILE"',
  },
  truncate: { what: 'empties a file of the host', blockedBy: MOUNTS, script: 'truncate -s 0 "$HOST_FILE"' },
  remove: { what: 'removes a file of the host', blockedBy: MOUNTS, script: 'rm -f "$HOST_FILE" && ! test -e /nothing' },
  'change-mode': {
    what: 'makes a file of the host readable by all',
    blockedBy: MOUNTS,
    script: 'chmod 666 "$HOST_FILE"',
  },
  'change-time': {
    what: 'touches a file of the host',
    blockedBy: MOUNTS,
    script: 'touch -c -d 2001-01-01 "$HOST_FILE"',
  },
  programs: {
    what: 'plants a program on the PATH',
    blockedBy: READ_ONLY,
    outside: 'root',
    script: makes('/usr/local/bin'),
  },
  libraries: { what: 'plants a library', blockedBy: READ_ONLY, outside: 'root', script: makes('/usr/lib') },
  'cron-job': { what: 'plants a cron job', blockedBy: MOUNTS, outside: 'untried', script: makes('/etc/cron.d') },
  service: { what: 'plants a service', blockedBy: MOUNTS, outside: 'untried', script: makes('/etc/systemd/system') },
  preload: {
    what: 'opens the list of libraries every program loads',
    blockedBy: READ_ONLY,
    outside: 'untried',
    script: opens('/etc/ld.so.preload'),
  },
  'own-accounts': {
    what: 'opens the accounts for writing',
    blockedBy: READ_ONLY,
    outside: 'root',
    script: opens('/etc/passwd'),
  },
  'core-pattern': {
    what: 'opens the program the kernel runs when something crashes',
    blockedBy: '/proc/sys is mounted read-only',
    outside: 'untried',
    source: 'a classic of container escapes',
    script: opens('/proc/sys/kernel/core_pattern'),
  },
  modprobe: {
    what: 'opens the program the kernel runs to load modules',
    blockedBy: '/proc/sys is mounted read-only',
    outside: 'untried',
    script: opens('/proc/sys/kernel/modprobe'),
  },
  'binary-formats': {
    what: 'opens the registration of binary formats',
    blockedBy: '/proc/sys is mounted read-only',
    outside: 'untried',
    script: opens('/proc/sys/fs/binfmt_misc/register'),
  },
  'uevent-helper': {
    what: 'opens the program the kernel runs for new devices',
    blockedBy: 'only the list of processors of /sys is mounted',
    outside: 'untried',
    source: 'CDK, a kit of container escapes',
    script: opens('/sys/kernel/uevent_helper'),
  },
  'release-agent': {
    what: 'opens the program the kernel runs when a control group is empty',
    blockedBy: 'control groups are not mounted',
    outside: 'untried',
    source: 'CVE-2022-0492',
    script:
      'for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do [ -e "$f" ] && (: >> "$f") 2>/dev/null && echo REACHED; done',
  },
  'system-request': {
    what: 'opens the trigger that reboots the machine',
    blockedBy: 'no rights on it',
    outside: 'untried',
    script: opens('/proc/sysrq-trigger'),
  },
});
