import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandsSuite, measureCommands } from '../../eval/commands.ts';
import { NO_SURROUNDINGS } from '../../eval/suite.ts';

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'bypass-corpus.jsonl');

const LINES = [
  { id: 'kept', allow_rule: 'echo *', command: 'echo hi; touch x', expect: 'deny' },
  { id: 'asked', allow_rule: 'cat *', command: 'cat /etc/hosts', expect: 'ask' },
  { id: 'let through', allow_rule: 'cd *, npm test *', command: 'cd a && npm test', expect: 'allow' },
  // Labels that are wrong on purpose: the figures have to show them.
  { id: 'a leak', allow_rule: 'echo *', command: 'echo hi', expect: 'deny' },
  { id: 'a false alarm', allow_rule: 'echo *', command: 'touch x', expect: 'allow' },
];

describe('the suite on command lines', () => {
  let data = '';

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'loopwright-eval-'));
  });

  afterAll(async () => {
    await rm(data, { recursive: true, force: true });
  });

  async function corpus(text: string): Promise<string> {
    const path = join(data, 'bypass-corpus.jsonl');
    await writeFile(path, text);
    return path;
  }

  it('counts leaks and false alarms, and names them', async () => {
    const path = await corpus(LINES.map((line) => JSON.stringify(line)).join('\n'));
    const { figures } = await measureCommands(path);
    expect(figures).toMatchObject({ refusable: 3, leaked: 1, benign: 2, falseAlarms: 1 });
    expect(figures.wrong).toEqual([
      { id: 'a leak', expected: 'deny', got: 'allow', why: '`Bash(echo *)` allows it' },
      { id: 'a false alarm', expected: 'allow', got: 'ask', why: 'no rule allows `touch` with these words' },
    ]);
    const { page } = await commandsSuite.run(data, NO_SURROUNDINGS);
    expect(page).toContain('| leaked | 1 of 3 (33.3 %) |');
    expect(page).toContain('| none | 5 | 2 |');
    expect((await commandsSuite.run(data, NO_SURROUNDINGS)).lines.slice(0, 2)).toEqual([
      'leaked        1 of 3 (33.3 %)',
      'false alarms  1 of 2 (50.0 %)',
    ]);
  });

  it.each([
    ['{}', /:1 expects none of allow, ask and deny$/],
    [JSON.stringify({ ...LINES[0], command: 3 }), /:1 has no "command"$/],
    ['3', /:1 is no object$/],
  ])('refuses the line %s', async (line, message) => {
    await expect(measureCommands(await corpus(line))).rejects.toThrow(message);
  });

  it.skipIf(!existsSync(CORPUS))(
    'leaks nothing of the shared corpus (absent: labelled data beside the checkout)',
    async () => {
      const { figures } = await measureCommands(CORPUS);
      expect(figures.refusable).toBeGreaterThan(200);
      expect(figures.benign).toBeGreaterThan(50);
      expect(figures.leaked).toBe(0);
      expect(figures.falseAlarms / figures.benign).toBeLessThanOrEqual(0.03);
    },
  );
});
