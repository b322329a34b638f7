import { expect, it } from 'vitest';
import { ownedBy, ownerAmong } from './scratch.ts';

it('a directory that a run made beside its own names that run, and no other directory names one', () => {
  const runIds = new Set(['01aaa', '01aaa-bbb', '01ccc']);
  expect(ownerAmong(ownedBy('01aaa', '01ddd'), runIds)).toBe('01aaa');
  expect(ownerAmong(ownedBy('01aaa-bbb', '01ddd'), runIds)).toBe('01aaa-bbb');
  expect([ownerAmong('01aaa', runIds), ownerAmong('01aaab-01ddd', runIds), ownerAmong('-01aaa', runIds)]).toEqual([
    null,
    null,
    null,
  ]);
});
