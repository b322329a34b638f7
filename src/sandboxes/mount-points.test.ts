import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Mount } from '../ports/sandbox.ts';
import { createBubblewrapSandbox } from './bubblewrap/index.ts';
import { requireRealMountPoints } from './mount-points.ts';

const root = mkdtempSync(join(tmpdir(), 'loopwright-test-'));
for (const directory of ['ws/real', 'upper', 'lower/real', 'deps'])
  mkdirSync(join(root, directory), { recursive: true });
writeFileSync(join(root, 'deps/file'), '');
symlinkSync(`/oldroot${root}/upper`, join(root, 'ws/link'));
symlinkSync('real', join(root, 'lower/link'));

afterAll(() => rmSync(root, { recursive: true }));

const writable: Mount = { kind: 'writable', source: join(root, 'ws'), target: '/workspace/' };
const overlay: Mount = {
  kind: 'overlay',
  lower: [join(root, 'lower')],
  upper: join(root, 'upper'),
  work: join(root, 'work'),
  target: '/workspace',
};

function at(target: string): Mount {
  return { kind: 'read-only', source: join(root, 'deps'), target };
}

describe('a mount point', () => {
  it.each<[string, readonly Mount[]]>([
    ['is a link of the workspace', [writable, at('/workspace/link')]],
    ['lies behind one', [writable, at('/workspace/link/deeper')]],
    ['is a link of a lower layer', [overlay, at('/workspace/link')]],
    ['is a link to be made behind another', [writable, { kind: 'link', to: '/x', target: '/workspace/link/x' }]],
  ])('that %s is refused', (_, mounts) => {
    expect(() => requireRealMountPoints(mounts)).toThrow(expect.objectContaining({ code: 'LW_SANDBOX_LAUNCH' }));
  });

  it.each<[string, readonly Mount[]]>([
    ['a directory', [writable, at('/workspace/real')]],
    ['not there yet', [writable, at('/workspace/new/one')]],
    ['elsewhere', [writable, at('/workspaces/link')]],
    ['behind a file, which bubblewrap refuses by itself,', [at('/data'), at('/data/file/deeper')]],
    ['made before', [at('/workspace/link'), writable]],
  ])('that is %s is left to bubblewrap', (_, mounts) => {
    expect(() => requireRealMountPoints(mounts)).not.toThrow();
  });

  it('that would make the mount vanish stops the launch', async () => {
    const limits = { wallTimeMs: 20_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 1_000 } as const;
    const mounts = [writable, at('/workspace/link')];
    const spec = { argv: ['true'], cwd: '/', env: {}, mounts, stdin: null, limits };
    const { finished } = createBubblewrapSandbox({ hostEnvironment: process.env }).launch(
      spec,
      new AbortController().signal,
    );
    await expect(finished).rejects.toMatchObject({ code: 'LW_SANDBOX_LAUNCH', details: { link: 'link' } });
  });
});
