/** Layers of the host: which are read, which reach a repository, and what is refused. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  renameSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../../core/errors.ts';
import type { RepositoryNames } from '../../ports/workspace.ts';
import { appliesTo, appliesToProblem, plainRemote } from '../applies-to.ts';
import { loadLayers } from './load.ts';

let room = '';
beforeEach(() => {
  room = realpathSync(mkdtempSync(join(tmpdir(), 'lw-layers-')));
});
afterEach(() => rmSync(room, { recursive: true, force: true }));

const SHOP: RepositoryNames = { roots: ['/srv/work/shop'], remotes: ['git@github.com:acme/shop.git'] };

function directory(name: string): string {
  const path = join(room, name);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return path;
}

function write(path: string, text: string | Uint8Array): string {
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

const ORGANISATION = 'layer: organisation\nversion: 1\n';

/** Names of the layers that reach the repository. */
async function names(repository = SHOP): Promise<readonly string[]> {
  const env = { LOOPWRIGHT_POLICY_LAYERS: directory('own'), HOME: room };
  const layers = await loadLayers(env, async () => repository, directory('system'));
  return layers.map(({ record }) => record.file);
}

async function refusal(): Promise<{ code: string; message: string }> {
  const error: unknown = await names().catch((caught: unknown) => caught);
  if (!isLoopwrightError(error)) throw new Error('nothing was refused');
  return { code: error.code, message: error.message.replaceAll(room, '') };
}

describe('layers of a host', () => {
  it('are none where there is no directory, and then no repository is looked at', async () => {
    const layers = await loadLayers({ HOME: room }, () => Promise.reject(new Error('looked')), join(room, 'none'));
    expect(layers).toEqual([]);
  });

  it('come by level, then from the system, then by name', async () => {
    write(join(directory('own'), 'b-team.yaml'), 'layer: team\nversion: 1\n');
    write(join(directory('own'), 'a.yaml'), ORGANISATION);
    write(join(directory('own'), 'a-team.yml'), 'layer: team\nversion: 1\n');
    write(join(directory('system'), 'z.yaml'), ORGANISATION);
    write(join(directory('own'), 'notes.md'), 'not a layer');
    expect(await names()).toEqual(['z.yaml', 'a.yaml', 'a-team.yml', 'b-team.yaml']);
  });

  it('carry the hash of their bytes', async () => {
    write(join(directory('own'), 'a.yaml'), ORGANISATION);
    const [layer] = await loadLayers(
      { LOOPWRIGHT_POLICY_LAYERS: directory('own') },
      async () => SHOP,
      directory('system'),
    );
    expect(layer?.record).toEqual({
      level: 'organisation',
      file: 'a.yaml',
      hash: createHash('sha256').update(ORGANISATION).digest('hex'),
    });
  });

  it('reach only the repositories they name', async () => {
    write(join(directory('own'), 'acme.yaml'), `${ORGANISATION}applies-to: ["github.com/acme/*"]\n`);
    write(join(directory('own'), 'other.yaml'), `${ORGANISATION}applies-to: ["github.com/other/*"]\n`);
    write(join(directory('own'), 'path.yaml'), `${ORGANISATION}applies-to: [/srv/work/**]\n`);
    expect(await names()).toEqual(['acme.yaml', 'path.yaml']);
    expect(await names({ roots: ['/srv/work-2/x'], remotes: ['https://example.org/x'] })).toEqual([]);
  });

  it('reach what they name by a path that is a symbolic link', async () => {
    mkdirSync(join(room, 'disk (1)', 'work', 'shop'), { recursive: true });
    symlinkSync(join(room, 'disk (1)'), join(room, 'srv'));
    write(join(directory('own'), 'path.yaml'), `${ORGANISATION}applies-to: ['${room}/srv/work/**']\n`);
    write(join(directory('own'), 'home.yaml'), `${ORGANISATION}applies-to: [~/srv/work/sh*]\n`);
    write(
      join(directory('own'), 'away.yaml'),
      `${ORGANISATION}applies-to: ['${room}/srv/gone/**', '${room}/none/**']\n`,
    );
    const root = join(room, 'disk (1)', 'work', 'shop');
    expect(await names({ roots: [root], remotes: [] })).toEqual(['home.yaml', 'path.yaml']);
    // A work tree elsewhere that is linked to it.
    expect(await names({ roots: ['/elsewhere', root], remotes: [] })).toEqual(['home.yaml', 'path.yaml']);
  });

  it('ask what the repository is called only where one of them names repositories', async () => {
    const env = { LOOPWRIGHT_POLICY_LAYERS: directory('own'), HOME: room };
    const load = () => loadLayers(env, () => Promise.reject(new Error('asked')), directory('system'));
    write(join(directory('own'), 'a.yaml'), ORGANISATION);
    expect(await load()).toHaveLength(1);
    write(join(directory('own'), 'b.yaml'), `${ORGANISATION}applies-to: ["github.com/acme/*"]\n`);
    await expect(load()).rejects.toThrow('asked');
  });

  it('stop everything where one cannot be read, also one for another repository', async () => {
    write(join(directory('own'), 'a.yaml'), `${ORGANISATION}applies-to: ["github.com/other/*"]\nlimitz: {}\n`);
    expect(await refusal()).toMatchObject({
      code: 'LW_POLICY_INVALID',
      message: expect.stringContaining('/own/a.yaml:4:1'),
    });
  });
});

const BAD: readonly (readonly [string, string | Uint8Array, string, RegExp])[] = [
  ['tabs', `${ORGANISATION}limits:\n\titerations: 3\n`, 'LW_POLICY_INVALID', /^\/own\/a\.yaml:4:1 a tab/],
  ['an anchor', `${ORGANISATION}owner: &a me\n`, 'LW_POLICY_INVALID', /a\.yaml:3:\d+ anchors/],
  ['an alias', `${ORGANISATION}owner: *a\n`, 'LW_POLICY_INVALID', /a\.yaml:3:8/],
  ['a key twice', `${ORGANISATION}owner: a\nowner: b\n`, 'LW_POLICY_INVALID', /a\.yaml:4:1 .*twice/],
  ['an unknown key', `${ORGANISATION}ownr: a\n`, 'LW_POLICY_INVALID', /a\.yaml:3:1 .*did you mean `owner`/],
  ['no header', 'version: 1\n', 'LW_POLICY_INVALID', /a\.yaml:1:1 `layer` is missing/],
  [
    'another level',
    'layer: planet\nversion: 1\n',
    'LW_POLICY_INVALID',
    /a\.yaml:1:8 `layer`: expected `organisation` or `team`/,
  ],
  ['an address with a scheme', `${ORGANISATION}applies-to: [https://x]\n`, 'LW_POLICY_INVALID', /has a scheme/],
  ['nothing', '', 'LW_POLICY_INVALID', /says nothing/],
  ['2 MiB', new Uint8Array(2 * 2 ** 20).fill(0x20), 'LW_POLICY_LAYER', /a\.yaml has \d+ bytes; at most 262144/],
  ['bytes that are no UTF-8', Uint8Array.of(0x76, 0x3a, 0xff), 'LW_POLICY_LAYER', /not valid UTF-8/],
  [
    'a class that is looser than itself',
    `${ORGANISATION}limits: { iterations: 2 }\nclasses: { docs: { limits: { iterations: 3 } } }\n`,
    'LW_POLICY_LOOSENED',
    /a\.yaml:4:\d+ .*a\.yaml:3:/,
  ],
];

describe('a layer is refused', () => {
  it.each(BAD)('with %s', async (_, text, code, message) => {
    write(join(directory('own'), 'a.yaml'), text);
    const refused = await refusal();
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
  });

  it('where others can write it, or its directory', async () => {
    chmodSync(write(join(directory('own'), 'a.yaml'), ORGANISATION), 0o666);
    expect(await refusal()).toEqual({
      code: 'LW_POLICY_LAYER',
      message: '/own/a.yaml can be written by other users (mode 666)',
    });
    chmodSync(join(room, 'own', 'a.yaml'), 0o644);
    chmodSync(join(room, 'own'), 0o777);
    expect(await refusal()).toEqual({
      code: 'LW_POLICY_LAYER',
      message: '/own can be written by other users (mode 777)',
    });
  });

  it('where others can write a directory on the way to it, and so put another in its place', async () => {
    const deep = directory('shared/sub/layers');
    write(join(deep, 'a.yaml'), ORGANISATION);
    const load = async (path = deep): Promise<string> => {
      const loading = loadLayers({ LOOPWRIGHT_POLICY_LAYERS: path }, async () => SHOP, join(room, 'none', 'layers'));
      const found: unknown = await loading.catch((caught: unknown) => caught);
      return isLoopwrightError(found, 'LW_POLICY_LAYER') ? found.message.replaceAll(room, '') : 'read';
    };
    expect(await load()).toBe('read');
    for (const mode of [0o777, 0o775, 0o757]) {
      chmodSync(join(room, 'shared'), mode);
      expect(await load()).toBe(
        `/shared can be written by other users (mode ${mode.toString(8)}), and whoever can write there can replace /shared/sub/layers`,
      );
    }
    // Through a link as well, and by a path that goes round it.
    symlinkSync(join('shared', 'sub'), join(room, 'link'));
    expect(await load(join(room, 'link', 'layers'))).toMatch(/^\/shared can be written/);
    expect(await load(`${room}/link/../shared/sub/layers`)).toMatch(/^\/shared can be written/);
    // As in /tmp: what is not theirs they cannot rename.
    chmodSync(join(room, 'shared'), 0o1777);
    expect(await load()).toBe('read');
  });

  it.runIf(process.getuid?.() === 0)('where a directory or a link on the way belongs to somebody else', async () => {
    write(join(directory('theirs/own'), 'a.yaml'), ORGANISATION);
    symlinkSync(join(room, 'theirs'), join(room, 'link'));
    const load = async (name: string): Promise<string> => {
      const env = { LOOPWRIGHT_POLICY_LAYERS: join(room, name, 'own') };
      const found: unknown = await loadLayers(env, async () => SHOP, join(room, 'none', 'layers')).catch(
        (caught: unknown) => caught,
      );
      return isLoopwrightError(found, 'LW_POLICY_LAYER') ? found.message.replaceAll(room, '') : 'read';
    };
    expect(await load('link')).toBe('read');
    lchownSync(join(room, 'link'), 1234, 1234);
    expect(await load('link')).toMatch(/^\/link belongs to another user \(id 1234\)/);
    expect(await load('theirs')).toBe('read');
    lchownSync(join(room, 'theirs'), 1234, 1234);
    expect(await load('theirs')).toMatch(/^\/theirs belongs to another user \(id 1234\)/);
  });

  it('of the system that others could have taken away, and not where nobody made a place for any', async () => {
    const around = directory('etc/loopwright');
    const load = async (): Promise<unknown> =>
      loadLayers({ HOME: room }, async () => SHOP, join(around, 'layers')).catch((caught: unknown) =>
        isLoopwrightError(caught) ? caught.message.replaceAll(room, '') : caught,
      );
    expect(await load()).toEqual([]);
    chmodSync(around, 0o777);
    expect(await load()).toMatch(/^\/etc\/loopwright can be written by other users/);
    renameSync(around, join(room, 'etc', 'other'));
    expect(await load()).toEqual([]);
  });

  it('as a symbolic link, a directory, or a directory that is not there', async () => {
    symlinkSync(write(join(room, 'elsewhere.yaml'), ORGANISATION), join(directory('own'), 'a.yaml'));
    expect(await refusal()).toEqual({ code: 'LW_POLICY_LAYER', message: '/own/a.yaml is a symbolic link' });
    rmSync(join(room, 'own', 'a.yaml'));
    mkdirSync(join(room, 'own', 'a.yaml'));
    expect(await refusal()).toEqual({ code: 'LW_POLICY_LAYER', message: '/own/a.yaml is not a plain file' });
    const env = { LOOPWRIGHT_POLICY_LAYERS: join(room, 'missing') };
    const error: unknown = await loadLayers(env, async () => SHOP, join(room, 'none')).catch(
      (caught: unknown) => caught,
    );
    expect(isLoopwrightError(error, 'LW_POLICY_LAYER') && error.message).toBe(
      `${room}/missing cannot be read (ENOENT)`,
    );
    const relative: unknown = await loadLayers({ LOOPWRIGHT_POLICY_LAYERS: 'x' }, async () => SHOP, room).catch(
      (caught: unknown) => caught,
    );
    expect(isLoopwrightError(relative, 'LW_POLICY_LAYER')).toBe(true);
  });
});

describe('which repositories a layer names', () => {
  it.each([
    ['https://user:pw@GitHub.com/acme/shop.git', 'github.com/acme/shop'],
    ['ssh://git@example.com:2222/team/x', 'example.com/team/x'],
    ['git@github.com:acme/shop.git', 'github.com/acme/shop'],
    ['/srv/git/x.git', 'srv/git/x'],
    ['/srv/git/x/.git/', 'srv/git/x'],
    ['file:///srv/git/x', 'srv/git/x'],
    ['../x', null],
    // The same repository, written so that a name could be missed.
    ['https://me@corp.example:p@ss@github.com/acme/shop', 'github.com/acme/shop'],
    ['https://github.com./acme/shop', 'github.com/acme/shop'],
    ['https://github.com:/acme//shop/', 'github.com/acme/shop'],
    ['https://github.com/other/../acme/./shop', 'github.com/acme/shop'],
    ['https://github.com/%61cme/shop%2Egit', 'github.com/acme/shop'],
    ['https://github.com/acme/%zz', 'github.com/acme/%zz'],
    ['https::https://github.com/acme/shop', 'github.com/acme/shop'],
    ['me@corp.example@github.com:/acme//shop.git/', 'github.com/acme/shop'],
    ['[git@github.com:22]:acme/shop', 'github.com/acme/shop'],
    ['ssh://git@[::1]:22/acme/shop', '::1/acme/shop'],
    ['git@[::1]:acme/shop', '::1/acme/shop'],
  ])('%s is %s', (address, plain) => expect(plainRemote(address)).toBe(plain));

  it('folds letter case, since a layer restricts', () => {
    expect(appliesTo(['github.com/ACME/*'], SHOP, '/home/me')).toBe(true);
    expect(appliesTo(['~/work/**'], { roots: ['/home/me/work/x'], remotes: [] }, '/home/me')).toBe(true);
    expect(appliesTo(['~/work/**'], { roots: ['/home/you/work/x'], remotes: [] }, '/home/me')).toBe(false);
    expect(appliesToProblem('~you/x')).toMatch(/home of another user/);
    expect(appliesToProblem('github.com/acme/*')).toBeNull();
    expect(appliesToProblem('/srv/a:b/shop.git')).toBeNull();
  });

  it.each([
    ['git@github.com:acme/*', /a login, a port or a colon/],
    ['github.com:443/acme/*', /a login, a port or a colon/],
    ['github.com/acme/shop.git', /ends with `.git`/],
  ])('never by %s, which no address is like', (pattern, problem) => {
    expect(appliesToProblem(pattern)).toMatch(problem);
  });
});
