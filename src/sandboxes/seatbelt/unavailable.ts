/** Why seatbelt cannot be had, and what it does not do where it can. */
import { LoopwrightError } from '../../core/errors.ts';

const OTHERWISE = 'On Linux leave `sandbox` out of the policy: bubblewrap is the default.';

/** Said first wherever the sandbox is named: what has not been seen is not claimed. */
export const UNPROVEN = 'never run on macOS by those who wrote it: the profile is tested as text alone';

export const GAPS: readonly string[] = [
  UNPROVEN,
  'no mounts: everything has the path it has on the host, and no overlay is offered: workspaces are clones',
  'a masked file cannot be read, instead of being empty; it and what is read-only are kept by path, so a hard link made before the launch, or by a process outside, leads past that',
  'no namespace of processes: a process that leaves its process group can survive the end of the launch, and processes of the host can be counted though not looked into',
  "the network is the host's: nothing but the forwarded ports and sockets can be reached, but those ports are taken on the loopback of the host, where any user can connect to them and a second launch that needs them fails; a program cannot connect to a server of its own on another port",
  'no limit on memory, processes, disk or deletions, and no filter on system calls',
  'services of the system that the profile allows (names of users, notifications, the log) are shared with the host',
  'a supervisor that is killed does not take the launch with it',
];

export function onlyOnMacOs(platform: string): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `seatbelt exists only on macOS, and this is ${platform} (and it was ${UNPROVEN})`,
    next: OTHERWISE,
    details: { platform },
  });
}

export function doesNotStart(cause: LoopwrightError): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `seatbelt does not work here: ${cause.message}`,
    next: 'Look for "Sandbox" in the log of the system, and report what it denied: the profile was never run before. Or choose `sandbox: none`, which confines nothing.',
    cause,
  });
}

/** It starts, and something got through that should not. */
export function doesNotConfine(broken: readonly string[]): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `seatbelt starts and does not confine: ${broken.join('; ')}`,
    next: 'Nothing will run in it. Please report this with the output of `loopwright doctor --sandbox seatbelt --json`.',
    details: { broken },
  });
}
