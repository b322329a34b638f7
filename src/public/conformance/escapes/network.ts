/** Reaching somebody: over the network, and over sockets of the host. */
import { attempts, perl } from './attempt.ts';
import type { Attempt } from './attempt.ts';

const EMPTY = 'the network namespace: its loopback is its own, and there is nothing else';

/** Connects and says nothing; the host counts it, and a connection that succeeded anywhere says so. */
function connect(address: string, port: string): string {
  return `timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/'"${port}" 2>/dev/null && echo REACHED`;
}

function datagram(address: string, port: string): string {
  return perl(`use Socket; socket(my $s, PF_INET, SOCK_DGRAM, 0) or exit;
    print defined(send($s, "x", 0, pack_sockaddr_in(${port}, inet_aton("${address}")))) ? "REACHED\\n" : "$!\\n";`);
}

/** Opens a socket of a family that has no business here. */
function opensSocket(family: number, type: number, protocol: number): string {
  return perl(`print socket(my $s, ${family}, ${type}, ${protocol}) ? "REACHED\\n" : "$!\\n";`);
}

const NETWORK: readonly Attempt[] = attempts('network', {
  loopback: {
    what: 'connects to a service on 127.0.0.1',
    blockedBy: EMPTY,
    script: connect('127.0.0.1', '$HOST_PORT'),
  },
  'other-loopback': {
    what: 'connects to it by another name of the loopback',
    blockedBy: EMPTY,
    script: `${connect('127.0.0.1.nip.invalid', '$HOST_PORT')}; ${connect('0.0.0.0', '$HOST_PORT')}`,
  },
  'numeric-loopback': {
    what: 'connects to it by its address as one number',
    blockedBy: EMPTY,
    script: connect('2130706433', '$HOST_PORT'),
  },
  'loopback-6': {
    what: 'connects to a service on ::1',
    blockedBy: EMPTY,
    outside: 'untried',
    script: connect('::1', '$HOST_PORT'),
  },
  'address-of-host': {
    what: 'connects to the address the host has in its network',
    blockedBy: EMPTY,
    outside: 'untried',
    script: `for a in $HOST_ADDRESSES; do timeout 3 bash -c "exec 3<>/dev/tcp/$a/$HOST_PORT" 2>/dev/null && echo REACHED; done`,
  },
  'docker-bridge': {
    what: 'connects to the usual address of the host in container networks',
    blockedBy: EMPTY,
    outside: 'untried',
    script: connect('172.17.0.1', '22'),
  },
  metadata: {
    what: 'asks the cloud for the credentials of the machine',
    blockedBy: EMPTY,
    outside: 'untried',
    source: 'Capital One, 2019',
    script: `${connect('169.254.169.254', '80')}; ${connect('100.100.100.200', '80')}; ${connect('fd00:ec2::254', '80')}`,
  },
  internet: {
    what: 'connects to an address of the internet',
    blockedBy: EMPTY,
    outside: 'untried',
    script: connect('192.0.2.1', '80'),
  },
  'datagram-out': {
    what: 'sends a datagram to a resolver, data in the name asked for',
    blockedBy: EMPTY,
    source: 'CVE-2025-55284',
    outside: 'untried',
    script: datagram('192.0.2.53', '53'),
  },
  'datagram-to-host': {
    what: 'sends a datagram to a service of the host',
    blockedBy: `${EMPTY}: it goes nowhere`,
    script: datagram('127.0.0.1', '$ENV{HOST_UDP_PORT}').replace('? "REACHED\\n"', '? "sent\\n"'),
  },
  resolver: {
    what: 'resolves a name',
    blockedBy: EMPTY,
    source: 'SANDWORM_MODE, February 2026',
    outside: 'untried',
    script: 'timeout 3 getent hosts example.com && echo REACHED',
  },
  'raw-socket': {
    what: 'opens a raw socket',
    blockedBy: 'no capability',
    outside: 'root',
    script: opensSocket(2, 3, 1),
  },
  'packet-socket': {
    what: 'opens a socket that sees every packet',
    blockedBy: 'no capability',
    outside: 'root',
    script: opensSocket(17, 3, 768),
  },
  'virtual-machine-socket': {
    what: 'opens a socket to the machine around a virtual machine',
    blockedBy: 'seccomp: the family is refused',
    outside: 'untried',
    script: opensSocket(40, 1, 0),
  },
  'bluetooth-socket': {
    what: 'opens a Bluetooth socket',
    blockedBy: 'seccomp: the family is refused',
    outside: 'untried',
    script: opensSocket(31, 3, 1),
  },
  'crypto-socket': {
    what: 'opens a socket to the ciphers of the kernel',
    blockedBy: 'seccomp: the family is refused',
    outside: 'untried',
    source: 'a frequent start of kernel exploits',
    script: opensSocket(38, 5, 0),
  },
  'tipc-socket': {
    what: 'opens a TIPC socket',
    blockedBy: 'seccomp: the family is refused',
    outside: 'untried',
    source: 'CVE-2021-43267',
    script: opensSocket(30, 1, 0),
  },
  interfaces: {
    what: 'lists the interfaces of the host',
    blockedBy: EMPTY,
    outside: 'untried',
    script: `grep : /proc/net/dev | grep -v -e '^ *lo:' && echo REACHED`,
  },
  neighbours: {
    what: 'lists who the host talked to',
    blockedBy: EMPTY,
    outside: 'untried',
    script: 'tail -n +2 /proc/net/arp | grep . && echo REACHED; grep -c "" /proc/net/tcp | grep -vx 1 && echo REACHED',
  },
});

function unixConnect(address: string): string {
  return perl(`use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die "$!";
    connect($s, pack_sockaddr_un(${address})) or die "$!\\n"; my $line = <$s>; print $line;`);
}

const NOT_MOUNTED = 'the mount namespace: the socket is not mounted';

const SOCKETS: readonly Attempt[] = attempts('sockets', {
  path: {
    what: 'connects to a Unix socket of the host by its path',
    blockedBy: NOT_MOUNTED,
    script: unixConnect('$ENV{HOST_SOCKET}'),
  },
  'path-through-link': {
    what: 'connects to it through a link in the workspace',
    blockedBy: NOT_MOUNTED,
    script: `ln -sfn "$HOST_SOCKET" door; ${unixConnect('"door"')}`,
  },
  abstract: {
    what: 'connects to a socket without a path',
    blockedBy: 'the network namespace: such names are its own',
    source: 'CVE-2020-15257, containerd-shim',
    script: unixConnect('"\\0$ENV{HOST_ABSTRACT}"'),
  },
  'ssh-agent': {
    what: 'asks the agent that holds the keys of the person',
    blockedBy: NOT_MOUNTED,
    script: 'SSH_AUTH_SOCK="$HOST_SOCKET" timeout 3 ssh-add -l >/dev/null 2>&1; test $? -lt 2 && echo REACHED',
    outside: 'untried',
  },
  docker: {
    what: 'asks Docker for a container with the root of the host',
    blockedBy: NOT_MOUNTED,
    outside: 'untried',
    script:
      'for s in /run/docker.sock /var/run/docker.sock /run/podman/podman.sock /run/containerd/containerd.sock; do [ -e "$s" ] && echo REACHED; done',
  },
  'system-bus': {
    what: 'talks to the services of the machine',
    blockedBy: NOT_MOUNTED,
    outside: 'untried',
    script:
      'for s in /run/dbus/system_bus_socket /run/user/*/bus /run/systemd/private /tmp/.X11-unix/*; do [ -e "$s" ] && echo REACHED; done',
  },
  inherited: {
    what: 'uses a descriptor it was started with',
    blockedBy: 'every descriptor but the standard three is closed, or is /dev/null',
    outside: 'untried',
    script: perl(`opendir(my $all, "/proc/self/fd"); for my $d (readdir $all) {
      next if $d =~ /^\\./ || $d < 3 || $d == fileno($all) || readlink("/proc/self/fd/$d") eq "/dev/null";
      print "REACHED\\n", readlink("/proc/self/fd/$d"), "\\n"; }`),
  },
});

export const REACHES: readonly Attempt[] = [...NETWORK, ...SOCKETS];
