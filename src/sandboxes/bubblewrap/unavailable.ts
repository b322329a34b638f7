/** Why bubblewrap does not work on a machine, and the command that changes it. */
import { existsSync, readFileSync } from 'node:fs';
import { LoopwrightError } from '../../core/errors.ts';

export interface MachineFacts {
  readonly platform: string;
  readonly isRoot: boolean;
  readonly inContainer: boolean;
  /** Ubuntu 23.10 and newer: programs without an AppArmor profile get user namespaces without any rights in them. */
  readonly appArmorRestricts: boolean;
  /** Debian before 11 and hardened kernels: `kernel.unprivileged_userns_clone` is 0. */
  readonly cloneForbidden: boolean;
  /** `user.max_user_namespaces`; null where it cannot be read. */
  readonly maxUserNamespaces: number | null;
  /** A filter on system calls is in force for loopwright itself, as in containers and in other sandboxes. */
  readonly callsFiltered: boolean;
}

function sysctl(name: string): string | null {
  const path = `/proc/sys/${name}`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** 2 is the mode of a filter (`linux/seccomp.h`). */
function isFiltered(): boolean {
  const path = '/proc/self/status';
  return existsSync(path) && /^Seccomp:\s*2$/mu.test(readFileSync(path, 'latin1'));
}

export function lookAtMachine(): MachineFacts {
  const most = sysctl('user/max_user_namespaces');
  return {
    platform: process.platform,
    isRoot: process.geteuid?.() === 0,
    inContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    appArmorRestricts: sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1',
    cloneForbidden: sysctl('kernel/unprivileged_userns_clone') === '0',
    maxUserNamespaces: most === null ? null : Number(most),
    callsFiltered: isFiltered(),
  };
}

const OTHERWISE = 'Or choose `sandbox: none` in the policy, which confines nothing.';

function fix(facts: MachineFacts, words: string): string {
  const sudo = facts.isRoot ? '' : 'sudo ';
  if (/Unknown option/iu.test(words)) {
    return 'This bubblewrap is too old: 0.8 is the first that can forbid namespaces inside. Install a newer one.';
  }
  if (facts.cloneForbidden) return `Allow user namespaces: \`${sudo}sysctl -w kernel.unprivileged_userns_clone=1\`.`;
  // The second is bubblewrap's hint for ENOSPC: as many as allowed exist, or a sandbox forbids others inside it.
  if (facts.maxUserNamespaces === 0 || words.includes('max_*_namespaces'))
    return `Allow user namespaces: \`${sudo}sysctl -w user.max_user_namespaces=15000\`.`;
  if (facts.appArmorRestricts && !facts.isRoot) {
    return (
      'AppArmor keeps user namespaces from programs it does not know. Allow them: ' +
      `\`${sudo}sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\`, ` +
      'or give bwrap alone a profile in /etc/apparmor.d with the line `userns,`.'
    );
  }
  if (facts.inContainer) {
    return (
      'This is a container that allows no user namespaces. Start it with `docker run --security-opt seccomp=unconfined ' +
      '--security-opt apparmor=unconfined --security-opt systempaths=unconfined ...`.'
    );
  }
  if (facts.callsFiltered) {
    return (
      'loopwright itself runs where a filter on system calls refuses namespaces: in another sandbox, or in a container. ' +
      'Start it outside of that, or start that with a filter that allows `unshare`, `clone` and `mount`.'
    );
  }
  return 'Allow unprivileged user namespaces and mounts for this user; what bubblewrap said names the call that was refused.';
}

export function notInstalled(facts: MachineFacts): LoopwrightError {
  const sudo = facts.isRoot ? '' : 'sudo ';
  const next =
    facts.platform === 'linux'
      ? `Install it: \`${sudo}apt-get install bubblewrap\` (Fedora: \`dnf install bubblewrap\`). ${OTHERWISE}`
      : `bubblewrap exists for Linux only: run loopwright in a Linux machine or container. ${OTHERWISE}`;
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', { message: 'bubblewrap (bwrap) is not on PATH', next });
}

/** `cause` is what the trial launch was rejected with; its message carries bubblewrap's own words. */
export function doesNotStart(facts: MachineFacts, cause: LoopwrightError): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `bubblewrap is installed and does not work here: ${cause.message}`,
    next: `${fix(facts, cause.message)} ${OTHERWISE}`,
    details: { ...facts },
    cause,
  });
}

/** It starts, and looking around inside showed something that should not be there. */
export function doesNotConfine(broken: readonly string[]): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `bubblewrap starts and does not confine: ${broken.join('; ')}`,
    next: `Nothing will run in it. Please report this with the output of \`loopwright doctor --json\`. ${OTHERWISE}`,
    details: { broken },
  });
}
