import { describe, expect, it } from 'vitest';
import { operatorName } from './operator.ts';

describe('the operator', () => {
  it('is who the environment says, else the user of the process', () => {
    expect(operatorName({ LOOPWRIGHT_OPERATOR: 'ann' })).toBe('ann');
    expect(operatorName({})).not.toBe('');
  });
});
