import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupName, killsIn, ownerOf, parseMembership, parseMounts, placesOf, settingsOf } from './layout.ts';

/** As `/proc/self/cgroup` and `/proc/self/mountinfo` have it; other mounts are there too. */
const MACHINES = {
  'a terminal of a desktop under systemd, v2': {
    cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-term.scope\n',
    mounts: [
      '22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw',
      '30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate',
    ],
    first: {
      version: 'v2',
      memory: '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/app-term.scope',
    },
    count: 6,
  },
  'a container with a cgroup namespace, v2': {
    cgroup: '0::/\n',
    mounts: ['900 880 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw'],
    first: { version: 'v2', memory: '/sys/fs/cgroup', pids: '/sys/fs/cgroup', kill: '/sys/fs/cgroup' },
    count: 1,
  },
  'a machine with the controllers in v1 and an empty v2 beside them': {
    cgroup: '8:pids:/\n4:memory:/own/part\n1:name=systemd:/\n0::/\n',
    mounts: [
      '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
      '39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids',
      '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    ],
    // v2 is asked first, and has no controllers to offer.
    first: { version: 'v2', memory: '/sys/fs/cgroup/unified' },
    last: {
      version: 'v1',
      memory: '/sys/fs/cgroup/memory/own/part',
      pids: '/sys/fs/cgroup/pids',
      kill: null,
    },
    count: 3,
  },
  'a container of the old kind, whose mounts show its own part': {
    cgroup: '5:cpu,memory:/docker/abc\n3:pids:/docker/abc/inner\n',
    mounts: [
      '1 2 0:1 /docker/abc /sys/fs/cgroup/cpu,memory ro - cgroup cgroup rw,cpu,memory',
      '1 2 0:2 /docker/abc /sys/fs/cgroup/pi\\040ds ro - cgroup cgroup rw,pids',
    ],
    first: {
      version: 'v1',
      memory: '/sys/fs/cgroup/cpu,memory',
      pids: '/sys/fs/cgroup/pi ds/inner',
      kill: null,
    },
    count: 1,
  },
} as const;

describe('where control groups are', () => {
  it.each(Object.entries(MACHINES))('is found on %s', (_, machine) => {
    const places = placesOf(parseMembership(machine.cgroup), parseMounts(machine.mounts.join('\n')));
    expect(places).toHaveLength(machine.count);
    expect(places[0]).toMatchObject(machine.first);
    if ('last' in machine) expect(places.at(-1)).toEqual(machine.last);
  });

  it.each([
    ['no control groups at all', '', '22 27 0:21 / /proc rw - proc proc rw'],
    ['a group outside of the own namespace', '0::/../other\n', '1 2 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw'],
    ['a mount that shows another part', '0::/one\n', '1 2 0:1 /two /sys/fs/cgroup rw - cgroup2 cgroup2 rw'],
    ['a name that only begins like what the mount shows', '0::/one-more\n', '1 2 0:1 /one /cg rw - cgroup2 cgroup2 rw'],
    ['memory without a count of tasks', '4:memory:/\n', '1 2 0:1 / /cg rw - cgroup cgroup rw,memory'],
    ['lines of no format', 'nonsense\n::\n0:', 'nonsense - cgroup2\n - '],
  ])('is nowhere with %s', (_, cgroup, mounts) => {
    expect(placesOf(parseMembership(cgroup), parseMounts(mounts)).filter(({ memory }) => memory !== '')).toEqual([]);
  });

  it('never lies above the mount', () => {
    const part = fc.constantFrom('a', 'b', '..', 'own.scope');
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (root, path) => {
        const [shown, own] = [root, path].map((parts) => `/${parts.join('/')}`);
        const mounts = parseMounts(`1 2 0:1 ${shown} /mnt/cg rw - cgroup2 cgroup2 rw`);
        const places = placesOf(parseMembership(`0::${own}\n`), mounts);
        return places.every(({ memory }) => memory === '/mnt/cg' || /^\/mnt\/cg\/(?!.*\.\.)/u.test(memory));
      }),
    );
  });
});

describe('what a group is told', () => {
  it('is its ceilings, in the words of its version, swap with them', () => {
    expect(settingsOf('v2', { memoryBytes: 1_000.5, tasks: 8 })).toEqual([
      { controller: 'memory', file: 'memory.max', value: '1001' },
      { controller: 'memory', file: 'memory.swap.max', value: '0', ifPresent: true },
      { controller: 'pids', file: 'pids.max', value: '8' },
    ]);
    expect(settingsOf('v1', { memoryBytes: 1_000, tasks: 8 }).map(({ file, value }) => [file, value])).toEqual([
      ['memory.limit_in_bytes', '1000'],
      ['memory.memsw.limit_in_bytes', '1000'],
      ['pids.max', '8'],
    ]);
    expect(settingsOf('v2', { memoryBytes: 'unlimited', tasks: 'unlimited' })).toEqual([]);
  });

  const MIB = 2 ** 20;
  it.each([
    ['its ceiling was met', 'v2', 'low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n', '', 1],
    ['the whole machine had no memory left', 'v2', 'max 0\noom 0\noom_kill 1\n', '', 0],
    ['nobody was killed', 'v2', 'max 30\noom 0\noom_kill 0\n', '', 0],
    ['its ceiling was met', 'v1', 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n', `${99 * MIB}\n`, 3],
    ['the whole machine had no memory left', 'v1', 'under_oom 0\noom_kill 1\n', `${50 * MIB}\n`, 0],
    ['nobody was killed', 'v1', 'under_oom 0\noom_kill 0\n', `${100 * MIB}\n`, 0],
    ['the group is gone', 'v2', '', '', 0],
  ] as const)('answers whom the kernel killed: %s, %s', (_, version, events, peak, kills) => {
    expect(killsIn(version, { events, peak, ceiling: 100 * MIB })).toBe(kills);
  });
});

describe('the name of a group', () => {
  it('says whose it is, and no other name does', () => {
    const number = fc.nat();
    fc.assert(
      fc.property(fc.record({ namespace: number, pid: number, startTicks: number }), (owner) => {
        expect(ownerOf(groupName(owner, '0a1b'))).toEqual(owner);
      }),
    );
    for (const name of ['loopwright', 'loopwright-1-2-3', 'loopwright-1-2-3-x', 'x-loopwright-1-2-3-a', 'user.slice'])
      expect(ownerOf(name)).toBeNull();
  });
});
