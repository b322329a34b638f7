import { expect, it } from 'vitest';
import { HOSTILE, UNSAFE_FOR_TERMINAL } from '../../test/fixtures/hostile.ts';
import { evidenceWords } from './undo-words.ts';

it('what became of an undo has short hashes, and nothing that moves or hides in a terminal, whatever a branch is called', () => {
  const commit = 'a'.repeat(40);
  expect(evidenceWords(`the branch x was deleted at ${commit}`)).toBe('the branch x was deleted at aaaaaaaaaaaa');
  for (const branch of HOSTILE) {
    const words = evidenceWords(`it is STILL part of ${branch}, at ${commit}`);
    expect(UNSAFE_FOR_TERMINAL.test(words) || words.includes('\n')).toBe(false);
  }
});
