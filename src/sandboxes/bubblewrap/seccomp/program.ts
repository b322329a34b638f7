/**
 * The rules as a program for the kernel's packet filter, which looks at every system call. Pure.
 *
 * Source: `linux/bpf_common.h` (instructions), `linux/seccomp.h` (what the program sees and may answer),
 * `linux/audit.h` (architectures).
 */
import { assert } from '../../../core/errors.ts';
import { LAST_KNOWN_CALL, numberOf } from '../../system-calls.ts';
import type { Architecture } from '../../system-calls.ts';
import { RULES, UNKNOWN_CALL } from '../../call-rules.ts';
import type { Condition, Rule, Verdict } from '../../call-rules.ts';

export interface Instruction {
  readonly code: number;
  /** How many instructions are skipped when a jump is taken, and when not. At most 255. */
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly operand: number;
}

/** Load 32 bits of what the program sees; mask what was loaded; jump when it is equal, at least, greater; answer. */
const [LOAD, AND, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_GREATER, ANSWER] = [
  0x20, 0x54, 0x15, 0x35, 0x25, 0x06,
] as const;

/** Offsets in `struct seccomp_data`; the low half of an argument comes first on both architectures. */
const [CALL_AT, ARCHITECTURE_AT, ARGUMENTS_AT, ARGUMENT_BYTES] = [0, 4, 16, 8] as const;

const [KILL_PROCESS, FAIL_WITH, ALLOW] = [0x80000000, 0x00050000, 0x7fff0000] as const;

const AUDIT_ARCHITECTURE: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Calls of the x32 ABI have this bit. They reach the same code by other numbers. */
const X32 = 0x40000000;

const MOST_SKIPPED = 255;

function step(code: number, operand: number, whenTrue = 0, whenFalse = 0): Instruction {
  return { code, operand, whenTrue, whenFalse };
}

function answer(verdict: Verdict): Instruction {
  return step(ANSWER, verdict === 'allow' ? ALLOW : FAIL_WITH + verdict);
}

/** Goes on behind itself when the condition holds, else `skip` further. */
function conditionSteps({ argument, mask, oneOf }: Condition, skip: number): readonly Instruction[] {
  const load = step(LOAD, ARGUMENTS_AT + argument * ARGUMENT_BYTES);
  const comparisons = oneOf.map((value, index) => {
    const left = oneOf.length - index - 1;
    return step(JUMP_IF_EQUAL, value, left, left === 0 ? skip : 0);
  });
  return [load, ...(mask === undefined ? [] : [step(AND, mask)]), ...comparisons];
}

function clauseSteps({ when, verdict }: Rule['clauses'][number]): readonly Instruction[] {
  // From the last to the first: a condition that does not hold skips all that comes behind it.
  return when.reduceRight<readonly Instruction[]>(
    (behind, condition) => [...conditionSteps(condition, behind.length), ...behind],
    [answer(verdict)],
  );
}

function ruleSteps(rule: Rule, architecture: Architecture): readonly Instruction[] {
  const number = numberOf(rule.call, architecture);
  if (number === null) return [];
  const body = [...rule.clauses.flatMap(clauseSteps), answer(rule.otherwise)];
  assert(body.length <= MOST_SKIPPED, `the rule on ${rule.call} fits behind one jump`);
  return [step(JUMP_IF_EQUAL, number, 0, body.length), ...body];
}

/** The whole filter. A call of another architecture than the one it was made for ends the process. */
export function filterProgram(architecture: Architecture, rules: readonly Rule[] = RULES): readonly Instruction[] {
  return [
    step(LOAD, ARCHITECTURE_AT),
    step(JUMP_IF_EQUAL, AUDIT_ARCHITECTURE[architecture], 1, 0),
    step(ANSWER, KILL_PROCESS),
    step(LOAD, CALL_AT),
    ...(architecture === 'x64' ? [step(JUMP_IF_AT_LEAST, X32, 0, 1), step(ANSWER, KILL_PROCESS)] : []),
    step(JUMP_IF_GREATER, LAST_KNOWN_CALL, 0, 1),
    answer(UNKNOWN_CALL),
    // A rule that does not apply has loaded nothing, so the number of the call is still there for the next.
    ...rules.flatMap((rule) => ruleSteps(rule, architecture)),
    answer('allow'),
  ];
}

const INSTRUCTION_BYTES = 8;

/** The filter as bubblewrap takes it. */
export function filterBytes(architecture: Architecture): Uint8Array {
  return assemble(filterProgram(architecture));
}

/** As `struct sock_filter` lies in memory on both architectures. */
export function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, whenTrue, whenFalse, operand }] of program.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, whenTrue);
    view.setUint8(at + 3, whenFalse);
    view.setUint32(at + 4, operand, true);
  }
  return bytes;
}
