/** What of the kernel a process inside may ask for. Everything that is not named is allowed. */
import type { SystemCall } from './system-calls.ts';

/** Error numbers, the same on every architecture with a filter. Source: `asm-generic/errno.h`. */
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** The error number a refused call ends with; `allow` lets it through. */
export type Verdict = 'allow' | number;

/** The low 32 bits of an argument, after the mask, are one of these. The kernel itself looks at no more of them here. */
export interface Condition {
  readonly argument: 0 | 1 | 2;
  readonly mask?: number;
  readonly oneOf: readonly number[];
}

/** The first clause of which every condition holds decides. */
export interface Rule {
  readonly call: SystemCall;
  readonly clauses: readonly { readonly when: readonly Condition[]; readonly verdict: Verdict }[];
  readonly otherwise: Verdict;
}

function always(verdict: Verdict, ...calls: readonly SystemCall[]): readonly Rule[] {
  return calls.map((call) => ({ call, clauses: [], otherwise: verdict }));
}

/** All flags that make a namespace (`linux/sched.h`); CLONE_NEWTIME means something else to `clone`. */
const NEW_NAMESPACES = 0x7e020000;
const CLONE_NEWTIME = 0x80;

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16] as const;
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2] as const;
/** The rest of the second argument are flags. */
const SOCKET_TYPE = 0xf;
const [IPPROTO_ANY, IPPROTO_TCP, IPPROTO_UDP] = [0, 6, 17] as const;
/** What `getifaddrs` and the resolver ask with. */
const NETLINK_ROUTE = 0;

/** Both push characters into a terminal, as if a person had typed them. */
const [TIOCSTI, TIOCLINUX] = [0x5412, 0x541c] as const;

export const RULES: readonly Rule[] = [
  // Other processes.
  ...always(EPERM, 'ptrace', 'process_vm_readv', 'process_vm_writev', 'kcmp', 'pidfd_getfd'),
  // Mounts, by the old calls and the new ones.
  ...always(EPERM, 'mount', 'umount2', 'pivot_root', 'chroot', 'move_mount', 'open_tree', 'open_tree_attr'),
  ...always(EPERM, 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr', 'open_by_handle_at'),
  // Keys: the keyring of the session is the host's.
  ...always(EPERM, 'keyctl', 'add_key', 'request_key'),
  // Parts of the kernel with many holes in their past that no build and no test needs.
  ...always(EPERM, 'bpf', 'userfaultfd', 'perf_event_open', 'fanotify_init', 'lookup_dcookie', 'modify_ldt'),
  // Node, and what else uses it, goes on without it when it is not there.
  ...always(ENOSYS, 'io_uring_setup', 'io_uring_enter', 'io_uring_register'),
  // The machine as a whole. Most of it needs rights nobody has inside; this does not rely on that.
  ...always(EPERM, 'kexec_load', 'kexec_file_load', 'init_module', 'finit_module', 'delete_module', 'create_module'),
  ...always(EPERM, 'swapon', 'swapoff', 'reboot', 'acct', 'quotactl', 'quotactl_fd', 'syslog', 'nfsservctl', 'vhangup'),
  ...always(EPERM, 'iopl', 'ioperm', 'settimeofday', 'clock_settime', 'sethostname', 'setdomainname'),
  ...always(EPERM, 'uselib', '_sysctl'),
  // Namespaces. The flags of `clone3` are behind a pointer a filter cannot follow; C libraries then use `clone`.
  ...always(EPERM, 'setns'),
  ...always(ENOSYS, 'clone3'),
  {
    call: 'unshare',
    clauses: [{ when: [{ argument: 0, mask: NEW_NAMESPACES + CLONE_NEWTIME, oneOf: [0] }], verdict: 'allow' }],
    otherwise: EPERM,
  },
  {
    call: 'clone',
    clauses: [{ when: [{ argument: 0, mask: NEW_NAMESPACES, oneOf: [0] }], verdict: 'allow' }],
    otherwise: EPERM,
  },
  {
    call: 'ioctl',
    clauses: [{ when: [{ argument: 1, oneOf: [TIOCSTI, TIOCLINUX] }], verdict: EPERM }],
    otherwise: 'allow',
  },
  {
    call: 'socket',
    clauses: [
      { when: [{ argument: 0, oneOf: [AF_UNIX] }], verdict: 'allow' },
      {
        when: [
          { argument: 0, oneOf: [AF_INET, AF_INET6] },
          { argument: 1, mask: SOCKET_TYPE, oneOf: [SOCK_STREAM, SOCK_DGRAM] },
          { argument: 2, oneOf: [IPPROTO_ANY, IPPROTO_TCP, IPPROTO_UDP] },
        ],
        verdict: 'allow',
      },
      {
        when: [
          { argument: 0, oneOf: [AF_NETLINK] },
          { argument: 2, oneOf: [NETLINK_ROUTE] },
        ],
        verdict: 'allow',
      },
    ],
    otherwise: EAFNOSUPPORT,
  },
  {
    call: 'socketpair',
    clauses: [{ when: [{ argument: 0, oneOf: [AF_UNIX] }], verdict: 'allow' }],
    otherwise: EAFNOSUPPORT,
  },
];

/** What a call ends with that is newer than this table. */
export const UNKNOWN_CALL: Verdict = ENOSYS;
