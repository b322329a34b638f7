import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileDistrust } from './file-trust.ts';

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
