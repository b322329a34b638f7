import { describe, expect, it } from 'vitest';
import { DEFAULT_RESOURCES } from '../../core/resource.ts';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import type { HostView } from '../host-view.ts';
import { planContainer, planSkeleton } from './arguments.ts';
import type { ContainerContext } from './arguments.ts';
import { hardLimits } from './engine.ts';
import type { Engine } from './engine.ts';
import { mountPointsIn } from './mount-table.ts';
import type { Skeleton } from './skeleton.ts';

const view: HostView = {
  system: [
    { kind: 'read-only', path: '/usr' },
    { kind: 'link', path: '/bin', to: 'usr/bin' },
  ],
  toolchains: [
    { kind: 'scratch', path: '/root/.rustup' },
    { kind: 'read-only', path: '/root/.cargo/bin' },
  ],
  path: '/root/.cargo/bin:/usr/bin',
  variables: { RUSTUP_HOME: '/root/.rustup' },
  hiddenPath: [],
};

const engine: Engine = {
  podman: '/usr/bin/podman',
  global: ['--log-level', 'error'],
  isRoot: true,
  version: '4.3.1',
  runtime: 'runc',
  filter: '{}',
  most: { openFiles: 20_000, processes: 96_000 },
};

const skeleton: Skeleton = {
  name: 'loopwright-x',
  root: '/tmp/s/root',
  pidFile: '/tmp/s/pid',
  filterFile: '/tmp/s/filter.json',
  emptyFile: '/tmp/s/empty',
  remove: () => undefined,
};

function launchOf(given: Partial<LaunchSpec>): LaunchSpec {
  const limits = { wallTimeMs: 1_500, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 1_000 } as const;
  return { argv: ['true'], cwd: '/workspace', env: {}, mounts: [], stdin: null, limits, ...given };
}

interface Planned {
  readonly argv: readonly string[];
  readonly environment: string;
  readonly mounts: readonly string[];
}

function plan(given: Partial<LaunchSpec>, context: Partial<ContainerContext> = {}): Planned {
  const { argv, handed } = planContainer({ engine, view, mountPoints: [], ...context }, launchOf(given), skeleton);
  const mounts = argv.flatMap((word, index) => (word === '--mount' ? [argv[index + 1] ?? ''] : []));
  return { argv, mounts, environment: Buffer.from(handed[0] ?? []).toString('utf8') };
}

function after(argv: readonly string[], option: string): string | undefined {
  return argv[argv.indexOf(option) + 1];
}

describe('the command line of podman', () => {
  it('covers a directory without copying what is in it, and files by an empty one', () => {
    const shown: HostView = {
      ...view,
      system: [
        { kind: 'hidden', path: '/usr/etc' },
        { kind: 'read-only', path: '/usr/etc/php' },
      ],
      toolchains: [{ kind: 'emptied', path: '/opt/a/etc/npmrc' }],
    };
    expect(plan({}, { view: shown }).mounts).toEqual(
      expect.arrayContaining([
        'type=tmpfs,"dst=/usr/etc",tmpfs-mode=0755,notmpcopyup',
        'type=bind,"src=/usr/etc/php","dst=/usr/etc/php",ro',
        'type=bind,"src=/tmp/s/empty","dst=/opt/a/etc/npmrc",ro',
      ]),
    );
  });

  it('gives nothing but what a launch needs, and says so for every kind of way out', () => {
    const { argv } = plan({});
    for (const option of [
      '--read-only',
      '--read-only-tmpfs=false',
      '--http-proxy=false',
      '--rm',
      'no-new-privileges',
      'seccomp=/tmp/s/filter.json',
    ])
      expect(argv).toContain(option);
    expect(['--network', '--cap-drop', '--pid', '--ipc', '--uts'].map((option) => after(argv, option))).toEqual([
      'none',
      'all',
      'private',
      'private',
      'private',
    ]);
    expect(after(argv, '--rootfs')).toBe('/tmp/s/root:O');
    expect(argv.filter((word) => /^(--privileged|--device|--volume|--env|--cap-add|--publish)/u.test(word))).toEqual(
      [],
    );
  });

  it('is the user inside, whoever one is outside', () => {
    expect(plan({}).argv.join(' ')).toContain('--uidmap 1000:0:1 --gidmap 1000:0:1 --uidmap 0:100000:1000');
    const { argv } = plan({}, { engine: { ...engine, isRoot: false } });
    expect([after(argv, '--userns'), after(argv, '--user')]).toEqual(['keep-id:uid=1000,gid=1000', '1000:1000']);
  });

  it('holds variables in no argument, and sets exactly them', () => {
    const { argv, environment } = plan({ env: { TOKEN: "it's $HOME `x`\n\\" } });
    expect(argv.join('\n')).not.toContain("it's");
    expect(environment).toContain(`export TOKEN='it'\\''s $HOME \`x\`\n\\'\n`);
    expect(environment).toContain("export HOME='/home/agent'");
  });

  it.each([
    ['a name no shell can set', { env: { 'A-B': '' } }],
    ['a variable with a NUL', { env: { A: 'x\0--bind' } }],
    ['a program with a NUL', { argv: ['a\0b'] }],
    ['no program', { argv: [] }],
    ['a way up', { cwd: '/workspace/../etc' }],
    ['an overlay', { mounts: [{ kind: 'overlay', lower: ['/l'], upper: '/u', work: '/w', target: '/workspace' }] }],
  ] satisfies readonly (readonly [string, Partial<LaunchSpec>])[])('refuses %s', (_what, given) => {
    expect(() => plan(given)).toThrow(expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }));
  });

  it('names any path, each place once and the later mount over the earlier', () => {
    const odd = '/odd "one", two\nthree';
    const twice: Mount[] = ['/a', '/b'].map((source) => ({ kind: 'read-only', source, target: '/data' }));
    const { mounts } = plan({ mounts: [{ kind: 'writable', source: odd, target: '/workspace' }, ...twice] });
    expect(mounts).toContain('type=bind,"src=/odd ""one"", two\nthree","dst=/workspace"');
    expect(mounts.filter((mount) => mount.includes('dst=/data'))).toEqual(['type=bind,"src=/b","dst=/data",ro']);
  });

  it('says of every mount below something read-only that it is read-only too', () => {
    const given: Mount = { kind: 'read-only', source: '/shown', target: '/inside' };
    const { mounts } = plan({ mounts: [given] }, { mountPoints: ['/', '/usr/local', '/shown/deep', '/shownother'] });
    expect(mounts).toContain('type=bind,"src=/usr/local","dst=/usr/local",ro');
    expect(mounts).toContain('type=bind,"src=/shown/deep","dst=/inside/deep",ro');
    expect(mounts.some((mount) => mount.includes('shownother'))).toBe(false);
  });

  it('locks a part of the workspace by mounting it once more', () => {
    const { mounts } = plan({
      mounts: [
        { kind: 'writable', source: '/ws', target: '/workspace' },
        { kind: 'locked', target: '/workspace/kept' },
      ],
    });
    expect(mounts).toContain('type=bind,"src=/ws/kept","dst=/workspace/kept",ro');
  });

  it('holds memory and processes by a control group where it may make one', () => {
    const resources = { ...DEFAULT_RESOURCES, memoryBytes: 4_000, processes: 10 };
    const limits = { ...launchOf({}).limits, resources };
    const { argv, mounts } = plan({ limits });
    expect(['--memory', '--pids-limit', '--shm-size', '--timeout'].map((option) => after(argv, option))).toEqual([
      '8000',
      '80',
      '1000',
      '32',
    ]);
    expect(mounts).toContain('type=tmpfs,"dst=/tmp",tmpfs-mode=1777,tmpfs-size=1000');
    expect(argv).toContain('nofile=20000:20000');
    const ordinary = plan({ limits }, { engine: { ...engine, isRoot: false } }).argv;
    expect(ordinary.filter((word) => word === '--memory' || word === '--pids-limit')).toEqual([]);
  });

  it('puts links and the files that say who one is below everything', () => {
    const mounts: Mount[] = [{ kind: 'link', to: '/workspace', target: '/given' }];
    const { links, files, filter } = planSkeleton({ engine, view, mountPoints: [] }, launchOf({ mounts }));
    expect(links).toEqual({ '/var/tmp': '../tmp', '/bin': 'usr/bin', '/given': '/workspace' });
    expect(Object.keys(files)).toEqual(['/etc/passwd', '/etc/group', '/etc/hosts']);
    expect(filter).toBe('{}');
  });
});

describe('what the kernel says of the host', () => {
  it('is where something is mounted, whatever its name', () => {
    const table = '22 1 0:20 / / rw - ext4 /dev/vda rw\n23 22 0:21 / /usr/a\\040b\\134c rw shared:1 - tmpfs none rw\n';
    expect(mountPointsIn(table)).toEqual(['/', '/usr/a b\\c']);
  });

  it('is how much a process may have at most', () => {
    const limits =
      'Limit  Soft Limit Hard Limit Units\nMax processes   10  96365  processes\nMax open files 1 unlimited files\n';
    expect(hardLimits(limits)).toEqual({ processes: 96_365, openFiles: Infinity });
  });
});
