import { describe, expect, it } from 'vitest';
import { stateHome } from './home.ts';

describe('the state directory', () => {
  it.each([
    [{ LOOPWRIGHT_HOME: '/a', XDG_STATE_HOME: '/b', HOME: '/c' }, '/a'],
    [{ LOOPWRIGHT_HOME: '', XDG_STATE_HOME: '/b', HOME: '/c' }, '/b/loopwright'],
    [{ HOME: '/c' }, '/c/.local/state/loopwright'],
  ])('of %j is %s', (env, expected) => {
    expect(stateHome(env)).toBe(expected);
  });

  it.each([{}, { LOOPWRIGHT_HOME: 'relative' }, { HOME: '' }])('is refused in words for %j', (env) => {
    expect(() => stateHome(env)).toThrow(expect.objectContaining({ code: 'LW_USAGE' }));
  });
});
