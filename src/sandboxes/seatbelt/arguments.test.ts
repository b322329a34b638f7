import { describe, expect, it } from 'vitest';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import type { HostView } from '../host-view.ts';
import { planProfile, planSeatbelt } from './arguments.ts';
import type { SeatbeltContext } from './arguments.ts';

const view: HostView = {
  system: [
    { kind: 'read-only', path: '/usr' },
    { kind: 'hidden', path: '/usr/local/etc' },
    { kind: 'read-only', path: '/usr/local/etc/php' },
  ],
  toolchains: [
    { kind: 'read-only', path: '/Users/u/.nvm/versions' },
    { kind: 'emptied', path: '/Users/u/.nvm/versions/node/v1/etc/npmrc' },
  ],
  path: '/usr/bin:/bin',
  variables: {},
  hiddenPath: [],
};

const context: SeatbeltContext = {
  view,
  privateHome: '/private/var/x/home',
  privateTmp: '/private/var/x/tmp',
  node: '/opt/node/bin/node',
  real: (path) => path.replace(/^\/tmp\//u, '/private/tmp/'),
};

function spec(given: Partial<LaunchSpec>): LaunchSpec {
  const limits = { wallTimeMs: 1, idleMs: 1, outputBytes: 1, keepBytes: 1 };
  return { argv: ['true'], cwd: '/tmp/ws', env: {}, mounts: [], stdin: null, limits, ...given };
}

const MOUNTS: readonly Mount[] = [
  { kind: 'writable', source: '/tmp/ws', target: '/tmp/ws' },
  { kind: 'read-only', source: '/tmp/objects', target: '/tmp/objects' },
  { kind: 'locked', target: '/tmp/ws/.vscode' },
  { kind: 'read-only', source: '/tmp/nothing', target: '/tmp/ws/.env', ifPresent: true },
  { kind: 'link', to: '/x', target: '/tmp/ws/link' },
];

describe('what a seatbelt profile is about', () => {
  it('is each mount by what it means, at its real path', () => {
    const forwards = [{ port: 4_100, socket: '/tmp/g/gateway.sock' }];
    expect(planProfile(context, spec({ mounts: MOUNTS, forwards }))).toEqual({
      readable: ['/Users/u/.nvm/versions', '/private/tmp/objects', '/opt/node/bin/node'],
      writable: ['/private/var/x/home', '/private/var/x/tmp', '/private/tmp/ws'],
      locked: ['/private/tmp/objects', '/private/tmp/ws/.vscode'],
      hidden: ['/usr/local/etc', '/Users/u/.nvm/versions/node/v1/etc/npmrc', '/private/tmp/ws/.env'],
      shown: ['/usr/local/etc/php'],
      sockets: ['/private/tmp/g/gateway.sock'],
      ports: [4_100],
    });
  });

  it.each<Mount>([
    { kind: 'writable', source: '/tmp/a', target: '/workspace' },
    { kind: 'read-only', source: '/tmp/ca.pem', target: '/run/loopwright/ca.pem' },
  ])('is nothing that would have to be mounted elsewhere ($kind)', (mount) => {
    expect(() => planProfile(context, spec({ mounts: [mount] }))).toThrow(
      expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }),
    );
  });

  it('is no overlay', () => {
    const overlay: Mount = { kind: 'overlay', lower: ['/a'], upper: '/b', work: '/c', target: '/tmp/ws' };
    expect(() => planSeatbelt(context, spec({ mounts: [overlay] }), '/p.sb')).toThrow(/overlay/u);
  });
});

describe('the command line of sandbox-exec', () => {
  it('has the profile by its file, the program behind its gate, and no variable', () => {
    const { argv, env, cwd } = planSeatbelt(
      context,
      spec({ argv: ['git', '-f', 'a b'], env: { KEY: 'canary' } }),
      '/p.sb',
    );
    expect(argv.slice(0, 5)).toEqual(['/usr/bin/sandbox-exec', '-f', '/p.sb', '/bin/sh', '-c']);
    expect(argv.slice(6)).toEqual(['sh', 'git', '-f', 'a b']);
    expect(argv.join('\n')).not.toContain('canary');
    expect(env).toMatchObject({ KEY: 'canary', HOME: '/private/var/x/home', TMPDIR: '/private/var/x/tmp' });
    expect(cwd).toBe('/tmp/ws');
  });

  it('runs the forwarder by the Node of loopwright, where it is', () => {
    const forwards = [{ port: 4_100, socket: '/tmp/g.sock' }];
    const { argv } = planSeatbelt(context, spec({ forwards }), '/p.sb');
    expect(argv.slice(7, 9)).toEqual(['/opt/node/bin/node', '--input-type=module']);
    expect(argv.slice(-2)).toEqual(['4100:/tmp/g.sock', 'true']);
  });

  it.each([{ argv: [] }, { argv: [''] }, { argv: ['a\0b'] }, { env: { A: 'x\0' } }])('refuses %j', (given) => {
    expect(() => planSeatbelt(context, spec(given), '/p.sb')).toThrow(
      expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }),
    );
  });
});
