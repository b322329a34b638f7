import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RULES } from '../call-rules.ts';
import type { Condition } from '../call-rules.ts';
import { tightened } from './filter.ts';

interface Entry {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly { readonly index: number; readonly value: number; readonly valueTwo: number }[];
}

interface Profile {
  readonly defaultAction: string;
  readonly archMap?: readonly unknown[];
  readonly syscalls: readonly Entry[];
}

const PROFILE = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }],
  syscalls: [
    { names: ['read', 'ioctl', 'ptrace', 'io_uring_setup'], action: 'SCMP_ACT_ALLOW', args: [] },
    { names: ['clone', 'socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0, valueTwo: 0 }] },
    { names: ['mount', 'read'], action: 'SCMP_ACT_ERRNO' },
  ],
};

function filter(profile: unknown = PROFILE): Profile {
  const text = tightened(profile, 'x64');
  if (text === null) throw new Error('it is no filter that can be tightened');
  return JSON.parse(text) as Profile;
}

/** As libseccomp reads it: entries are alternatives, the arguments of one have to hold together. */
function allows({ syscalls }: Profile, call: string, args: readonly bigint[] = [0n, 0n, 0n]): boolean {
  return syscalls
    .filter(({ names, action }) => names.includes(call) && action === 'SCMP_ACT_ALLOW')
    .some(({ args: wanted = [] }) =>
      wanted.every(({ index, value, valueTwo }) => ((args[index] ?? 0n) & BigInt(value)) === BigInt(valueTwo)),
    );
}

/** What the rule itself says. The kernel looks at the low 32 bits. */
function expected(call: string, args: readonly bigint[]): boolean {
  const rule = RULES.find((one) => one.call === call);
  const holds = ({ argument, mask = 0xffffffff, oneOf }: Condition): boolean =>
    oneOf.includes(Number((args[argument] ?? 0n) & BigInt(mask)));
  const clause = rule?.clauses.find(({ when }) => when.every(holds));
  return (clause?.verdict ?? rule?.otherwise) === 'allow';
}

/** Numbers near those of the rules, and any. */
const value = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 6n, 10n, 16n, 17n, 40n, 132n, 0x5412n, 0x541cn, 0x5413n, 0x541dn, 0x5416n),
  fc.constantFrom(0x10000000n, 0x20000n, 0x7e020000n, 0x80n, 0x80001n, 0x800n + 1n, 0x100005412n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

describe("podman's filter, made stricter", () => {
  it('lets a call through exactly where the rules of the other sandbox do', () => {
    const tight = filter();
    const call = fc.constantFrom(...RULES.map((rule) => rule.call));
    fc.assert(
      fc.property(call, fc.tuple(value, value, value), (name, args) => {
        expect(allows(tight, name, args)).toBe(expected(name, args));
      }),
      { numRuns: 5_000 },
    );
  });

  it('keeps what podman says of every other call, and drops its other architectures', () => {
    const tight = filter();
    expect(allows(tight, 'read')).toBe(true);
    expect(tight.syscalls.filter(({ action }) => action !== 'SCMP_ACT_ALLOW')).toEqual([
      { names: ['read'], action: 'SCMP_ACT_ERRNO' },
    ]);
    expect(tight.archMap).toEqual([{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] }]);
    expect(JSON.parse(tightened(PROFILE, 'riscv64') ?? '')).toMatchObject({ archMap: PROFILE.archMap });
  });

  it.each([
    ['nothing', null],
    ['a list of what is refused', { ...PROFILE, defaultAction: 'SCMP_ACT_ALLOW' }],
    ['an empty list', { ...PROFILE, syscalls: [] }],
    ['entries without names', { ...PROFILE, syscalls: [{ action: 'SCMP_ACT_ALLOW' }] }],
  ])('is not made of %s', (_what, profile) => {
    expect(tightened(profile, 'x64')).toBeNull();
  });

  const installed = '/usr/share/containers/seccomp.json';

  it.skipIf(!existsSync(installed))('can be made of the one that is installed here', () => {
    const tight = filter(JSON.parse(readFileSync(installed, 'utf8')));
    expect(['read', 'execve', 'futex'].map((call) => allows(tight, call))).toEqual([true, true, true]);
    expect(['ptrace', 'bpf', 'mount', 'io_uring_setup', 'clone3', 'setns'].map((call) => allows(tight, call))).toEqual(
      Array(6).fill(false),
    );
  });
});
