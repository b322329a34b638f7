import { describe, expect, it } from 'vitest';
import { lookAtHost } from './host-view.ts';
import { findToolchains } from './toolchains.ts';

describe('toolchains in home directories', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'rustup',
      '/home/a b/.cargo/bin',
      ['/home/a b/.cargo/bin', '/home/a b/.rustup/toolchains', '/home/a b/.rustup/settings.toml'],
    ],
    ['pyenv', '/root/.pyenv/shims', ['/root/.pyenv']],
    ['nvm', '/home/u/.nvm/versions/node/v24.1.0/bin', ['/home/u/.nvm/versions']],
    ['volta', '/home/u/.volta/bin', ['/home/u/.volta']],
    ['asdf', '/home/u/.asdf/shims', ['/home/u/.asdf']],
    ['mise', '/home/u/.local/share/mise/installs/node/24/bin', ['/home/u/.local/share/mise/installs']],
    ['sdkman', '/home/u/.sdkman/candidates/java/current/bin', ['/home/u/.sdkman/candidates']],
    ['go', '/home/u/go/bin', ['/home/u/go/bin']],
    ['no toolchain', '/home/u/bin', []],
    ['a lookalike', '/home/u/.cargo/binary', []],
  ])('%s', (_, entry, shown) => {
    expect(findToolchains([entry]).shown).toEqual(shown);
  });

  it('never show a directory that holds credentials as a whole', () => {
    const roots = [
      '.cargo/bin',
      '.local/bin',
      '.npm-global/bin',
      '.rustup/toolchains/x/bin',
      'go/bin',
      '.claude/local',
      'miniconda3/bin',
    ];
    const { shown } = findToolchains(roots.map((root) => `/home/u/${root}`));
    const forbidden = [
      '',
      '/.cargo',
      '/.local',
      '/.local/share',
      '/.local/share/uv',
      '/.npm-global',
      '/.rustup',
      '/go',
      '/.claude',
      '/miniconda3',
    ];
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.filter((path) => forbidden.some((part) => path === `/home/u${part}`))).toEqual([]);
  });

  it('name what their programs need once the home is another one', () => {
    expect(findToolchains(['/root/.cargo/bin', '/root/.pyenv/bin'])).toMatchObject({
      variables: { RUSTUP_HOME: '/root/.rustup', PYENV_ROOT: '/root/.pyenv' },
      scratch: ['/root/.rustup'],
    });
  });
});

describe('the view of the host', () => {
  const view = lookAtHost({
    ...process.env,
    JAVA_HOME: '/home/u/secret',
    GOROOT: '/usr/local/go',
    PATH: `relative:/home/u/tools:/tmp:${process.env['PATH']}`,
  });
  const paths = view.system.map((part) => part.path);

  it('has the system and nothing of /etc that holds accounts, keys or tokens', () => {
    expect(paths).toContain('/usr');
    expect(paths).toContain('/etc/ssl/certs');
    const secret =
      /^\/etc(\/(shadow|gshadow|passwd|sudoers.*|ssh|ssl|ssl\/private|pki|npmrc|pip\.conf|gitconfig|krb5.*|machine-id|environment))?$/u;
    expect(paths.filter((path) => secret.test(path))).toEqual([]);
    expect(paths.filter((path) => /^\/(home|root|tmp|var|run|srv|mnt|media)/u.test(path))).toEqual([]);
  });

  it('has a PATH of absolute directories that are visible inside', () => {
    const entries = view.path.split(':');
    expect(entries).toContain('/usr/bin');
    expect(
      entries.filter((entry) => !entry.startsWith('/') || entry === '/tmp' || entry.startsWith('/home/u')),
    ).toEqual([]);
    expect(new Set(entries).size).toBe(entries.length);
    expect(view.hiddenPath).toContain('/tmp');
  });

  it('passes on where a toolchain is only when that is visible', () => {
    expect(view.variables['GOROOT']).toBe('/usr/local/go');
    expect(view.variables['JAVA_HOME']).toBeUndefined();
  });
});
