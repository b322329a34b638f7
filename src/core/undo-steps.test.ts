import { describe, expect, it } from 'vitest';
import { INTENT } from '../../test/fixtures/publish-intent.ts';
import { HAPPY, openLog, play, started } from '../../test/fixtures/world.ts';
import type { Log } from '../../test/fixtures/world.ts';
import { undoStepsNow } from './undo-steps.ts';

const MERGE = 'e'.repeat(40);

function published(): Log {
  const log = openLog(started());
  play(log, HAPPY);
  const url = 'https://forge.invalid/1';
  log.append(
    { type: 'publish.requested', ...INTENT },
    { type: 'publish.finished', number: 1, url, found: false, unreported: null },
  );
  return log;
}

const commands = ({ state }: Log): readonly string[] => undoStepsNow(state).map(({ command }) => command);

describe('what a person without loopwright types for a change on a forge', () => {
  it('deletes the branch of a request that is closed by hand, and takes back what landed here too', () => {
    const log = published();
    const deletes = 'git push https://forge.invalid/acme/shop.git --delete loopwright/run1';
    expect(commands(log)).toEqual([deletes]);
    expect(undoStepsNow(log.state)[0]?.what).toContain('https://forge.invalid/1');
    const landed = { branch: 'release', commit: INTENT.commit };
    log.append({ type: 'land.requested', ...landed }, { type: 'land.finished', ...landed, previous: null });
    expect(commands(log)).toEqual([deletes, `git switch release && git revert --no-edit ${INTENT.commit}`]);
  });

  it('reverts what was merged, whether by a merge or not', () => {
    const log = published();
    log.append({ type: 'request.seen', state: 'merged', mergeCommit: MERGE });
    expect(commands(log)).toEqual([`git revert --no-edit -m 1 ${MERGE}`]);
  });

  it('is nothing there once it is withdrawn', () => {
    const log = published();
    log.append(
      { type: 'withdrawal.requested', mode: 'closed', commit: null },
      { type: 'withdrawal.finished', mode: 'closed', evidence: '' },
    );
    expect(commands(log)).toEqual(['loopwright undo run1']);
  });

  it('is one word of a shell where the name of a branch would be more', () => {
    const log = published();
    const landed = { branch: 'fix;id', commit: INTENT.commit };
    log.append({ type: 'land.requested', ...landed }, { type: 'land.finished', ...landed, previous: null });
    expect(commands(log).at(-1)).toBe(`git switch 'fix;id' && git revert --no-edit ${INTENT.commit}`);
  });
});
