import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from './installation.ts';
import type { FoundProgram } from './installation.ts';

let top = '';
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'loopwright-install-')));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function program(path: string, text: string, mode = 0o755): string {
  const file = join(top, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function link(from: string, to: string): string {
  const file = join(top, from);
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(to, file);
  return file;
}

function find(
  option?: string,
  path = `relative:${join(top, 'none')}:${join(top, 'bin')}`,
  version?: string,
): FoundProgram {
  const wanted = { agent: 'claude', program: 'agent', install: 'npm install -g agent', option, version };
  return findProgram(wanted, { PATH: path });
}

const node = realpathSync(process.execPath);

describe('the program of an agent', () => {
  it('that is a script of a package runs on our own Node and sees its packages', () => {
    const script = program('lib/node_modules/@a/agent/dist/cli.js', '#!/usr/bin/env node\n');
    program('lib/node_modules/@a/agent/package.json', '{ "version": "1.2.3" }');
    link('bin/agent', script);
    const packages = join(top, 'lib/node_modules');
    expect(find()).toEqual({
      program: script,
      foundBy: 'PATH',
      version: '1.2.3',
      manifest: join(top, 'lib/node_modules/@a/agent/package.json'),
      argv: [node, script],
      files: { [packages]: packages, [node]: node },
    });
  });

  it('that is a program of its own is shown under the name it was found by', () => {
    const native = program('share/agent/versions/2.1.330', '\x7fELF');
    const found = link('bin/agent', native);
    expect(find()).toMatchObject({ program: native, version: '2.1.330', argv: [found], files: { [found]: native } });
  });

  it('that a linked store of packages holds sees all of the store', () => {
    const script = program('store/.pnpm/agent@1.0.0/node_modules/agent/cli.js', '#!/usr/bin/node\n');
    link('bin/agent', script);
    expect(find().files).toMatchObject({ [join(top, 'store/.pnpm')]: join(top, 'store/.pnpm') });
  });

  it('is the one a person names, by path or by another name', () => {
    const other = program('bin/other', '#!/bin/sh\n');
    expect(find(other)).toMatchObject({ program: other, foundBy: 'option', version: null });
    expect(find('other')).toMatchObject({ program: other });
  });

  it('is the one loopwright installed before any on the PATH, unless a person names another', () => {
    const own = program('own/node_modules/.bin/agent', '#!/bin/sh\n');
    const other = program('bin/agent', '#!/bin/sh\n');
    const wanted = { agent: 'claude', program: 'agent', install: 'x', option: undefined, own };
    const env = { PATH: join(top, 'bin') };
    expect(findProgram(wanted, env)).toMatchObject({ program: own, foundBy: 'loopwright' });
    expect(findProgram({ ...wanted, option: other }, env)).toMatchObject({ program: other, foundBy: 'option' });
    expect(findProgram({ ...wanted, own: join(top, 'none') }, env)).toMatchObject({ program: other, foundBy: 'PATH' });
  });

  it('that is not there, is no file, or cannot be executed, is missing, with the command that installs it', () => {
    mkdirSync(join(top, 'bin/agent'), { recursive: true });
    const plain = program('plain', 'x', 0o644);
    for (const option of [undefined, plain, 'relative/path', '/nonexistent', join(top, 'bin')]) {
      expect(() => find(option)).toThrow(
        expect.objectContaining({
          code: 'LW_AGENT_MISSING',
          next: expect.stringContaining('npm install -g agent'),
        }),
      );
    }
  });

  it('that is only what a package puts in the place of its program is missing, and the words say why', () => {
    program('lib/node_modules/agent/bin/agent.exe', 'echo "native binary not installed" >&2\n');
    link('bin/agent', join(top, 'lib/node_modules/agent/bin/agent.exe'));
    expect(() => find()).toThrow(
      expect.objectContaining({ code: 'LW_AGENT_MISSING', message: expect.stringContaining('install script') }),
    );
  });

  it('has the version that was asked for, and no other, and none that it does not say', () => {
    const script = program('lib/node_modules/agent/cli.js', '#!/usr/bin/env node\n');
    program('lib/node_modules/agent/package.json', '{ "version": "1.2.3" }');
    expect(find(script, undefined, '1.2.3')).toMatchObject({ version: '1.2.3' });
    const silent = program('bin/other', '#!/bin/sh\n');
    for (const [file, words] of [
      [script, 'agent.* is 1\\.2\\.3'],
      [silent, 'does not say which it is'],
    ] as const) {
      expect(() => find(file, undefined, '1.2.4')).toThrow(
        expect.objectContaining({ code: 'LW_AGENT_VERSION', message: expect.stringMatching(words) }),
      );
    }
  });

  it('is never executed to find it', () => {
    const mark = join(top, 'mark');
    program('bin/agent', `#!/bin/sh\ntouch ${mark}\n`);
    find();
    expect(() => realpathSync(mark)).toThrow('ENOENT');
  });
});
