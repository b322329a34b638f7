import { describe, expect, it } from 'vitest';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import { planLaunch } from './arguments.ts';
import type { LaunchContext } from './arguments.ts';
import type { HostView } from '../host-view.ts';
import type { OverlayMethod } from './overlay.ts';

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

const UNSHARE: OverlayMethod = {
  kind: 'unshare',
  unshare: '/usr/bin/unshare',
  mount: '/usr/bin/mount',
  shell: '/bin/sh',
};

function plan(
  given: Partial<LaunchSpec>,
  overlay: OverlayMethod | null = null,
  etc: string | null = null,
  shown: HostView = view,
): { argv: readonly string[]; options: readonly string[] } {
  const context: LaunchContext = {
    bwrap: '/usr/bin/bwrap',
    view: shown,
    overlay,
    filter: new Uint8Array(8),
    locked: new Map(),
    etc,
  };
  const limits = { wallTimeMs: 1, idleMs: 1, outputBytes: 1, keepBytes: 1 };
  const spec: LaunchSpec = { argv: ['true'], cwd: '/workspace', env: {}, mounts: [], stdin: null, limits, ...given };
  const { argv, handed } = planLaunch(context, spec);
  return { argv, options: new TextDecoder().decode(handed[0]).split('\0').slice(0, -1) };
}

/** Whether `part` occurs in `whole` in one piece. */
function holds(whole: readonly string[], ...part: readonly string[]): boolean {
  return whole.some((_, at) => part.every((text, index) => whole[at + index] === text));
}

const overlay: Mount = {
  kind: 'overlay',
  lower: ['/first', '/second'],
  upper: '/up',
  work: '/work dir',
  target: '/workspace',
};

describe('the command line of bubblewrap', () => {
  it('is the program behind its gate; all options go through a descriptor', () => {
    const { argv } = plan({ argv: ['--help', 'a b', "it's"] });
    expect(argv.slice(0, 6)).toEqual(['/usr/bin/bwrap', '--args', '3', '--', '/bin/sh', '-c']);
    expect(argv.slice(7)).toEqual(['sh', '--help', 'a b', "it's"]);
  });

  it.each(['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', '--new-session'])(
    'always has %s',
    (option) => {
      expect(plan({}).options).toContain(option);
    },
  );

  it('drops every capability and maps an ordinary user', () => {
    const { options } = plan({});
    expect(
      holds(options, '--cap-drop', 'ALL') && holds(options, '--uid', '1000') && holds(options, '--gid', '1000'),
    ).toBe(true);
  });

  it.each<[string, Mount, readonly string[]]>([
    ['read-only', { kind: 'read-only', source: '/a b', target: '/x' }, ['--ro-bind', '/a b', '/x']],
    ['writable', { kind: 'writable', source: '/a\nb', target: '/x' }, ['--bind', '/a\nb', '/x']],
    ['link', { kind: 'link', to: '../y', target: '/x' }, ['--symlink', '../y', '/x']],
  ])('expresses a %s mount', (_, mount, expected) => {
    expect(holds(plan({ mounts: [mount] }).options, ...expected)).toBe(true);
  });

  it('covers a directory before what of it is shown, and files by empty ones of their own', () => {
    const shown: HostView = {
      ...view,
      system: [...view.system, { kind: 'hidden', path: '/usr/etc' }, { kind: 'read-only', path: '/usr/etc/php' }],
      toolchains: [
        { kind: 'read-only', path: '/opt/a' },
        { kind: 'emptied', path: '/opt/a/pip.conf' },
        { kind: 'emptied', path: '/opt/a/etc/npmrc' },
      ],
    };
    const { options } = plan({}, null, '/kept', shown);
    expect(holds(options, '--tmpfs', '/usr/etc', '--ro-bind', '/usr/etc/php', '/usr/etc/php')).toBe(true);
    expect(holds(options, '--remount-ro', '/usr/etc')).toBe(true);
    const empty = (descriptor: string, path: string): string[] => [
      '--perms',
      '0644',
      '--ro-bind-data',
      descriptor,
      path,
    ];
    const covers = [...empty('4', '/opt/a/pip.conf'), ...empty('5', '/opt/a/etc/npmrc')];
    expect(holds(options, '--ro-bind', '/opt/a', '/opt/a', ...covers)).toBe(true);
    expect(holds(options, '--json-status-fd', '7') && holds(options, '--seccomp', '6')).toBe(true);
  });

  it('shows /etc as one directory where there is one, in the place of its parts', () => {
    const parts = plan({}).options;
    const { options, argv } = plan({}, null, '/kept/etc');
    expect(holds(options, '--ro-bind', '/kept/etc', '/etc')).toBe(true);
    const own = (all: readonly string[]): readonly string[] => all.filter((text) => text.startsWith('/etc/'));
    expect(own(parts)).toContain('/etc/passwd');
    // A mount point that every launch has; the directory covers it.
    expect(own(options)).toEqual(['/etc/ssl']);
    // Nothing is handed over that nobody reads: it would be left open for the program.
    expect([argv.join(' ').includes('>&6'), plan({}).argv.join(' ').includes('>&9')]).toEqual([true, true]);
  });

  it('mounts in the order given, after the system and before the root is closed', () => {
    const mounts: Mount[] = [
      { kind: 'writable', source: '/one', target: '/w' },
      { kind: 'read-only', source: '/two', target: '/w/inner' },
    ];
    const { options } = plan({ mounts });
    const closed = options.findIndex((text, index) => text === '--remount-ro' && options[index + 1] === '/');
    const system = ['/usr', '/proc', '/root/.rustup', '/root/.cargo/bin', '/one', '/two'];
    const order = [...system.map((text) => options.indexOf(text)), closed];
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('lets bubblewrap make the overlay, the lowest layer first', () => {
    const { argv, options } = plan({ mounts: [overlay] }, { kind: 'bubblewrap' });
    expect(argv[0]).toBe('/usr/bin/bwrap');
    const expected = [
      '--overlay-src',
      '/second',
      '--overlay-src',
      '/first',
      '--overlay',
      '/up',
      '/work dir',
      '/workspace',
    ];
    expect(holds(options, ...expected)).toBe(true);
  });

  it('lets unshare and mount make the overlay, with paths as parameters of a fixed script', () => {
    const { argv, options } = plan({ mounts: [overlay] }, UNSHARE);
    expect(argv.slice(0, 6)).toEqual(['/usr/bin/unshare', '--user', '--map-root-user', '--mount', '--', '/bin/sh']);
    const data = 'lowerdir=/first:/second,upperdir=/up,workdir=/work dir,userxattr';
    expect(
      holds(argv, '/usr/bin/mount', data, '/work dir', '--', '/usr/bin/bwrap', '--args', '3', '--', '/bin/sh', '-c'),
    ).toBe(true);
    expect(holds(options, '--bind', '/work dir', '/workspace')).toBe(true);
  });

  it.each(['/a:b', '/a,b', '/a\\b', '/a"b'])('refuses to put %s into the options of a mount', (upper) => {
    expect(() => plan({ mounts: [{ ...overlay, upper }] }, UNSHARE)).toThrow(
      expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }),
    );
    expect(plan({ mounts: [{ ...overlay, upper }] }, { kind: 'bubblewrap' }).options).toContain(upper);
  });

  it.each<[string, Partial<LaunchSpec>]>([
    ['a NUL in a path', { mounts: [{ kind: 'writable', source: '/a\0--bind\0/', target: '/x' }] }],
    ['a NUL in a variable', { env: { A: 'x\0--bind\0/\0/x' } }],
    ['a NUL in an argument', { argv: ['true', 'a\0b'] }],
    ['a variable with an equals sign', { env: { 'A=B': 'x' } }],
    ['a variable without a name', { env: { '': 'x' } }],
    ['a target that is not absolute', { mounts: [{ kind: 'writable', source: '/a', target: 'x' }] }],
    ['a target that climbs', { mounts: [{ kind: 'writable', source: '/a', target: '/x/../usr' }] }],
    ['a working directory that is not absolute', { cwd: 'x' }],
    ['no program', { argv: [] }],
    ['an overlay where there is none', { mounts: [overlay] }],
  ])('refuses %s', (_, given) => {
    expect(() => plan(given)).toThrow(expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }));
  });

  it('sets what the launch says over what is always set', () => {
    const { options } = plan({ env: { LANG: 'de_DE.UTF-8', EXTRA: '1' } });
    expect(holds(options, '--setenv', 'LANG', 'de_DE.UTF-8') && holds(options, '--setenv', 'EXTRA', '1')).toBe(true);
    expect(options.filter((text) => text === 'LANG')).toHaveLength(1);
    expect(
      holds(options, '--setenv', 'GIT_TERMINAL_PROMPT', '0') &&
        holds(options, '--setenv', 'RUSTUP_HOME', '/root/.rustup'),
    ).toBe(true);
    expect(options).not.toContain('CI');
  });
});
