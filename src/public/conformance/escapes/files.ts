/** Reading what belongs to the host. */
import { attempts } from './attempt.ts';
import type { Attempt } from './attempt.ts';

/** Where tools keep what opens other doors. The stage puts its secret into each, below a home directory of its own. */
export const HOME_SECRETS: Readonly<Record<string, string>> = {
  'ssh-key': '.ssh/id_ed25519',
  'ssh-config': '.ssh/config',
  'aws-credentials': '.aws/credentials',
  'gcloud-credentials': '.config/gcloud/application_default_credentials.json',
  'azure-tokens': '.azure/msal_token_cache.json',
  'kube-config': '.kube/config',
  'docker-login': '.docker/config.json',
  netrc: '.netrc',
  'npm-token': '.npmrc',
  'pypi-token': '.pypirc',
  'git-credentials': '.git-credentials',
  'gh-token': '.config/gh/hosts.yml',
  'gnupg-keys': '.gnupg/private-keys-v1.d/key',
  'shell-history': '.bash_history',
  'claude-login': '.claude/.credentials.json',
  'codex-login': '.codex/auth.json',
  'browser-cookies': '.mozilla/firefox/default/cookies.sqlite',
  'loopwright-state': '.local/state/loopwright/store.sqlite',
};

const MOUNTS = 'the mount namespace: it is not mounted';

function homeSecrets(): readonly Attempt[] {
  return attempts(
    'files',
    Object.fromEntries(
      Object.entries(HOME_SECRETS).map(([name, path]) => [
        name,
        { what: `reads ~/${path}`, blockedBy: MOUNTS, script: `cat "$HOST_HOME/${path}"` },
      ]),
    ),
  );
}

const OTHER: readonly Attempt[] = attempts('files', {
  'absolute-path': {
    what: 'reads a file beside the workspace by its path',
    blockedBy: MOUNTS,
    script: 'cat "$HOST_FILE"',
  },
  'dot-dot': {
    what: 'climbs out of the workspace with ..',
    blockedBy: MOUNTS,
    script:
      'cat "../$(basename "$(dirname "$HOST_FILE")")/$(basename "$HOST_FILE")" ../../../../../../../../../"$HOST_FILE"',
  },
  'link-in-workspace': {
    what: 'follows a link that leads out of the workspace',
    blockedBy: MOUNTS,
    source: 'CVE-2025-59829, CVE-2026-39861',
    script: 'ln -sfn "$(dirname "$HOST_FILE")" way-out && cat "way-out/$(basename "$HOST_FILE")"',
  },
  'link-chain': {
    what: 'follows a chain of links, each of which looks harmless',
    blockedBy: MOUNTS,
    source: 'CVE-2026-25724',
    script: 'mkdir -p a && ln -sfn "$HOST_FILE" a/b && ln -sfn a/b c && cat c',
  },
  'hard-link': {
    what: 'makes a hard link to a file of the host',
    blockedBy: MOUNTS,
    script: 'ln -f "$HOST_FILE" hard && cat hard',
  },
  'root-of-first-process': {
    what: 'goes through /proc/1/root',
    blockedBy: 'the PID namespace: process 1 is inside',
    outside: 'untried',
    script: 'cat "/proc/1/root$HOST_FILE"',
  },
  'root-of-host-process': {
    what: 'goes through /proc/PID/root of a process of the host',
    blockedBy: 'the PID namespace: there is no such process',
    script: 'cat "/proc/$HOST_PID/root$HOST_FILE"',
  },
  'cwd-of-host-process': {
    what: 'goes through /proc/PID/cwd of a process of the host',
    blockedBy: 'the PID namespace: there is no such process',
    script: 'cat "/proc/$HOST_PID/cwd/$(basename "$HOST_FILE")"',
  },
  descriptors: {
    what: 'looks for open descriptors that lead to the host',
    blockedBy: 'every descriptor but the standard three is closed',
    outside: 'untried',
    script:
      'for d in /proc/self/fd/* /proc/1/fd/*; do case $(readlink "$d") in /*) cat "$d/$(basename "$HOST_FILE")" "$d/../$(basename "$HOST_FILE")" 2>/dev/null ;; esac; done',
  },
  'every-mount': {
    what: 'looks for the file below every mount',
    blockedBy: MOUNTS,
    outside: 'untried',
    script:
      'cut -d" " -f5 /proc/self/mountinfo | while read -r at; do cat "$at/$HOST_FILE" "$at/$(basename "$HOST_FILE")" 2>/dev/null; done',
  },
  'mount-sources': {
    what: 'reads paths of the home directory out of the list of mounts',
    blockedBy: 'the home is not a source of any mount',
    outside: 'untried',
    script: 'grep -c " $HOST_HOME" /proc/self/mountinfo | grep -vx 0 && echo REACHED',
  },
  'shadow-file': {
    what: 'reads the passwords of the machine',
    blockedBy: MOUNTS,
    outside: 'root',
    script: 'test -s /etc/shadow && cat /etc/shadow > /dev/null && echo REACHED',
  },
  'machine-wide-settings': {
    what: 'reads machine-wide settings beside the programs, where npm keeps tokens: /usr/local/etc',
    blockedBy: 'of /usr/etc and /usr/local/etc no more is shown than of /etc',
    outside: 'root',
    script: 'cat "$HOST_SETTINGS"; cat /usr/etc/*rc /usr/local/etc/*rc 2>/dev/null | grep -q . && echo REACHED',
  },
  'toolchain-settings': {
    what: 'reads the settings of npm in the toolchain it is shown',
    blockedBy: 'an empty file is mounted over it',
    script: 'cat "$HOST_TOOL_SETTINGS"',
  },
  accounts: {
    what: 'reads who has an account on the machine',
    blockedBy: '/etc/passwd is written for the sandbox',
    outside: 'untried',
    script: `grep -v -e ^root: -e ^agent: -e ^nobody: /etc/passwd && echo REACHED`,
  },
  'machine-id': {
    what: 'reads the identity of the machine',
    blockedBy: MOUNTS,
    outside: 'untried',
    script: 'cat /etc/machine-id /var/lib/dbus/machine-id /sys/class/dmi/id/product_uuid && echo REACHED',
  },
  'kernel-log': {
    what: 'reads the log of the kernel',
    blockedBy: 'no capability, and seccomp',
    outside: 'untried',
    script: 'timeout 2 head -c 1 /dev/kmsg && echo REACHED; dmesg 2>/dev/null | grep -q . && echo REACHED',
  },
  memory: {
    what: 'reads the memory of the machine',
    blockedBy: '/dev holds harmless devices only',
    outside: 'untried',
    script:
      'for f in /dev/mem /dev/kmem /dev/port /proc/kcore /proc/kallsyms_all; do head -c 1 "$f" 2>/dev/null | grep -q . && echo REACHED; done',
  },
  disks: {
    what: 'reads a disk behind the file system',
    blockedBy: '/dev holds harmless devices only',
    outside: 'untried',
    script:
      'for f in /dev/sd* /dev/vd* /dev/nvme* /dev/dm-* /dev/loop* /dev/mapper/*; do [ -e "$f" ] && echo REACHED; done',
  },
  'host-environment': {
    what: 'reads variables of the supervisor out of its own environment and out of /proc',
    blockedBy: 'an empty environment, for the sandbox program too',
    source: 'Codex 0.169 and bare bubblewrap show it in /proc/1/environ',
    script: 'env; cat /proc/1/environ /proc/*/environ | tr "\\0" "\\n"',
  },
  'environment-of-host-process': {
    what: 'reads the environment of a process of the host',
    blockedBy: 'the PID namespace: there is no such process',
    script: 'tr "\\0" "\\n" < "/proc/$HOST_PID/environ"',
  },
  'handle-of-file': {
    what: 'opens a file by its handle, past every path (as "shocker" left containers)',
    blockedBy: 'no capability, and seccomp',
    source: 'shocker.c, 2014',
    outside: 'untried',
    script: `perl -e '
      my $handle = pack("IIQ", 8, 1, 2); open(my $at, "<", "/") or exit;
      my $fd = syscall(${process.arch === 'arm64' ? 265 : 304}, fileno($at), $handle, 0);
      print $fd >= 0 ? "REACHED\\n" : "$!\\n";'`,
  },
});

export const READS: readonly Attempt[] = [...homeSecrets(), ...OTHER];
