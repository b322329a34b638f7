/** What of it holds anywhere. That it confines anything was never seen: there was no macOS to run it on. */
import { describe, expect, it } from 'vitest';
import { createSeatbeltSandbox } from './index.ts';
import { whatIsBroken } from './probe.ts';
import { interpretEnd } from './outcome.ts';
import { GAPS, UNPROVEN } from './unavailable.ts';

const places = {
  make: () => Promise.reject(new Error('no directory may be made')),
  remove: () => Promise.resolve(),
};
const elsewhere = createSeatbeltSandbox({ hostEnvironment: {}, places, platform: 'linux' });

describe('seatbelt', () => {
  it('is refused where there is no macOS, before anything is made or started', async () => {
    await expect(elsewhere.probe()).rejects.toMatchObject({
      code: 'LW_SANDBOX_UNAVAILABLE',
      message: expect.stringMatching(/only on macOS.*never run on macOS/u),
    });
    const limits = { wallTimeMs: 1_000, idleMs: 1_000, outputBytes: 1_000, keepBytes: 1_000 };
    const spec = { argv: ['true'], cwd: '/', env: {}, mounts: [], stdin: null, limits };
    await expect(elsewhere.launch(spec, new AbortController().signal).finished).rejects.toMatchObject({
      code: 'LW_SANDBOX_LAUNCH',
    });
    expect(await elsewhere.offersOverlay()).toBe(false);
  });

  it('says before all else that it was never run', () => {
    expect(GAPS[0]).toBe(UNPROVEN);
  });

  it.each([
    ['tried\n', []],
    ['', [expect.stringContaining('nothing else is known')]],
    ['canary\ntried\n', ['a file outside was read']],
    ['reached: a port of the host\ntried\n', ['a port of the host']],
  ])('is believed only when everything was tried and nothing got through: %j', (said, broken) => {
    expect(whatIsBroken(said, 'canary')).toEqual(broken);
  });

  it.each([
    [
      { asked: true, missing: null },
      { kind: 'exited', code: 3 },
    ],
    [
      { asked: true, missing: 'No such file' },
      { kind: 'not-found', detail: 'x: No such file' },
    ],
  ])('tells the end of a program from that of sandbox-exec: %j', (given, end) => {
    expect(interpretEnd({ kind: 'exited', code: 3 }, { program: 'x', words: '', ...given })).toEqual(end);
  });

  it('names what sandbox-exec said of a profile it did not take', () => {
    const words = 'sandbox-exec: unbound variable: file-x';
    const given = { program: 'x', words, asked: false, missing: null };
    expect(() => interpretEnd({ kind: 'exited', code: 65 }, given)).toThrow(/unbound variable/u);
  });
});
