import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdentity } from './identity.ts';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'loopwright-identity-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function write(name: string, text: string): string {
  const file = join(top, name);
  // As installers and updaters do it: a new file takes the place of the old one.
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}

function look(manifest: string | null = null) {
  const found = { foundBy: 'PATH' as const, version: null, argv: [], files: {}, program: join(top, 'agent'), manifest };
  return createIdentity('fake', found);
}

describe('the identity of a program', () => {
  it('is the hash of what is executed, and of the manifest of its package', async () => {
    write('agent', 'one');
    const manifest = write('package.json', '{}');
    expect(await look()()).toMatchObject({ driver: 'fake', sha256: hashOf('one'), manifest: null });
    expect(await look(manifest)()).toMatchObject({ manifest: { path: manifest, sha256: hashOf('{}') } });
  });

  it('is not read again while the file is the same, and is when another takes its place', async () => {
    write('agent', 'one');
    const identify = look();
    const first = await identify();
    expect(await identify()).toBe(first);
    write('agent', 'two');
    expect(await identify()).toMatchObject({ sha256: hashOf('two') });
  });

  it('of a file written to in place is another too', async () => {
    const file = write('agent', 'one');
    const identify = look();
    await identify();
    writeFileSync(file, 'one and more');
    expect(await identify()).toMatchObject({ sha256: hashOf('one and more') });
  });

  it('of a program that is gone is none', async () => {
    const file = write('agent', 'one');
    const identify = look();
    await identify();
    rmSync(file);
    await expect(identify()).rejects.toMatchObject({ code: 'LW_AGENT_MISSING' });
  });
});
