import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookAtHost } from '../host-view.ts';
import type { SystemPart } from '../host-view.ts';
import { isInEtc, skeletonIn } from './skeleton.ts';

const MARK = { name: '.mark', text: 'ours' };

function place(): string {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-skeleton-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

/** Every entry below, with what it is. */
function everything(path: string): readonly string[] {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return [`-> ${readlinkSync(path)}`];
  if (!stat.isDirectory()) return [readFileSync(path).toString('base64')];
  const names = readdirSync(path).toSorted();
  return names.flatMap((name) => everything(join(path, name)).map((entry) => `${name}/${entry}`));
}

const parts = lookAtHost(process.env).system;
const files = [['/etc/passwd', 'agent:x:1000:1000::/:/bin/sh\n']] as const;

describe('the /etc that is kept', () => {
  it('holds what the host has of each part, links as links, our own files, and nothing else', () => {
    const kept = skeletonIn({ directory: place(), mark: MARK }, { parts, files }) ?? '';
    const shown = parts.filter(isInEtc);
    expect(shown.length).toBeGreaterThan(3);
    for (const { path } of shown) expect(everything(join(kept, path.slice(5)))).toEqual(everything(path));
    expect(readFileSync(join(kept, 'passwd'), 'utf8')).toBe(files[0][1]);
    const roots = new Set([...shown.map(({ path }) => path), '/etc/passwd'].map((path) => path.split('/')[2]));
    expect(new Set(readdirSync(kept))).toEqual(roots);
    expect(readFileSync(join(dirname(kept), MARK.name), 'utf8')).toBe(MARK.text);
  });

  it('is made once, and another one when anything of it changes', () => {
    const directory = place();
    const keptIn = { directory, mark: MARK };
    const first = skeletonIn(keptIn, { parts, files });
    const { ino } = lstatSync(first ?? '');
    expect(skeletonIn(keptIn, { parts, files })).toBe(first);
    expect(lstatSync(first ?? '').ino).toBe(ino);
    expect(skeletonIn(keptIn, { parts, files: [['/etc/passwd', 'other']] })).not.toBe(first);
    expect(skeletonIn(keptIn, { parts: parts.filter(isInEtc).slice(1), files })).not.toBe(first);
    expect(readdirSync(directory).filter((name) => name.startsWith('begun'))).toEqual([]);
  });

  it('is done without where it cannot be made: then each part is mounted', () => {
    const gone: SystemPart = { kind: 'read-only', path: '/etc/no-such-part-of-it' };
    expect(skeletonIn({ directory: place(), mark: MARK }, { parts: [gone], files })).toBeNull();
  });
});
