/**
 * The text of a seatbelt profile: what `sandbox-exec` holds a process to, and all that it starts. Pure. The last rule that
 * matches decides, so what takes away comes after what gives. Paths have to be the real ones: the kernel compares those.
 *
 * WRITTEN FROM DOCUMENTATION AND FROM PROFILES OF OTHERS (WebKit, Chromium, sandbox-runtime, Codex), AND NEVER RUN: this
 * project has no macOS to run it on. The tests are about the text.
 */
import { LoopwrightError } from '../../core/errors.ts';

export interface ProfilePlan {
  /** Files and directories with all below them; absolute and real, like all paths here. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Parts of `writable` that cannot be written to, moved or removed. */
  readonly locked: readonly string[];
  /** Can neither be read nor written, whatever they are part of. */
  readonly hidden: readonly string[];
  /** Below hidden ones, readable again. */
  readonly shown: readonly string[];
  /** Unix sockets of the host that may be connected to. */
  readonly sockets: readonly string[];
  /** Ports of the loopback interface, which is the host's: to listen on and to connect to. */
  readonly ports: readonly number[];
}

/** Programs and libraries. Without /System/Volumes/Data, where every file of the machine has a second name. */
const SYSTEM: readonly string[] = [
  '/System/Library',
  '/System/iOSSupport',
  '/System/Cryptexes',
  '/System/Volumes/Preboot/Cryptexes',
  '/usr',
  '/bin',
  '/sbin',
  '/opt',
  '/Library/Apple',
  '/Library/Developer',
  '/Library/Frameworks',
  '/Library/Java/JavaVirtualMachines',
  '/Applications/Xcode.app',
  '/private/var/db/dyld',
  '/private/var/db/timezone',
  '/private/var/select',
];

/** Settings without tokens; the rest of /etc is not shown. The last three are what the stand-ins for git and cc look at. */
const SYSTEM_FILES: readonly string[] = [
  '/',
  '/dev/autofs_nowait',
  '/dev/random',
  '/dev/urandom',
  '/private/etc/hosts',
  '/private/etc/localtime',
  '/private/etc/protocols',
  '/private/etc/services',
  '/private/etc/shells',
  '/private/etc/ssl/cert.pem',
  '/private/etc/ssl/openssl.cnf',
  '/private/var/db/xcode_select_link',
  '/Library/Preferences/com.apple.dt.Xcode.plist',
];

/** Links and directories on the way to what is shown; that they are there, and no more. */
const ON_THE_WAY: readonly string[] = ['/etc', '/tmp', '/var', '/private', '/private/etc', '/private/var', '/dev'];

/**
 * Names of users, notifications of the C library, the log, the place for temporary files. Not the keychain (securityd), not
 * trust in certificates (trustd), not the resolver of names, not the starting of programs outside (launchservicesd).
 */
const SERVICES: readonly string[] = [
  'com.apple.bsd.dirhelper',
  'com.apple.logd',
  'com.apple.system.logger',
  'com.apple.system.notification_center',
  'com.apple.system.opendirectoryd.libinfo',
  'com.apple.system.opendirectoryd.membership',
];

/** Not `kern.procargs2`, by which a process reads arguments and variables of others, and not `kern.proc`. */
const KERNEL_VALUES: readonly string[] = [
  'kern.argmax',
  'kern.boottime',
  'kern.hostname',
  'kern.maxfilesperproc',
  'kern.maxproc',
  'kern.ngroups',
  'kern.osproductversion',
  'kern.osrelease',
  'kern.ostype',
  'kern.osvariant_status',
  'kern.osversion',
  'kern.secure_kernel',
  'kern.usrstack64',
  'kern.version',
  'security.mac.lockdown_mode_state',
  'sysctl.proc_cputype',
  'vm.loadavg',
];

function refuse(message: string): never {
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message,
    next: 'Give it another name, or use another machine with `sandbox: bubblewrap`.',
  });
}

/** What is neither a letter of ours to escape nor sure to be read back as it is: controls, and halves of characters. */
const UNWRITABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/**
 * A path as a string of the profile's language, which is a Scheme: a backslash keeps the next character. Rejects with
 * `LW_SANDBOX_LAUNCH` what is not absolute and plain, and every control character: a rule about a path that is read back as
 * another would protect nothing.
 */
export function quoted(path: string): string {
  if (!path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '.'))
    refuse(`${JSON.stringify(path)} is not an absolute path without "..", so no rule can be about it`);
  if (UNWRITABLE.test(path)) refuse(`${JSON.stringify(path)} holds a character that no rule of seatbelt can name`);
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function rule(verdict: 'allow' | 'deny', operations: string, filters: readonly string[]): readonly string[] {
  const unique = [...new Set(filters)];
  return unique.length === 0 ? [] : [`(${verdict} ${operations}`, ...unique.map((filter) => `  ${filter}`), ')'];
}

function literals(paths: readonly string[]): readonly string[] {
  return paths.map((path) => `(literal ${quoted(path)})`);
}

function trees(paths: readonly string[]): readonly string[] {
  return paths.map((path) => `(subpath ${quoted(path)})`);
}

/** Directories above each path, without the root. */
function above(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const parts = path.split('/').slice(1, -1);
    return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
  });
}

function fileRules({ readable, writable, locked, hidden, shown }: ProfilePlan): readonly string[] {
  const kept = [...locked, ...hidden];
  return [
    ...rule(
      'allow',
      'file-read* file-test-existence file-map-executable',
      trees([...SYSTEM, ...readable, ...writable]),
    ),
    ...rule('allow', 'file-read* file-test-existence', literals(SYSTEM_FILES)),
    ...rule(
      'allow',
      'file-read-metadata file-test-existence',
      literals([...ON_THE_WAY, ...above([...SYSTEM, ...readable, ...writable])]),
    ),
    ...rule('allow', 'file-read* file-write-data file-ioctl', literals(['/dev/null', '/dev/zero'])),
    ...rule('allow', 'file-read-data file-write-data', trees(['/dev/fd'])),
    ...rule('allow', 'file-write*', trees(writable)),
    ...rule('deny', 'file-write*', trees(kept)),
    // What lies in a directory that is moved has another path, about which nothing is said.
    ...rule('deny', 'file-write-unlink', literals(above(kept))),
    // That they are there can be seen: git asks that of every file it knows.
    ...rule('deny', 'file-read-data file-read-xattr file-map-executable', trees(hidden)),
    ...rule('allow', 'file-read* file-test-existence', trees(shown)),
  ];
}

function networkRules({ sockets, ports }: ProfilePlan): readonly string[] {
  for (const port of ports)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse(`${String(port)} is not a port`);
  const here = ports.map((port) => `"localhost:${port}"`);
  return [
    ...(sockets.length > 0 ? ['(allow system-socket (socket-domain AF_UNIX))'] : []),
    ...rule('allow', 'network-outbound', literals(sockets)),
    ...rule(
      'allow',
      'network-bind network-inbound',
      here.map((address) => `(local ip ${address})`),
    ),
    ...rule(
      'allow',
      'network-outbound',
      here.map((address) => `(remote ip ${address})`),
    ),
  ];
}

/** Throws `LW_SANDBOX_LAUNCH` for a path or a port that cannot be named in a rule. */
export function profileText(plan: ProfilePlan): string {
  const lines = [
    '(version 1)',
    '(deny default)',
    '(allow process-exec process-fork)',
    '(allow process-info* (target same-sandbox))',
    '(allow signal (target same-sandbox))',
    ...rule('allow', 'sysctl-read', [
      ...KERNEL_VALUES.map((name) => `(sysctl-name "${name}")`),
      '(sysctl-name-prefix "hw.")',
      '(sysctl-name-prefix "machdep.cpu.")',
    ]),
    ...rule(
      'allow',
      'mach-lookup',
      SERVICES.map((name) => `(global-name "${name}")`),
    ),
    '(allow ipc-posix-sem)',
    '(allow ipc-posix-shm-read* (ipc-posix-name "apple.shm.notification_center"))',
    ...fileRules(plan),
    ...networkRules(plan),
  ];
  return `${lines.join('\n')}\n`;
}
