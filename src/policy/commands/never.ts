/**
 * What no unattended run may do, whatever a policy allows. Short on purpose: everything else that is not allowed is asked
 * about, and an unattended run has nobody to ask. Each line is something that agents did to people.
 */
import type { Part, ShellWord } from './model.ts';

type Run = Part & { readonly kind: 'run' };

const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'fish']);
const INTERPRETERS = new Set([...SHELLS, 'python', 'python3', 'node', 'perl', 'ruby', 'php']);
const FETCHERS = new Set(['curl', 'wget', 'fetch', 'aria2c', 'http', 'https']);
const STOPS = new Set(['shutdown', 'reboot', 'halt', 'poweroff', 'telinit']);
const RAISES = new Set(['sudo', 'doas', 'su', 'pkexec', 'runuser', 'sudoedit']);

function baseName(word: ShellWord | undefined): string {
  return (word?.value ?? '').replace(/^.*\//, '');
}

/** A directory whose loss cannot be repaired: the root, a home, a directory directly under the root. */
function isTree({ value, source, home }: ShellWord): boolean {
  if (home) return /^~[^/]*\/?(?:\*|\.\*?)?$/.test(source);
  if (/^"?\$\{?HOME\}?"?\/?\*?$/.test(source)) return true;
  return value !== null && /^\/+(?:\.?\/)*(?:\*|[\w.]+\/*\*?)?$/.test(value);
}

function removesTree(words: readonly ShellWord[]): boolean {
  const recursive = words.some((word) => /^-[a-zA-Z]*[rR]|^--recursive$/.test(word.value ?? ''));
  return recursive && words.slice(1).some(isTree);
}

function overwritesRemote(values: readonly string[]): boolean {
  const verb = values.indexOf('push');
  if (verb === -1) return false;
  return values
    .slice(verb + 1)
    .some((value) =>
      /^(?:-[a-zA-Z]*f[a-zA-Z]*|--force(?:-with-lease|-if-includes)?(?:=.*)?|--mirror|--delete|-d|--prune|\+.+|:.+)$/.test(
        value,
      ),
    );
}

const RULES: readonly (readonly [
  name: string,
  why: string,
  test: (run: Run, name: string, values: readonly string[]) => boolean,
])[] = [
  ['privilege', 'it asks for the rights of another user', (_, name) => RAISES.has(name)],
  ['halt', 'it stops the machine', (_, name) => STOPS.has(name)],
  [
    'remove-tree',
    'it removes a whole system or home directory',
    ({ words }, name) => ['rm', 'chmod', 'chown'].includes(name) && removesTree(words),
  ],
  ['format', 'it overwrites a file system', (_, name) => /^(?:mkfs(?:\..*)?|wipefs|fdisk|sfdisk|parted)$/.test(name)],
  [
    'device',
    'it writes to a device',
    (_, name, values) => name === 'dd' && values.some((value) => /^of=\/dev\/(?!null$|stdout$)/.test(value)),
  ],
  [
    'fetch-and-run',
    'it runs what it fetches from the network',
    ({ words, feeders }, name) =>
      INTERPRETERS.has(name) &&
      words.length <= 2 &&
      feeders.some((feeder) => feeder.some((word) => FETCHERS.has(baseName(word)))),
  ],
  [
    'overwrite-remote',
    'it overwrites or deletes what others have in a remote repository',
    (_, name, values) => name === 'git' && overwritesRemote(values),
  ],
];

export interface Never {
  readonly name: string;
  readonly why: string;
}

/** The built-in refusal a command meets, or null. */
export function neverRuns(run: Run): Never | null {
  const name = baseName(run.words[0]);
  const values = run.words.map((word) => word.value ?? '');
  const found = RULES.find(([, , test]) => test(run, name, values));
  return found === undefined ? null : { name: found[0], why: found[1] };
}

/** The same for a file that is written by a redirection. */
export function neverWrites(path: string): Never | null {
  if (/^\/dev\/(?:tcp|udp)\//.test(path))
    return { name: 'socket', why: 'it opens a connection past everything that watches' };
  return /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|mem|kmem|disk)/.test(path)
    ? { name: 'device', why: 'it writes to a device' }
    : null;
}
