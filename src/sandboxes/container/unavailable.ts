/** Why no container can be had on a machine, and the command that changes it. */
import { LoopwrightError } from '../../core/errors.ts';

const OTHERWISE = 'Or leave `sandbox` out of the policy: bubblewrap is the default.';

interface Known {
  readonly said: RegExp;
  readonly what: string;
  readonly next: string;
}

/** What podman and the programs it starts say of machines that are not set up for it. Words of podman 4 and 5. */
const KNOWN: readonly Known[] = [
  {
    said: /no sub[ug]ids? ranges found|cannot find UID\/GID for user|not enough (?:unused )?IDs|insufficient UIDs|potentially insufficient/iu,
    what: 'this user has no subordinate ids, which a container of an ordinary user needs',
    next: 'Give it some: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER`, then `podman system migrate`.',
  },
  {
    said: /newuidmap|newgidmap/iu,
    what: 'newuidmap and newgidmap, which set up a container of an ordinary user, do not work',
    next: 'Install them: `sudo apt-get install uidmap` (Fedora: `dnf install shadow-utils`).',
  },
  {
    said: /OCI runtime .*not found|runtime .*(?:not found|no such file)|could not find a working runtime|crun|unknown version specified/iu,
    what: 'the runtime podman starts containers with is missing or does not work on this machine',
    next: 'Install the other one: `sudo apt-get install runc` (crun needs control groups of version 2 alone).',
  },
  {
    said: /(?:mkdir|open|creating|lock|chmod|storage).*(?:permission denied|read-only file system|no space left on device)/iu,
    what: 'podman cannot write where it keeps its containers',
    next: 'Make the directories writable that `podman info` names as graphRoot and runRoot, or set XDG_DATA_HOME and XDG_RUNTIME_DIR to directories that are.',
  },
];

/** What is known of such words, for people; null where nothing is. Pure. */
export function knownProblem(words: string): Pick<Known, 'what' | 'next'> | null {
  return KNOWN.find(({ said }) => said.test(words)) ?? null;
}

export function notInstalled(isRoot: boolean): LoopwrightError {
  const sudo = isRoot ? '' : 'sudo ';
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: 'podman is not on PATH',
    next: `Install it: \`${sudo}apt-get install podman runc uidmap\` (Fedora: \`dnf install podman\`). docker is not supported. ${OTHERWISE}`,
  });
}

/** `words`: what podman said. */
export function doesNotWork(words: string, cause: unknown): LoopwrightError {
  const known = knownProblem(words);
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `${known === null ? 'podman is installed and does not work here' : known.what}: ${words}`,
    next: `${known === null ? 'Run `podman info` and see what it says.' : known.next} ${OTHERWISE}`,
    details: { words },
    cause,
  });
}

/** It starts, and looking around inside showed something that should not be there. */
export function doesNotConfine(broken: readonly string[]): LoopwrightError {
  return new LoopwrightError('LW_SANDBOX_UNAVAILABLE', {
    message: `the container starts and does not confine: ${broken.join('; ')}`,
    next: `Nothing will run in it. Please report this with the output of \`loopwright doctor --sandbox container --json\`. ${OTHERWISE}`,
    details: { broken },
  });
}
