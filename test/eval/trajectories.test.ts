import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEER_RULES } from '../../eval/peer-rules.ts';
import { measureTrajectories, trajectoriesSuite } from '../../eval/trajectories.ts';
import { NO_SURROUNDINGS } from '../../eval/suite.ts';

const TRACES = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'trajectories.jsonl');

interface Step {
  readonly input: string;
  readonly output: string;
}

function trace(id: string, labels: readonly object[], steps: readonly Step[], costUsd: number | null = 10): object {
  return {
    id,
    labels,
    outcome: { cost_usd: costUsd },
    steps: steps.map(({ input, output }) => ({
      tool: 'Read',
      input_sha: input,
      out_stable_sha: output,
      out_len: 900,
      is_error: false,
    })),
  };
}

/** `spinning` equal steps after two that are not. */
function run(spinning: number): readonly Step[] {
  const spin = Array.from({ length: spinning }, () => ({ input: 'same', output: 'same' }));
  return [{ input: 'a', output: 'a' }, { input: 'b', output: 'b' }, ...spin];
}

const STUCK = { label: 'stuck.exact_repeat', basis: 'hand', onset_step: 3 };
const HEALTHY = { label: 'healthy_completed', basis: 'rule' };

const RUNS = [
  trace('seen', [STUCK], run(8)),
  // Stopped at its last step, which saves nothing.
  trace('too late', [STUCK], run(4)),
  trace('nothing to see', [STUCK], run(1)),
  trace('left alone', [HEALTHY], run(1), null),
  // A label that is wrong on purpose: the figures have to show it.
  trace('a false stop', [HEALTHY], run(8)),
  trace('neither', [{ label: 'no_repeat_flag', basis: 'rule' }], run(8)),
];

describe('the suite on traces', () => {
  let data = '';

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'loopwright-eval-'));
  });

  afterAll(async () => {
    await rm(data, { recursive: true, force: true });
  });

  async function traces(text: string): Promise<string> {
    const path = join(data, 'trajectories.jsonl');
    await writeFile(path, text);
    return path;
  }

  it('counts spirals stopped in time and healthy runs stopped, and names what is wrong', async () => {
    const measured = await measureTrajectories(await traces(RUNS.map((one) => JSON.stringify(one)).join('\n')));
    expect(measured).toMatchObject({
      spirals: 3,
      stopped: 1,
      healthy: 2,
      falseStops: 1,
      unlabelled: 1,
      unlabelledStops: 1,
      // The fourth equal step is the sixth; the label says the fourth.
      medianLatenessSteps: 2,
      spendAvoidedUsd: 4,
      kinds: { exact_repeat: { spirals: 3, stopped: 1 } },
      detectors: { 'repeated-action': { spirals: 2, healthy: 1 } },
    });
    expect(measured.spendAvoided).toBeCloseTo(4 / 30);
    expect(measured.wrong).toEqual([
      { id: 'too late', expected: 'stop', got: { step: 5, by: 'repeated-action' } },
      { id: 'nothing to see', expected: 'stop', got: 'no stop' },
      { id: 'a false stop', expected: 'no stop', got: { step: 5, by: 'repeated-action' } },
    ]);
    const { tuning, heldOut } = measured.halves;
    expect(tuning.spirals + heldOut.spirals).toBe(3);
    expect(measured.peers.map(({ stopped, falseStops }) => [stopped, falseStops])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const { page, lines, below } = await trajectoriesSuite.run(data, NO_SURROUNDINGS);
    expect(below).toHaveLength(2);
    expect(page).toContain('| all | 1 of 3 (33.3 %) | 1 of 2 (50.0 %) | 2 | 13.3 % | 1 of 1 |');
    expect(lines[0]).toContain('spirals 1 of 3 (33.3 %), healthy 1 of 2 (50.0 %)');
  });

  it('says what it does not know', async () => {
    const measured = await measureTrajectories(await traces(JSON.stringify(trace('x', [STUCK], run(8), null))));
    expect(measured).toMatchObject({ stopped: 1, spendAvoided: null, spendAvoidedUsd: null, healthy: 0 });
  });

  it.each([
    ['{}', /:1 has no "id"$/],
    ['3', /:1 is no object$/],
    [JSON.stringify(trace('x', [{ label: 'stuck.cycle' }], [])), /:1 is labelled a spiral without "onset_step"$/],
    [JSON.stringify({ ...trace('x', [HEALTHY], []), steps: [{ tool: 'a' }] }), /:1 has no "input_sha"$/],
  ])('refuses the line %s', async (line, message) => {
    await expect(measureTrajectories(await traces(line))).rejects.toThrow(message);
  });

  it.skipIf(!existsSync(TRACES))(
    'stops spirals and leaves healthy runs alone (absent: labelled data beside the checkout)',
    async () => {
      const measured = await measureTrajectories(TRACES);
      expect(measured.spirals).toBeGreaterThan(30);
      expect(measured.healthy).toBeGreaterThan(150);
      expect(measured.stopped / measured.spirals).toBeGreaterThanOrEqual(0.9);
      expect(measured.falseStops / measured.healthy).toBeLessThanOrEqual(0.01);
      for (const half of Object.values(measured.halves)) expect(half.stopped / half.spirals).toBeGreaterThan(0.85);
      for (const peer of measured.peers) expect(peer.stopped).toBeLessThan(measured.stopped);
    },
  );
});

describe('the rules of others', () => {
  const step = (n: number, failed = false): Parameters<(typeof PEER_RULES)[number]['stops']>[0][number] => ({
    tool: 'Bash',
    kind: 'other',
    input: `${n}`,
    output: failed ? `${Math.random()}` : `${n}`,
    outputCharacters: 1,
    failed,
    files: [],
    tree: null,
    tokens: null,
  });

  it.each([
    ['four equal pairs', [1, 1, 1, 1], [true, false]],
    ['three equal pairs', [1, 1, 1], [false, false]],
    ['five equal calls', [1, 1, 1, 1, 1], [true, true]],
    ['six that alternate', [1, 2, 1, 2, 1, 2], [true, false]],
    ['five that alternate', [1, 2, 1, 2, 1], [false, false]],
  ])('%s', (_, inputs, expected) => {
    expect(PEER_RULES.map((rule) => rule.stops(inputs.map((n) => step(n))))).toEqual(expected);
  });

  it('three equal calls that fail, each in another way', () => {
    expect(PEER_RULES.map((rule) => rule.stops([1, 1, 1].map((n) => step(n, true))))).toEqual([true, false]);
  });
});
