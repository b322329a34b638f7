import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../eval/main.ts';
import { belowPromise, halfOf, measureRisk, riskSuite } from '../../eval/risk.ts';
import { NO_SURROUNDINGS } from '../../eval/suite.ts';

const LABELLED = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'risk-commits.jsonl');

interface Made {
  readonly commit: string;
  readonly paths: readonly string[];
  readonly labels: readonly string[];
  readonly dependency?: boolean;
  readonly hand?: readonly string[];
}

const line = ({ commit, paths, labels, dependency = false, hand }: Made): string =>
  JSON.stringify({
    repo: 'some/thing',
    commit,
    files: paths.map((path) => ({ path, added: 1, deleted: 1 })),
    path_labels: labels,
    also_dependency: dependency,
    hand_label: hand ?? 'not_checked',
  });

const MADE: readonly Made[] = [
  { commit: 'held', paths: ['README.md', 'lib/stripe.ts'], labels: ['payment'] },
  { commit: 'held for another reason', paths: ['db/migrations/1.sql'], labels: ['auth'], hand: ['none'] },
  { commit: 'missed', paths: ['src/plain.ts'], labels: ['auth'] },
  { commit: 'upgraded', paths: ['package-lock.json'], labels: ['none'], dependency: true },
  { commit: 'safe', paths: ['src/plain.ts'], labels: ['none'], hand: ['none'] },
  { commit: 'held for nothing', paths: ['Dockerfile'], labels: ['none'] },
];

describe('the suite on risks', () => {
  let data = '';

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'loopwright-eval-'));
  });

  afterAll(async () => {
    await rm(data, { recursive: true, force: true });
  });

  async function labelled(text: string): Promise<string> {
    const path = join(data, 'risk-commits.jsonl');
    await writeFile(path, text);
    return path;
  }

  it('counts what is recalled and what is held for nothing, and names what is wrong', async () => {
    const figures = await measureRisk(await labelled(MADE.map(line).join('\n')));
    expect(figures).toMatchObject({
      risky: 4,
      recalled: 3,
      safe: 2,
      falseHolds: 1,
      hand: { risky: 0, recalled: 0, safe: 2, falseHolds: 1 },
      dependenciesAlone: { commits: 1, held: 1 },
      labels: [
        { label: 'auth', commits: 2, held: 1, named: 0 },
        { label: 'dependency', commits: 1, held: 1, named: 1 },
        { label: 'payment', commits: 1, held: 1, named: 1 },
      ],
    });
    expect(figures.wrong).toEqual([
      { id: 'some/thing@missed', expected: 'held: auth', got: 'not held' },
      {
        id: 'some/thing@held for nothing',
        expected: 'not held',
        got: 'held: infrastructure (Dockerfile)',
      },
    ]);
    const { tuning, heldOut } = figures.halves;
    expect(tuning.risky + heldOut.risky).toBe(4);
    expect(tuning.safe + heldOut.safe).toBe(2);
    const { page } = await riskSuite.run(data, NO_SURROUNDINGS);
    expect(page).toContain('| all | 3 of 4 (75.0 %) | 1 of 2 (50.0 %) |');
  });

  it('splits by the id alone, about in the middle', () => {
    const ids = Array.from({ length: 400 }, (_, at) => `some/thing@${at}`);
    const tuning = ids.filter((id) => halfOf(id) === 'tuning').length;
    expect(tuning).toBeGreaterThan(150);
    expect(tuning).toBeLessThan(250);
    expect(ids.map(halfOf)).toEqual(ids.map(halfOf));
  });

  it('turns the gate red on poor figures, and only where it was asked to', async () => {
    const said: string[] = [];
    const output = { out: () => undefined, err: (text: string) => said.push(text) };
    await labelled(MADE.map(line).join('\n'));
    expect(await main(['risk', '--data', data], output)).toBe(0);
    expect(said).toEqual([]);
    expect(await main(['risk', '--data', data, '--gate'], output)).toBe(1);
    expect(said).toContain('risk: all: 3 of 4 risky recalled, less than 98 %');
    expect(said).toContain('risk: all: 1 of 2 safe held, more than 15 %');
  });

  it('does not take silence for a pass', async () => {
    const below = belowPromise(await measureRisk(await labelled('')));
    expect(below).toContain('all: no risky commit was measured');
    expect(below).toContain('held-out half: no safe commit was measured');
  });

  it.each([
    ['3', /:1 is no object$/],
    ['{}', /:1 has no "repo" or no "commit"$/],
    [JSON.stringify({ repo: 'a', commit: 'b', files: [] }), /:1 has no "files"$/],
    [JSON.stringify({ repo: 'a', commit: 'b', files: [{}], path_labels: [] }), /:1 has a file without "path"$/],
    [JSON.stringify({ repo: 'a', commit: 'b', files: [{ path: 'x' }] }), /:1 has no "path_labels"$/],
  ])('refuses the line %s', async (text, message) => {
    await expect(measureRisk(await labelled(text))).rejects.toThrow(message);
  });

  it.skipIf(!existsSync(LABELLED))(
    'keeps the promise on the shared commits (absent: labelled data beside the checkout)',
    async () => {
      const figures = await measureRisk(LABELLED);
      expect(figures.risky).toBeGreaterThan(100);
      expect(figures.safe).toBeGreaterThan(10);
      expect(belowPromise(figures)).toEqual([]);
    },
  );
});
