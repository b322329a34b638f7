/** podman's own filter on system calls, made stricter by what the other sandbox refuses too. Pure. */
import { RULES } from '../call-rules.ts';
import type { Condition, Rule } from '../call-rules.ts';

/** As the runtime specification for Linux containers has it (`config-linux.md`, seccomp), as far as it is read here. */
interface Entry {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly Argument[] | null;
}

/** The specification gives `MASKED_EQ` the mask as `value`, and what has to come out as `valueTwo`. */
interface Argument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo: number;
  readonly op: 'SCMP_CMP_MASKED_EQ';
}

interface Profile {
  readonly defaultAction: string;
  readonly syscalls: readonly Entry[];
}

const ALLOW = 'SCMP_ACT_ALLOW';

/** Names of Node for what the specification calls by the names of libseccomp. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' };

/** The kernel looks at no more than the low 32 bits of the arguments there are rules on. */
const LOW = 0xffffffff;

function isProfile(value: unknown): value is Profile {
  if (typeof value !== 'object' || value === null) return false;
  const { defaultAction, syscalls } = value as Partial<Profile>;
  const entries: readonly Partial<Entry>[] = Array.isArray(syscalls) ? syscalls : [];
  return (
    typeof defaultAction === 'string' &&
    // A list of what is refused could not be made stricter by leaving something out.
    defaultAction !== ALLOW &&
    entries.length > 0 &&
    entries.every(({ names, action }) => Array.isArray(names) && typeof action === 'string')
  );
}

function isArgument(index: number, mask: number, value: number): Argument {
  return { index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' };
}

function allowed(call: string, args: readonly Argument[]): Entry {
  return { names: [call], action: ALLOW, args };
}

/** One entry for each combination, because the arguments of an entry have to hold together. */
function everyWay(conditions: readonly Condition[]): readonly (readonly Argument[])[] {
  return conditions.reduce<readonly (readonly Argument[])[]>(
    (ways, { argument, mask = LOW, oneOf }) =>
      ways.flatMap((way) => oneOf.map((value) => [...way, isArgument(argument, mask, value)])),
    [[]],
  );
}

/**
 * Everything but these values, said by what is allowed: another value differs from all of them in some bit, or has in the
 * bits in which they differ among themselves what none of them has.
 */
function otherThan(argument: number, values: readonly number[]): readonly Argument[] {
  const [first = 0] = values;
  const differing = values.reduce((bits, value) => (bits | (value ^ first)) >>> 0, 0);
  const bits = Array.from({ length: 32 }, (_, index) => (1 << index) >>> 0);
  const common = bits
    .filter((bit) => (differing & bit) === 0)
    .map((bit) => isArgument(argument, bit, (~first & bit) >>> 0));
  const taken = new Set(values.map((value) => (value & differing) >>> 0));
  const among = bits
    .filter((bit) => (differing & bit) !== 0)
    .reduce<readonly number[]>((all, bit) => all.flatMap((one) => [one, (one | bit) >>> 0]), [0])
    .filter((one) => !taken.has(one));
  return [...common, ...among.map((one) => isArgument(argument, differing, one))];
}

/** What a rule leaves, as entries that allow it. A rule is either a list of what is allowed or of what is not. */
function entriesOf({ call, clauses, otherwise }: Rule): readonly Entry[] {
  if (otherwise !== 'allow') {
    const granted = clauses.filter(({ verdict }) => verdict === 'allow');
    return granted.flatMap(({ when }) => everyWay(when).map((args) => allowed(call, args)));
  }
  const conditions = clauses.flatMap(({ when }) => when);
  return conditions.flatMap(({ argument, oneOf }) => otherThan(argument, oneOf).map((one) => allowed(call, [one])));
}

/**
 * null where it is no filter that names what is allowed. `architecture`: as Node calls it; calls by the numbers of another
 * end the process, where its name is known.
 */
export function tightened(profile: unknown, architecture: string): string | null {
  if (!isProfile(profile)) return null;
  const ours = new Set<string>(RULES.map(({ call }) => call));
  const kept = profile.syscalls.map((entry) => ({ ...entry, names: entry.names.filter((name) => !ours.has(name)) }));
  const syscalls = [...kept.filter(({ names }) => names.length > 0), ...RULES.flatMap(entriesOf)];
  const name = ARCHITECTURES[architecture];
  const archMap = name === undefined ? {} : { archMap: [{ architecture: name, subArchitectures: [] }] };
  return JSON.stringify({ ...profile, ...archMap, syscalls });
}
