/**
 * Which addresses a name may lead to: public ones of the Internet and no other, whatever the policy says of the name. A
 * name that anybody registers may point at this machine, at its network, or at a cloud's metadata.
 */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** IANA IPv4 Special-Purpose Address Registry, multicast, what is reserved, and the address of Azure's platform. */
const NOT_PUBLIC_4: readonly (readonly [net: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/**
 * Within the global unicast space (2000::/3), which everything has to be in: protocols, documentation, and forms that hold an
 * IPv4 address (Teredo, 6to4). NAT64, mapped and compatible addresses lie outside of it.
 */
const NOT_PUBLIC_6: readonly (readonly [net: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

function blockList(nets: readonly (readonly [net: string, prefix: number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
}

export interface AddressJudge {
  /** Why this address is not dialled, in words; null where it may be. */
  problem(address: string): string | null;
}

/** `own`: addresses of this machine, which may be public ones. */
export function createAddressJudge(own: readonly string[]): AddressJudge {
  const notPublic4 = blockList(NOT_PUBLIC_4, 'ipv4');
  const global6 = blockList([['2000::', 3]], 'ipv6');
  const notPublic6 = blockList(NOT_PUBLIC_6, 'ipv6');
  const mine = new BlockList();
  for (const address of own) {
    const family = isIP(address);
    if (family !== 0) mine.addAddress(address, family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    problem(address) {
      // Neither a zone (`fe80::1%eth0`) nor another notation is an answer of a name server.
      const family = address.includes('%') ? 0 : isIP(address);
      if (family === 0) return 'is no address';
      const kind = family === 4 ? 'ipv4' : 'ipv6';
      const open =
        family === 4
          ? !notPublic4.check(address, kind)
          : global6.check(address, kind) && !notPublic6.check(address, kind);
      if (!open) return 'is not a public address';
      return mine.check(address, kind) ? 'is an address of this machine' : null;
    },
  };
}

export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
}
