import { describe, expect, it } from 'vitest';
import { createBubblewrapSandbox } from '../../sandboxes/bubblewrap/index.ts';
import { createNoSandbox } from '../../sandboxes/none/index.ts';
import { ATTEMPTS } from './attempts.ts';
import { lookFromInside, readReached } from './look.ts';

const host = { env: process.env, state: process.cwd() };

describe('looking from inside', () => {
  it('reaches nothing in a sandbox that confines, and tries everything', async () => {
    const seen = await lookFromInside(createBubblewrapSandbox({ hostEnvironment: process.env }), host);
    expect(seen.map(({ id }) => id)).toEqual(ATTEMPTS.map(({ id }) => id));
    expect(seen.filter(({ outcome }) => outcome !== 'blocked')).toEqual([]);
    expect(seen.every(({ by }) => by !== null)).toBe(true);
  });

  it('reaches what is there where nothing confines: the attempts can succeed', async () => {
    const harmless = ['temporary-file', 'records', 'through-a-link', 'unix-socket', 'abstract-socket', 'loopback'];
    const wanted = [...harmless, 'see-process', 'signal-process'];
    const attempts = ATTEMPTS.filter(({ id }) => wanted.includes(id));
    const seen = await lookFromInside(createNoSandbox({ hostEnvironment: process.env }), host, attempts);
    const reached = seen.filter(({ outcome }) => outcome === 'reached').map(({ id }) => id);
    expect(reached).toEqual(attempts.map(({ id }) => id));
  });

  it('takes what was not said for not tried, never for blocked', () => {
    const outcomes = readReached('keys\t0\t.ssh\nnames\t99\t\nloopback\t1\tNetwork is unreachable\n').map(
      ({ id, outcome }) => [id, outcome] as const,
    );
    expect(Object.fromEntries(outcomes)).toMatchObject({
      keys: 'reached',
      names: 'not tried',
      loopback: 'blocked',
      internet: 'not tried',
    });
  });
});
