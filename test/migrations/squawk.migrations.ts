/** The real squawk, in the real sandbox, on what an agent could give it. */
import { describe, expect, it } from 'vitest';
import { askSquawk, findSquawk } from '../../src/migrations/squawk.ts';
import type { SquawkAnswer } from '../../src/migrations/squawk.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';
import { SQUAWK_PATH } from './squawk-place.ts';

const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
const program = findSquawk(SQUAWK_PATH);

function ask(text: string, transaction = true, signal = new AbortController().signal): Promise<SquawkAnswer> {
  if (program === null) throw new Error('squawk is not installed');
  return askSquawk(sandbox, program, { text, transaction }, signal);
}

const rulesOf = ({ said }: SquawkAnswer): readonly string[] =>
  said.map(({ line, message }) => `${line} ${/\((.*?)\)/.exec(message)?.[1] ?? message}`);

describe.skipIf(program === null)('the real squawk (needs squawk-cli of PyPI)', () => {
  it.each([
    ['two statements', 'SELECT 1;\nCREATE INDEX i ON a (b);', ['2 require-concurrent-index-creation']],
    ['a statement over lines', 'ALTER TABLE a\n  ADD COLUMN b int NOT NULL;', ['2 adding-required-field']],
    ['line ends of Windows', 'SELECT 1;\r\nDROP INDEX i;\r\n', ['2 require-concurrent-index-deletion']],
    ['letters of two bytes', "SELECT 'é';\nREINDEX TABLE ä;", ['2 require-concurrent-reindex']],
    [
      'a comment that would silence it',
      '-- squawk-ignore-file\nDROP INDEX i;',
      ['2 require-concurrent-index-deletion'],
    ],
    [
      'a comment that would silence one rule',
      '-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX i;',
      ['2 require-concurrent-index-deletion'],
    ],
    ['a command of psql before it', '\\set a b\nDROP INDEX i;', ['2 require-concurrent-index-deletion']],
    [
      'an index that is built beside other work, in a transaction',
      'ALTER TABLE a ADD COLUMN c text;\nCREATE INDEX CONCURRENTLY i ON a (b);',
      ['2 ban-concurrent-index-creation-in-transaction'],
    ],
    ['nothing of note', 'SELECT 1;', []],
    ['nothing but blanks', ' \n', []],
    ['nothing at all', '', []],
  ])('%s', async (_, text, rules) => {
    const answer = await ask(text);
    expect([rulesOf(answer), answer.silent]).toEqual([rules, null]);
  });

  it('knows whether there is a transaction around it', async () => {
    expect(
      rulesOf(await ask('ALTER TABLE a ADD COLUMN c text;\nCREATE INDEX CONCURRENTLY i ON a (b);', false)),
    ).toEqual([]);
  });

  it('canary: says that it does not understand, and is not taken for one that found nothing', async () => {
    const answer = await ask('SELEC 1;\nDROP INDEX i;');
    expect([answer.said, answer.silent]).toEqual([[], expect.stringContaining('does not understand line 1')]);
  });

  it('reads a megabyte of SQL in its time, or says that it did not', async () => {
    const { said, silent } = await ask('DROP INDEX i;\n'.repeat(70_000));
    expect(said.length > 0 || silent !== null).toBe(true);
  });

  it('is gone when the run is stopped', async () => {
    const stop = new AbortController();
    const answer = ask('DROP INDEX i;\n'.repeat(70_000), true, stop.signal);
    stop.abort();
    expect((await answer).silent).toBe('it was ended (cancelled)');
  });
});
