/** What `doctor` tries from inside a sandbox, and what is to stand in the way of each. */

export interface Attempt {
  readonly id: string;
  readonly area: 'files' | 'sockets' | 'network' | 'environment' | 'processes' | 'rights';
  /** Read after "could it". */
  readonly what: string;
  /** For `sh -c`, inside. Exits with 0 when it got there and prints what it saw; with 99 when it cannot try. */
  readonly script: string;
  readonly by: string;
}

/** Connects, or says why not. perl is on nearly every system; without it the attempt was not made. */
const INET =
  'command -v perl >/dev/null || exit 99; exec perl -MIO::Socket::INET -e \'my ($host, $port, $proto) = @ARGV; my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => $proto, Timeout => 2) or do { print "$!"; exit 1 }; if ($proto eq "udp") { defined send($s, "x", 0) or do { print "$!"; exit 1 } } print "connected"\'';
const UNIX =
  'command -v perl >/dev/null || exit 99; exec perl -MIO::Socket::UNIX -e \'my $name = shift; $name =~ s/^@/\\0/; IO::Socket::UNIX->new(Peer => $name) or do { print "$!"; exit 1 }; print "connected"\'';

function anyOf(test: string, paths: string): string {
  return `found=; for f in ${paths}; do if ${test}; then found="$found $f"; fi; done; [ -n "$found" ] && echo "$found"`;
}

const KEYS =
  '.ssh .gnupg .aws .azure .kube .docker .config .netrc .npmrc .pypirc .git-credentials .gitconfig .bash_history .claude .codex .gemini .mozilla';
const SOCKETS =
  '/run/docker.sock /var/run/docker.sock /run/podman/podman.sock /run/containerd/containerd.sock /run/dbus/system_bus_socket "/run/user/$REACH_UID" "${REACH_AGENT:-/nowhere}" /tmp/.X11-unix';

const HIDDEN = 'mounts: not shown inside';
const NO_ROUTE = 'network namespace: its own, without a way out';

export const ATTEMPTS: readonly Attempt[] = [
  {
    id: 'temporary-file',
    area: 'files',
    what: 'read a file in the temporary directory of the host',
    script: 'cat "$REACH_FILE"',
    by: HIDDEN,
  },
  {
    id: 'keys',
    area: 'files',
    what: 'see keys and settings in the home directory of the host',
    script: `cd "$REACH_HOME" 2>/dev/null || { echo 'no such directory'; exit 1; }; ${anyOf('[ -e "$f" ]', KEYS)}`,
    by: HIDDEN,
  },
  {
    id: 'accounts',
    area: 'files',
    what: 'see accounts and keys of the machine',
    script: anyOf('[ -e "$f" ]', '/etc/shadow /etc/sudoers /etc/ssh /etc/ssl/private /etc/machine-id'),
    by: HIDDEN,
  },
  {
    id: 'records',
    area: 'files',
    what: "see loopwright's own records",
    script: 'ls -d "$REACH_STATE"',
    by: HIDDEN,
  },
  {
    id: 'write-outside',
    area: 'files',
    what: 'write anywhere but in the workspace and private directories',
    script: anyOf(
      '(: > "$f/.loopwright-reach") 2>/dev/null && rm -f "$f/.loopwright-reach"',
      '/ /usr /usr/local /etc /opt /var /home /srv /proc/sys/kernel "$REACH_HOME" "$REACH_DIRECTORY"',
    ),
    by: 'mounts: read-only',
  },
  {
    id: 'through-a-link',
    area: 'files',
    what: 'follow a link out of the workspace',
    script: 'ln -s "$REACH_FILE" way-out && cat way-out',
    by: HIDDEN,
  },
  {
    id: 'unix-socket',
    area: 'sockets',
    what: 'connect to a Unix socket of the host',
    script: `set -- "$REACH_SOCKET"; ${UNIX} "$1"`,
    by: HIDDEN,
  },
  {
    id: 'abstract-socket',
    area: 'sockets',
    what: 'connect to a Unix socket without a file',
    script: `set -- "$REACH_ABSTRACT"; ${UNIX} "$1"`,
    by: NO_ROUTE,
  },
  {
    id: 'known-sockets',
    area: 'sockets',
    what: 'see sockets of containers, the desktop, or an agent with keys',
    script: anyOf('[ -e "$f" ]', SOCKETS),
    by: HIDDEN,
  },
  {
    id: 'loopback',
    area: 'network',
    what: 'reach a service on the loopback of the host',
    script: `${INET} 127.0.0.1 "$REACH_PORT" tcp`,
    by: NO_ROUTE,
  },
  {
    id: 'internet',
    area: 'network',
    what: 'send to an address of the internet, by TCP',
    // A documentation address (RFC 5737): where there is a way out, it answers to nobody, and that takes time.
    script: `said=$(${INET} 192.0.2.1 443 tcp); code=$?; echo "$said"; case $said in *timed* | *progress*) exit 0 ;; esac; exit $code`,
    by: NO_ROUTE,
  },
  {
    id: 'datagram',
    area: 'network',
    what: 'send to an address of the internet, by UDP',
    script: `${INET} 192.0.2.1 53 udp`,
    by: NO_ROUTE,
  },
  {
    id: 'metadata',
    area: 'network',
    what: 'reach the address where clouds keep credentials',
    script: `${INET} 169.254.169.254 80 tcp`,
    by: NO_ROUTE,
  },
  {
    id: 'names',
    area: 'network',
    what: 'look up a name of the internet',
    script: 'command -v getent >/dev/null || exit 99; getent hosts example.com',
    by: NO_ROUTE,
  },
  {
    id: 'environment',
    area: 'environment',
    what: 'read a variable of the host',
    script: '[ -n "$LOOPWRIGHT_REACH_CANARY" ] && echo LOOPWRIGHT_REACH_CANARY',
    by: 'empty environment',
  },
  {
    id: 'environment-of-others',
    area: 'environment',
    what: 'read it in /proc, of process 1 or any other',
    script: 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep "^LOOPWRIGHT_REACH_CANARY"',
    by: 'empty environment of the sandbox itself',
  },
  {
    id: 'see-process',
    area: 'processes',
    what: 'see the process of loopwright',
    script: anyOf('[ "$(tr "\\0" "\\n" < "$f" 2>/dev/null | head -n 1)" = "$REACH_NODE" ]', '/proc/[0-9]*/cmdline'),
    by: 'PID namespace',
  },
  {
    id: 'signal-process',
    area: 'processes',
    what: 'send a signal to it',
    // Inside, another process may have its number.
    script:
      '[ "$(tr "\\0" "\\n" < "/proc/$REACH_PID/cmdline" 2>/dev/null | head -n 1)" = "$REACH_NODE" ] || { echo "no such process"; exit 1; }; kill -0 "$REACH_PID" && echo sent',
    by: 'PID namespace',
  },
  {
    id: 'namespace',
    area: 'rights',
    what: 'make a user namespace',
    script: 'command -v unshare >/dev/null || exit 99; unshare --user true',
    by: 'system call filter, and no further namespaces',
  },
  {
    id: 'mount',
    area: 'rights',
    what: 'mount something',
    script: 'command -v mount >/dev/null || exit 99; mkdir mounted && mount -t tmpfs none mounted && umount mounted',
    by: 'system call filter, and no capabilities',
  },
  {
    id: 'capabilities',
    area: 'rights',
    what: 'hold or gain a right of root',
    script: `grep -E '^Cap(Eff|Bnd|Prm):' /proc/self/status | grep -v ':.0*$' || grep '^NoNewPrivs:.0' /proc/self/status`,
    by: 'no capabilities, no_new_privs',
  },
  {
    id: 'unfiltered',
    area: 'rights',
    what: 'make system calls that no filter looks at',
    script: `grep '^Seccomp:.*0$' /proc/self/status`,
    by: 'system call filter',
  },
  {
    id: 'terminal',
    area: 'rights',
    what: 'reach the terminal',
    script: '(: < /dev/tty)',
    by: 'a session of its own',
  },
];

/** Runs each ID SCRIPT pair of its parameters; prints `id<TAB>exit code<TAB>last line of what it said`. */
export const TRY_ALL = `
while [ $# -gt 1 ]; do
  said=$(sh -c "$2" 2>&1 </dev/null)
  code=$?
  printf '%s\\t%s\\t%s\\n' "$1" "$code" "$(printf '%s' "$said" | tail -n 1 | cut -c 1-120 | tr '\\t' ' ')"
  shift 2
done
echo end
`;
