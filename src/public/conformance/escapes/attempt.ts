/** An attempt to get out of a sandbox: what it does, how it would be noticed, and what has to stop it. */

export type Family = 'files' | 'writes' | 'network' | 'sockets' | 'processes' | 'kernel' | 'rights' | 'leftovers';

/**
 * Where the same attempt gets through, tried by the suite so that none of them is blind: `anyone`, `root`: where nothing
 * confines, for a user with these rights. `untried`: it would harm the machine there, or needs hardware or a kernel that
 * may be absent.
 */
export type ReachesOutside = 'anyone' | 'root' | 'untried';

export interface Attempt {
  /** Stable: `files/ssh-key`. */
  readonly id: string;
  readonly family: Family;
  /** What it tries, for people. */
  readonly what: string;
  /** What has to stop it. */
  readonly blockedBy: string;
  /** Where the technique was published; `own` where it is ours. */
  readonly source: string;
  /**
   * For `sh`. The places on the host are in variables (`stage.ts`). It gets through when it prints `REACHED` or the secret,
   * or when the host notices it.
   */
  readonly script: string;
  readonly outside: ReachesOutside;
}

type Words = Pick<Attempt, 'what' | 'blockedBy' | 'script'> & Partial<Pick<Attempt, 'source' | 'outside'>>;

/** Attempts of one family, by short name. Without a word about it, anyone gets through outside, and the technique is ours. */
export function attempts(family: Family, all: Readonly<Record<string, Words>>): readonly Attempt[] {
  return Object.entries(all).map(([name, words]) => ({
    id: `${family}/${name}`,
    family,
    source: 'own',
    outside: 'anyone',
    ...words,
  }));
}

/** Perl is part of every Debian, speaks to the kernel directly, and needs no compiler. */
export function perl(program: string): string {
  return `perl -e '${program}'`;
}

/** Numbers of system calls differ by machine. */
export type CallNumbers = Readonly<Record<'x64' | 'arm64', number>>;

/** Calls of the same number everywhere: those added since Linux 5.1. */
export function everywhere(number: number): CallNumbers {
  return { x64: number, arm64: number };
}

/**
 * A system call that is there when the kernel complains about its arguments, and is not when it says that the call is
 * unknown or not permitted.
 */
export function systemCall(numbers: CallNumbers, args: string, arch: string = process.arch): string {
  const number = arch === 'arm64' ? numbers.arm64 : numbers.x64;
  return perl(`
    use Errno qw(EPERM EACCES ENOSYS);
    my $answer = syscall(${number}${args === '' ? '' : `, ${args}`});
    print $answer != -1 || ($! != EPERM && $! != EACCES && $! != ENOSYS) ? "REACHED\\n" : "$!\\n";`);
}
