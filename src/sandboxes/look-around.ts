/** What a process sees when it looks around inside, and what that says about the confinement. */
import type { HostView } from './host-view.ts';

/**
 * Prints one `name<TAB>value` per line. $1: home of the host's user; $2: a file of the host that must not be seen; $3: a
 * name to create where nothing may be created. Needs nothing but a shell and coreutils.
 */
export const LOOK_AROUND = `
say() { printf '%s\\t%s\\n' "$1" "$2"; }
words() { tr '\\n' ' '; }
say interfaces "$(sed -n 's/^ *\\([^ :]*\\):.*/\\1/p' /proc/net/dev | words)"
say home "$(ls -A "$1" 2>/dev/null | words)"
if [ -e "$2" ]; then say canary seen; else say canary hidden; fi
say variables "$(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | cut -d= -f1 | sort -u | words)"
say namespace "$(readlink /proc/self/ns/pid)"
say processes "$(ls /proc | grep -c '^[0-9]')"
written=
for place in / /usr /etc /opt /home /var /proc/sys/kernel "$1"; do
  if (: > "$place/$3") 2>/dev/null; then written="$written $place"; fi
done
say written "$written"
if (: > "./$3") 2>/dev/null; then say workspace writable; else say workspace read-only; fi
say capabilities "$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)"
say privileges "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status)"
say filter "$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)"
if command -v unshare >/dev/null; then
  if unshare --user true 2>/dev/null; then say namespaces allowed; else say namespaces refused; fi
else
  say namespaces unknown
fi
if (: < /dev/tty) 2>/dev/null; then say terminal reachable; else say terminal none; fi
say end end
`;

export type Sights = Readonly<Record<string, string>>;

export function readSights(output: string): Sights {
  const pairs = output.split('\n').map((line) => line.split('\t'));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value.trim()]));
}

function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}

/** The entries directly below the home directory that known toolchains need. */
export function shownOfHome(view: HostView, home: string): readonly string[] {
  const below = view.toolchains.filter((part) => part.path.startsWith(`${home}/`));
  return [...new Set(below.map((part) => part.path.slice(home.length + 1).split('/')[0] ?? ''))];
}

export interface Expectations {
  readonly view: HostView;
  /** Home of the user on the host. */
  readonly home: string;
  readonly hostVariables: readonly string[];
  /** Variables the launch itself sets, by name. */
  readonly ownVariables: readonly string[];
  readonly hostNamespace: string;
  /** Whether there is a filter on system calls for this machine. */
  readonly filtered: boolean;
}

/** Shells set these by themselves. */
const SHELL_VARIABLES = ['PWD', 'OLDPWD', 'SHLVL', '_'];

/** Each sentence names a promise that does not hold. Pure. */
export function findBroken(sights: Sights, expected: Expectations): readonly string[] {
  const broken: string[] = [];
  const promise = (holds: boolean, otherwise: string): void => {
    if (!holds) broken.push(otherwise);
  };
  const own = new Set([...expected.ownVariables, ...SHELL_VARIABLES]);
  const leaked = wordsOf(sights['variables']).filter((name) => !own.has(name) && expected.hostVariables.includes(name));
  const known = shownOfHome(expected.view, expected.home);
  const strange = wordsOf(sights['home']).filter((name) => !known.includes(name));
  promise(sights['end'] === 'end', 'looking around inside did not come to its end');
  promise(sights['interfaces'] === 'lo', `network interfaces inside: ${sights['interfaces']}`);
  promise(strange.length === 0, `of the home directory, ${strange.join(', ')} can be seen`);
  promise(sights['canary'] === 'hidden', 'a temporary file of the host can be seen');
  promise(leaked.length === 0, `of the host's environment, ${leaked.join(', ')} can be read`);
  promise(sights['namespace'] !== expected.hostNamespace, 'processes of the host can be seen');
  promise(sights['written'] === '', `files can be created in${sights['written'] ?? ''}`);
  promise(sights['workspace'] === 'writable', 'the workspace cannot be written to');
  promise(/^0+$/u.test(sights['capabilities'] ?? ''), `capabilities inside: ${sights['capabilities']}`);
  promise(sights['privileges'] === '1', 'programs inside can gain privileges');
  // 2 is the mode of a filter (`linux/seccomp.h`).
  promise(!expected.filtered || sights['filter'] === '2', 'system calls are not filtered');
  promise(sights['namespaces'] !== 'allowed', 'user namespaces can be made inside');
  promise(sights['terminal'] === 'none', 'the terminal can be reached');
  return broken;
}

/** What every sandbox keeps that was looked around in and found whole. `shown`: of the home directory of the host. */
export function keptAlike(sights: Sights, shown: readonly string[]): Readonly<Record<string, string>> {
  return {
    network: 'none; loopback inside works',
    home: shown.length === 0 ? 'hidden' : `hidden but for toolchains, read-only: ${shown.join(', ')}`,
    'host environment': 'hidden',
    'host processes': `hidden; ${sights['processes']} inside`,
    'temporary files': 'private',
    writes: 'workspace only; everything else read-only or gone with the process',
    capabilities: 'none, and no way to gain any',
  };
}
