import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookAtHost } from './host-view.ts';
import { isRealDirectory, OTHER_ETC, settingsAmong } from './machine-settings.ts';

function place(files: readonly string[]): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'loopwright-settings-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), 'secret');
  }
  return root;
}

describe('machine-wide settings between the programs', () => {
  it('are found beside a directory of PATH, and beside where a program in it really is', () => {
    const root = place(['a/bin/tool', 'a/etc/npmrc', 'a/pip.conf', 'a/etc/other', 'b/bin/node', 'b/etc/npmrc']);
    symlinkSync(join(root, 'b/bin/node'), join(root, 'a/bin/node'));
    const found = settingsAmong([root], [join(root, 'a/bin')]);
    expect(new Set(found)).toEqual(new Set(['a/etc/npmrc', 'a/pip.conf', 'b/etc/npmrc'].map((at) => join(root, at))));
  });

  it('are covered where they really are, and not at a link', () => {
    const root = place(['real/bin/tool', 'real/etc/npmrc', 'kept/pip.conf']);
    symlinkSync('real', join(root, 'current'));
    symlinkSync(join(root, 'kept/pip.conf'), join(root, 'real/pip.conf'));
    const found = settingsAmong([root], [join(root, 'current/bin')]);
    expect(new Set(found)).toEqual(new Set([join(root, 'real/etc/npmrc'), join(root, 'kept/pip.conf')]));
  });

  it('are not looked for in what is not shown', () => {
    const root = place(['a/bin/tool', 'a/etc/npmrc', 'b/bin/tool', 'b/etc/npmrc']);
    expect(settingsAmong([join(root, 'b')], [join(root, 'a/bin'), join(root, 'b/bin')])).toEqual([
      join(root, 'b/etc/npmrc'),
    ]);
  });

  it('are hidden in the place of /etc too, and there what is shown of /etc is shown', () => {
    const { system } = lookAtHost(process.env);
    const there = OTHER_ETC.filter(isRealDirectory);
    expect(system.flatMap(({ kind, path }) => (kind === 'hidden' ? [path] : []))).toEqual(there);
    const within = system.filter(({ kind, path }) => kind !== 'hidden' && there.some((etc) => path.startsWith(etc)));
    expect(within.filter(({ kind, path }) => kind !== 'read-only' || path.endsWith('rc'))).toEqual([]);
  });
});
