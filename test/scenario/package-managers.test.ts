/**
 * Real package managers in the real sandbox, through the egress proxy and the lists a policy names, from registries on
 * loopback: what each of them asks for, the proxy has to understand and to let through.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NETWORK_PRESETS } from '../../src/policy/network-presets.ts';
import type { FinishedProcess, Mount } from '../../src/ports/sandbox.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';
import { tarball, zip } from '../support/archives.ts';
import type { Files } from '../support/archives.ts';
import { openEgressRoom, rule } from '../support/egress-room.ts';
import type { EgressRoom } from '../support/egress-room.ts';

/** By host and path. */
type Registry = Readonly<Record<string, string | Buffer>>;

interface Project {
  /** Name of a list, as a policy writes it. */
  readonly preset: string;
  readonly registry: Registry;
  readonly files: Files;
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Came {
  readonly end: FinishedProcess['end'];
  readonly said: string;
  readonly room: EgressRoom;
  /** `METHOD host/path` of each request that arrived at a registry. */
  readonly asked: readonly string[];
}

const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });

function works(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}

function projectAt(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-packages-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

async function inside({ preset, registry, files, script, env = {} }: Project): Promise<Came> {
  const room = await openEgressRoom({
    allow: (NETWORK_PRESETS[preset] ?? []).map(({ host, tls }) => rule(host, { tls, preset })),
    answer({ host, path }, response) {
      const answer = registry[`${host}${path}`];
      response.statusCode = answer === undefined ? 404 : 200;
      if (path.startsWith('/simple/')) response.setHeader('content-type', 'text/html');
      response.end(answer ?? 'there is no such thing here');
    },
  });
  onTestFinished(() => room.close());
  const { access } = room.run;
  const shown = Object.entries(access.files).map(([target, source]): Mount => ({ kind: 'read-only', source, target }));
  const launched = sandbox.launch(
    {
      argv: ['/bin/sh', '-c', script],
      cwd: '/workspace',
      env: { ...access.env, ...env },
      mounts: [{ kind: 'writable', source: projectAt(files), target: '/workspace' }, ...shown],
      stdin: null,
      limits: { wallTimeMs: 120_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 100_000 },
      forwards: access.forwards,
    },
    new AbortController().signal,
  );
  const { end, stdout, stderr } = await launched.finished;
  const said = Buffer.concat([stdout, stderr]).toString('utf8');
  const asked = room.outside.arrived.map(({ method, host, path }) => `${method} ${host}${path}`);
  return { end, said, room, asked };
}

function sha(algorithm: string, bytes: Buffer, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(bytes).digest(encoding);
}

const DONE = { kind: 'exited', code: 0 };

const NPM_TARBALL = tarball({
  'package/package.json': JSON.stringify({ name: 'tiny', version: '1.0.0', main: 'index.js' }),
  'package/index.js': "module.exports = 'from the registry';\n",
});
const NPM_URL = 'registry.npmjs.org/tiny/-/tiny-1.0.0.tgz';
const NPM_DIST = { tarball: `https://${NPM_URL}`, integrity: `sha512-${sha('sha512', NPM_TARBALL, 'base64')}` };
const NPM: Registry = {
  'registry.npmjs.org/tiny': JSON.stringify({
    name: 'tiny',
    'dist-tags': { latest: '1.0.0' },
    versions: { '1.0.0': { name: 'tiny', version: '1.0.0', dist: NPM_DIST } },
  }),
  [NPM_URL]: NPM_TARBALL,
};

const WHEEL = zip({
  'tiny.py': "said = 'from the index'\n",
  'tiny-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n',
  'tiny-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  'tiny-1.0.dist-info/RECORD':
    'tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n',
});
const WHEEL_URL = 'files.pythonhosted.org/packages/tiny-1.0-py3-none-any.whl';
const PYPI: Registry = {
  'pypi.org/simple/tiny/': `<!DOCTYPE html><a href="https://${WHEEL_URL}#sha256=${sha('sha256', WHEEL, 'hex')}">tiny-1.0-py3-none-any.whl</a>`,
  [WHEEL_URL]: WHEEL,
};

const CRATE = tarball({
  'tiny-1.0.0/Cargo.toml': '[package]\nname = "tiny"\nversion = "1.0.0"\nedition = "2021"\n',
  'tiny-1.0.0/src/lib.rs': 'pub const SAID: &str = "from the index";\n',
});
const CRATES: Registry = {
  'index.crates.io/config.json': JSON.stringify({ dl: 'https://static.crates.io/crates', api: 'https://crates.io' }),
  'index.crates.io/ti/ny/tiny': `${JSON.stringify({ name: 'tiny', vers: '1.0.0', deps: [], cksum: sha('sha256', CRATE, 'hex'), features: {}, yanked: false })}\n`,
  'static.crates.io/crates/tiny/1.0.0/download': CRATE,
};

const MODULE = 'example.com/tiny';
const GO_MOD = `module ${MODULE}\n\ngo 1.20\n`;
const GO: Registry = {
  [`proxy.golang.org/${MODULE}/@v/v1.0.0.info`]: JSON.stringify({ Version: 'v1.0.0', Time: '2026-01-01T00:00:00Z' }),
  [`proxy.golang.org/${MODULE}/@v/v1.0.0.mod`]: GO_MOD,
  [`proxy.golang.org/${MODULE}/@v/v1.0.0.zip`]: zip({
    [`${MODULE}@v1.0.0/go.mod`]: GO_MOD,
    [`${MODULE}@v1.0.0/tiny.go`]: 'package tiny\n\nconst Said = "from the proxy"\n',
  }),
};

describe('package managers inside, through the proxy', { timeout: 240_000 }, () => {
  it('npm installs, and what it would tell the registry stays here', async ({ skip }) => {
    skip(!works('npm', '--version'), 'npm is not installed');
    const { end, said, asked, room } = await inside({
      preset: 'npm',
      registry: NPM,
      files: { 'package.json': JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { tiny: '^1.0.0' } }) },
      script: 'npm install --no-fund --no-update-notifier && node -p "require(\'tiny\')"',
    });
    expect({ end, said }).toEqual({ end: DONE, said: expect.stringContaining('from the registry') });
    expect(asked).toEqual(['GET registry.npmjs.org/tiny', `GET ${NPM_URL}`]);
    // The list of what is installed would have been posted, to be looked up for known holes.
    const refused = (await room.end()).filter((event) => event.type === 'egress.attempted' && !event.allowed);
    expect(refused.length).toBeGreaterThan(0);
  });

  it('npm says what was refused when its registry is not named', async ({ skip }) => {
    skip(!works('npm', '--version'), 'npm is not installed');
    const { end, asked, said } = await inside({
      preset: 'pypi',
      registry: NPM,
      files: { 'package.json': '{}' },
      script: 'npm install --fetch-retries=0 --no-audit --no-fund --no-update-notifier tiny',
    });
    expect(end).not.toEqual(DONE);
    expect(asked).toEqual([]);
    expect(said).toMatch(/403|Forbidden/u);
  });

  it('pip installs', async ({ skip }) => {
    skip(!works('python3', '-m', 'pip', '--version'), 'pip is not installed');
    const { end, said, asked } = await inside({
      preset: 'pypi',
      registry: PYPI,
      files: {},
      script:
        // Not by the name on PATH: pyenv's stand-in fails after pip did its work, because its directory is read-only.
        'python=$(python3 -c "import sys; print(sys.executable)") && $python -m pip install --no-input --disable-pip-version-check --target lib tiny && PYTHONPATH=lib $python -c "import tiny; print(tiny.said)"',
    });
    expect({ end, said }).toEqual({ end: DONE, said: expect.stringContaining('from the index') });
    expect(asked).toContain('GET pypi.org/simple/tiny/');
    expect(asked).toContain(`GET ${WHEEL_URL}`);
  });

  it('cargo fetches', async ({ skip }) => {
    skip(!works('cargo', '--version'), 'cargo is not installed');
    const { end, said, asked } = await inside({
      preset: 'crates',
      registry: CRATES,
      files: {
        'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ntiny = "1"\n',
        'src/lib.rs': '',
      },
      script: 'CARGO_HOME=/tmp/cargo cargo fetch && cat /tmp/cargo/registry/src/*/tiny-1.0.0/src/lib.rs',
    });
    expect({ end, said }).toEqual({ end: DONE, said: expect.stringContaining('from the index') });
    expect(asked).toContain('GET static.crates.io/crates/tiny/1.0.0/download');
  });

  it('go fetches', async ({ skip }) => {
    skip(!works('go', 'version'), 'go is not installed');
    const { end, said, asked } = await inside({
      preset: 'go',
      registry: GO,
      files: { 'go.mod': `module app\n\ngo 1.20\n\nrequire ${MODULE} v1.0.0\n` },
      script: `go mod download ${MODULE} && cat "$(go env GOMODCACHE)/${MODULE}@v1.0.0/tiny.go"`,
      // The database of sums signs what it says; a registry on loopback cannot.
      env: { GONOSUMDB: MODULE, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
    });
    expect({ end, said }).toEqual({ end: DONE, said: expect.stringContaining('from the proxy') });
    expect(asked).toContain(`GET proxy.golang.org/${MODULE}/@v/v1.0.0.zip`);
  });
});
