import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileDistrust, stepDistrust } from './file-trust.ts';

const ME = 1_000;
const file = (mode: number, uid: number = ME): { isFile: boolean; mode: number; uid: number } => ({
  isFile: true,
  mode: 0o100_000 | mode,
  uid,
});

describe('a file of the host', () => {
  it.each([
    [0o600, true, null],
    [0o400, true, null],
    [0o644, false, null],
    [0o644, true, 'can be read by other users (mode 644)'],
    [0o640, true, 'can be read by other users (mode 640)'],
    [0o604, true, 'can be read by other users (mode 604)'],
    [0o660, true, 'can be written by other users (mode 660)'],
    [0o664, false, 'can be written by other users (mode 664)'],
    [0o602, false, 'can be written by other users (mode 602)'],
  ])('of mode %o, secret: %s: %s', (mode, secret, problem) => {
    expect(fileDistrust(file(mode), ME, secret)?.problem ?? null).toBe(problem);
  });

  it('belongs to us or to root', () => {
    expect(fileDistrust(file(0o600, 0), ME, true)).toBeNull();
    expect(fileDistrust(file(0o600, 1_001), ME, true)?.problem).toBe('belongs to another user (id 1001)');
    expect(fileDistrust(file(0o600, 1_001), 0, false)?.problem).toBe('belongs to another user (id 1001)');
  });

  it('is a file', () => {
    expect(fileDistrust({ ...file(0o600), isFile: false }, ME, true)?.problem).toBe('is not a plain file');
  });

  it('that others can write is never believed, whatever else its mode says', () => {
    fc.assert(
      fc.property(fc.nat(0o7777), fc.boolean(), fc.constantFrom(0o020, 0o002), (mode, secret, bit) => {
        expect(fileDistrust(file(mode | bit), ME, secret)).not.toBeNull();
      }),
    );
  });
});

describe('a step on the way to a file of the host', () => {
  const step = (mode: number, uid = ME, isLink = false): string | null =>
    stepDistrust({ mode, uid, isLink }, ME)?.problem ?? null;

  it.each([
    ['a directory of ours', 0o40_755, ME, false, null],
    ['one of root', 0o40_755, 0, false, null],
    ['one of root that is sticky, as /tmp', 0o41_777, 0, false, null],
    ['one that all may write', 0o40_777, 0, false, 'can be written by other users (mode 777)'],
    ['one that a group may write', 0o40_775, ME, false, 'can be written by other users (mode 775)'],
    ['one of somebody else', 0o40_755, 1_001, false, 'belongs to another user (id 1001)'],
    ['a sticky one of somebody else, who may rename what is in it', 0o41_777, 1_001, false, 'belongs to another user'],
    ['a link of ours, whose mode says nothing', 0o120_777, ME, true, null],
    ['a link of somebody else', 0o120_777, 1_001, true, 'belongs to another user (id 1001)'],
  ] as const)('%s', (_what, mode, uid, isLink, problem) => {
    if (problem === null) expect(step(mode, uid, isLink)).toBeNull();
    else expect(step(mode, uid, isLink)).toContain(problem);
  });

  it('is as good as any where the system has no users', () => {
    expect(stepDistrust({ mode: 0o777, uid: 5, isLink: false }, null)).toBeNull();
  });
});
