import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, filterProgram } from './program.ts';
import { RULES } from '../../call-rules.ts';
import { knownArchitecture, LAST_KNOWN_CALL, numberOf, SYSTEM_CALLS } from '../../system-calls.ts';
import type { Architecture, SystemCall } from '../../system-calls.ts';

const ARCHITECTURES: readonly Architecture[] = ['x64', 'arm64'];
/** `linux/audit.h`. */
const NAMES: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

interface Call {
  readonly architecture: number;
  readonly number: number;
  /** 64 bits each. */
  readonly arguments: readonly bigint[];
}

/** Runs the bytes as the kernel would (`Documentation/networking/filter.rst`), and knows no more than it has to. */
function run(program: Uint8Array, call: Call): number {
  const seen = new DataView(new ArrayBuffer(64));
  seen.setUint32(0, call.number >>> 0, true);
  seen.setUint32(4, call.architecture, true);
  for (const [index, value] of call.arguments.entries()) seen.setBigUint64(16 + index * 8, value, true);
  const view = new DataView(program.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [code, whenTrue, whenFalse, operand] = [
      view.getUint16(at, true),
      view.getUint8(at + 2),
      view.getUint8(at + 3),
      view.getUint32(at + 4, true),
    ];
    const jump = (taken: boolean): void => {
      at += (taken ? whenTrue : whenFalse) * 8;
    };
    if (code === 0x06) return operand;
    else if (code === 0x20) accumulator = seen.getUint32(operand, true);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else if (code === 0x15) jump(accumulator === operand);
    else if (code === 0x35) jump(accumulator >= operand);
    else if (code === 0x25) jump(accumulator > operand);
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('the program ran off its end');
}

type Said = 'allow' | 'kill' | number;

function saidOf(answer: number): Said {
  if (answer === 0x7fff0000) return 'allow';
  if (answer === 0x80000000) return 'kill';
  return answer >>> 16 === 5 ? answer & 0xffff : Number.NaN;
}

const PROGRAMS = { x64: assemble(filterProgram('x64')), arm64: assemble(filterProgram('arm64')) };

function ask(architecture: Architecture, call: SystemCall | number, ...given: readonly (number | bigint)[]): Said {
  const number = typeof call === 'number' ? call : numberOf(call, architecture);
  if (number === null) return Number.NaN;
  const args = Array.from({ length: 6 }, (_, index) => BigInt(given[index] ?? 0));
  return saidOf(run(PROGRAMS[architecture], { architecture: NAMES[architecture], number, arguments: args }));
}

const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];
/** Above the 32 bits the kernel looks at. */
const UPPER = 2 ** 32;

/** The decisions, by hand: what each call with these arguments has to come to. */
const TABLE: readonly (readonly [SystemCall, readonly number[], Said])[] = [
  ['ptrace', [16, 1], EPERM],
  ['process_vm_readv', [1], EPERM],
  ['process_vm_writev', [1], EPERM],
  ['mount', [], EPERM],
  ['umount2', [], EPERM],
  ['move_mount', [], EPERM],
  ['fsopen', [], EPERM],
  ['open_tree_attr', [], EPERM],
  ['keyctl', [0], EPERM],
  ['add_key', [], EPERM],
  ['request_key', [], EPERM],
  ['bpf', [], EPERM],
  ['userfaultfd', [1], EPERM],
  ['perf_event_open', [], EPERM],
  ['io_uring_setup', [1], ENOSYS],
  ['clone3', [], ENOSYS],
  ['setns', [3, 0], EPERM],
  ['finit_module', [], EPERM],
  ['kexec_load', [], EPERM],
  ['swapon', [], EPERM],
  ['unshare', [0x400], 'allow'],
  ['unshare', [0x10000000], EPERM],
  ['unshare', [0x00020000], EPERM],
  ['unshare', [0x80], EPERM],
  // SIGCHLD alone is fork; the second is a thread.
  ['clone', [17], 'allow'],
  ['clone', [0x3d0f00], 'allow'],
  ['clone', [17 + 0x10000000], EPERM],
  ['clone', [17 + 0x20000000], EPERM],
  ['clone', [17 + 0x40000000], EPERM],
  ['ioctl', [0, 0x5401], 'allow'],
  ['ioctl', [0, 0x5412], EPERM],
  ['ioctl', [0, UPPER + 0x5412], EPERM],
  ['ioctl', [0, 0x541c], EPERM],
  ['socket', [1, 1, 0], 'allow'],
  ['socket', [2, 1, 0], 'allow'],
  // With SOCK_CLOEXEC and SOCK_NONBLOCK.
  ['socket', [2, 0x80801, 6], 'allow'],
  ['socket', [10, 2, 17], 'allow'],
  ['socket', [2, 3, 1], EAFNOSUPPORT],
  ['socket', [2, 3, 0], EAFNOSUPPORT],
  ['socket', [2, 1, 132], EAFNOSUPPORT],
  ['socket', [16, 3, 0], 'allow'],
  ['socket', [16, 3, 12], EAFNOSUPPORT],
  ['socket', [17, 3, 0], EAFNOSUPPORT],
  ['socket', [40, 1, 0], EAFNOSUPPORT],
  ['socket', [38, 5, 0], EAFNOSUPPORT],
  ['socket', [UPPER + 40, 1, 0], EAFNOSUPPORT],
  ['socketpair', [1, 1, 0], 'allow'],
  ['socketpair', [30, 1, 0], EAFNOSUPPORT],
];

describe.each(ARCHITECTURES)('the filter on system calls for %s', (architecture) => {
  it.each(TABLE)('%s%j comes to %s', (call, given, expected) => {
    expect(ask(architecture, call, ...given)).toBe(expected);
  });

  it('refuses what is refused whatever the arguments are, and nothing else that is not named', () => {
    const always = RULES.filter(({ clauses }) => clauses.length === 0);
    const named = new Set(Object.keys(SYSTEM_CALLS).map((call) => numberOf(call as SystemCall, architecture)));
    expect(always.length).toBeGreaterThan(40);
    const argument = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: LAST_KNOWN_CALL }),
        fc.array(argument, { maxLength: 6 }),
        (number, given) => {
          const rule = always.find(({ call }) => numberOf(call, architecture) === number);
          if (rule !== undefined) expect(ask(architecture, number, ...given)).toBe(rule.otherwise);
          else if (!named.has(number)) expect(ask(architecture, number, ...given)).toBe('allow');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('lets no flag that makes a namespace through, whatever else is asked for', () => {
    const flag = fc.constantFrom(0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000);
    fc.assert(
      fc.property(flag, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (bit, others) => {
        expect(ask(architecture, 'clone', others | BigInt(bit))).toBe(EPERM);
        expect(ask(architecture, 'unshare', others | BigInt(bit))).toBe(EPERM);
      }),
    );
  });

  it('ends a process that calls by another architecture, and knows no call that came later', () => {
    const call = { number: 0, arguments: [] };
    const other = architecture === 'x64' ? 0x40000003 : 0x40000028;
    expect(saidOf(run(PROGRAMS[architecture], { ...call, architecture: other }))).toBe('kill');
    expect(saidOf(run(PROGRAMS[architecture], { ...call, architecture: NAMES[architecture] }))).toBe('allow');
    expect(ask(architecture, LAST_KNOWN_CALL)).toBe('allow');
    expect(ask(architecture, LAST_KNOWN_CALL + 1)).toBe(ENOSYS);
    expect(ask(architecture, 0x40000000 + 1)).toBe(architecture === 'x64' ? 'kill' : ENOSYS);
  });

  it('comes to an answer on every way through, within the length the kernel takes', () => {
    const program = filterProgram(architecture);
    expect(program.length).toBeLessThanOrEqual(4_096);
    for (const [index, { code, whenTrue, whenFalse }] of program.entries()) {
      for (const skipped of [whenTrue, whenFalse]) {
        expect(skipped).toBeLessThanOrEqual(255);
        expect(index + 1 + skipped).toBeLessThan(code === 0x06 ? program.length + 1 : program.length);
      }
    }
    // Of two rules on one call the second would never be asked.
    expect(new Set(RULES.map(({ call }) => call)).size).toBe(RULES.length);
    expect(RULES.length).toBe(Object.keys(SYSTEM_CALLS).length);
  });
});

describe('the numbers of system calls', () => {
  const HEADERS: Readonly<Record<Architecture, string>> = {
    x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
    arm64: '/usr/include/asm-generic/unistd.h',
  };

  it.each(ARCHITECTURES.filter((architecture) => existsSync(HEADERS[architecture])))(
    'for %s are those of the headers of this machine, where they know the call',
    (architecture) => {
      const header = readFileSync(HEADERS[architecture], 'utf8');
      const known = [...header.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gmu)];
      const numbers = new Map(known.map(([, name = '', number]) => [name, Number(number)]));
      const compared = Object.keys(SYSTEM_CALLS).filter((call) => numbers.has(call));
      expect(compared.length).toBeGreaterThan(40);
      for (const call of compared)
        expect([call, numberOf(call as SystemCall, architecture)]).toEqual([call, numbers.get(call)]);
    },
  );

  it('are known for two architectures, and no filter is made up for another', () => {
    expect([knownArchitecture('x64'), knownArchitecture('arm64'), knownArchitecture('riscv64')]).toEqual([
      'x64',
      'arm64',
      null,
    ]);
  });
});
