import { describe, expect, it } from 'vitest';
import { DEFAULT_RESOURCES } from '../core/resource.ts';
import type { ResourceLimits } from '../core/resource.ts';
import type { Cgroups } from '../process/cgroups/groups.ts';
import { openCgroups } from '../process/cgroups/groups.ts';
import { textOf, withBench } from '../public/conformance/sandbox-bench.ts';
import { createBubblewrapSandbox } from './bubblewrap/index.ts';
import { cgroupFor, resourceGaps, resourcesInForce } from './cgroup.ts';

const MIB = 2 ** 20;
const here = await openCgroups();
const missing = here === null ? ' (no control group can be made here)' : '';

function refusing(): Promise<Cgroups | null> {
  throw new Error('nobody needed to look');
}

describe('the control group of a launch', () => {
  const [memoryBytes, processes] = ['unlimited', 'unlimited'] as const;
  it.each<[string, ResourceLimits | undefined]>([
    ['no ceilings', undefined],
    ['none that a group holds', { ...DEFAULT_RESOURCES, memoryBytes, processes }],
  ])('is not made where there is %s', async (_, resources) => {
    expect(await cgroupFor(resources, refusing)).toBeNull();
  });

  it('gets the ceilings of the policy, tasks for processes', async () => {
    const asked: unknown[] = [];
    const make = (limits: unknown): never => {
      asked.push(limits);
      throw new Error('enough');
    };
    const cgroups = async (): Promise<Cgroups> => ({ version: 'v2', killsWhole: true, make });
    const resources = { ...DEFAULT_RESOURCES, memoryBytes: 100, processes: 10 };
    await expect(cgroupFor(resources, cgroups)).rejects.toThrow('enough');
    expect(asked).toEqual([{ memoryBytes: 100, tasks: 80 }]);
  });

  it.skipIf(here === null)(`ends what was faster than any look as a limit on memory${missing}`, async () => {
    // It takes 120 MB together, and is through: within one look, or over several, on a slow machine.
    const hog = `HOG='$n = shift; $x = chr(97) x 20_000_000; system($^X, "-e", $ENV{HOG}, $n - 1) if $n' && export HOG && perl -e "$HOG" 5`;
    await withBench(createBubblewrapSandbox({ hostEnvironment: process.env }), async ({ sh }) => {
      const resources = { ...DEFAULT_RESOURCES, memoryBytes: 70 * MIB };
      const { end } = await sh(`${hog}; echo through`, { limits: { resources } });
      expect(end).toMatchObject({ kind: 'resource', resource: 'memoryBytes', ceiling: 70 * MIB });
    });
  });

  it.skipIf(here === null)(`lets more tasks not begin, whoever runs loopwright${missing}`, async () => {
    const script = 'for i in $(seq 60); do sleep 0.01 & done 2>/dev/null; echo all of them';
    await withBench(createBubblewrapSandbox({ hostEnvironment: process.env }), async ({ sh }) => {
      const many = await sh(script, { limits: { resources: { ...DEFAULT_RESOURCES, processes: 100 } } });
      expect(textOf(many.stdout)).toBe('all of them\n');
      const few = await sh(script, { limits: { resources: { ...DEFAULT_RESOURCES, processes: 2 } } });
      expect([few.end.kind === 'exited' && few.end.code === 0, textOf(few.stdout)]).not.toEqual([
        true,
        'all of them\n',
      ]);
    });
  });
});

describe('what is said of resources', () => {
  const make = (): never => {
    throw new Error('not asked');
  };
  it.each<[Cgroups | null, RegExp, number]>([
    [null, /^rlimits and watching: /u, 2],
    [{ version: 'v1', killsWhole: false, make }, /^cgroup v1: .* by the kernel; /u, 1],
    [{ version: 'v2', killsWhole: true, make }, /^cgroup v2: .*ended as one; /u, 1],
  ])('is what is in force, and the rest is a gap', (cgroups, words, gaps) => {
    expect(resourcesInForce(cgroups)).toMatch(words);
    expect(resourceGaps(cgroups)).toHaveLength(gaps);
  });

  it('is true here', async () => {
    const { enforced } = await createBubblewrapSandbox({ hostEnvironment: process.env }).probe();
    expect(enforced['resources']).toBe(resourcesInForce(here));
  });
});
