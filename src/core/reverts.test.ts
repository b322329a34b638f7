import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revertedIn, standingOf } from './reverts.ts';
import type { LaterCommit } from './reverts.ts';

const id = (name: string): string => name.padEnd(40, '0');
const CHANGE = id('aaaaaaa1');

function commit(name: string, patch: LaterCommit['patch'] = null, ...reverts: readonly string[]): LaterCommit {
  return { commit: id(name), reverts, patch };
}

describe('whether a change is in effect', () => {
  it.each<[string, readonly LaterCommit[], boolean, string | null]>([
    ['nothing came after it', [], true, null],
    ['other commits came after it', [commit('b1'), commit('b2')], true, null],
    ['a message says that it was reverted', [commit('b1', null, CHANGE)], false, 'b1'],
    ['a message says so in seven digits', [commit('b1', null, CHANGE.slice(0, 7))], false, 'b1'],
    ['a message says that another one was', [commit('b1', null, id('cccccccc'))], true, null],
    ['the lines of a commit are its opposite', [commit('b2'), commit('b1', 'opposite')], false, 'b1'],
    ['its revert was reverted', [commit('b2', null, id('b1')), commit('b1', null, CHANGE)], true, 'b2'],
    [
      'the revert of its revert was reverted',
      [commit('b3', null, id('b2')), commit('b2', null, id('b1')), commit('b1', null, CHANGE)],
      false,
      'b1',
    ],
    ['it was picked again after its revert', [commit('b2', 'same'), commit('b1', null, CHANGE)], true, 'b2'],
    [
      'it was picked again, and that was reverted',
      [commit('b3', 'opposite', id('b2')), commit('b2', 'same'), commit('b1', null, CHANGE)],
      false,
      'b3',
    ],
    [
      'it was reverted, brought back, and reverted again',
      [commit('b3', null, CHANGE), commit('b2', null, id('b1')), commit('b1', null, CHANGE)],
      false,
      'b3',
    ],
  ])('%s', (_what, later, inEffect, by) => {
    const standing = standingOf(CHANGE, later);
    expect(standing.inEffect).toBe(inEffect);
    expect(standing.by?.commit ?? null).toBe(by === null ? null : id(by));
  });

  it('alternates with any number of undos and redos, whatever else was committed between', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (acts) => {
        const later: LaterCommit[] = [];
        let inEffect = true;
        for (const [number, act] of acts.entries()) {
          const name = `f${number.toString(16).padStart(7, '0')}`;
          if (act) {
            const revert = inEffect ? CHANGE : (standingOf(CHANGE, later).by?.commit ?? '');
            later.unshift(commit(name, null, revert));
            inEffect = !inEffect;
          } else later.unshift(commit(name));
        }
        expect(standingOf(CHANGE, later).inEffect).toBe(inEffect);
      }),
    );
  });
});

describe('what a message says it reverts', () => {
  it('is every commit it names so, and nothing else', () => {
    const said = `Revert "x"\n\nThis reverts commit ${CHANGE}.\nThis reverts commit abcdef1, reversing\nchanges made to fedcba1.`;
    expect(revertedIn(said)).toEqual([CHANGE, 'abcdef1']);
    expect(revertedIn('Reverts nothing; see commit abcdef1. This reverts commit zzz.')).toEqual([]);
  });
});
