/**
 * What a fresh conversation costs per iteration, and what a resumed one does: the same three iterations with each agent,
 * two wrong fixes and a right one, each of three tools and a word. The figures are in docs/agents.md.
 */
import { describe, expect, it, vi } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script } from '../support/model-server/script.ts';
import { DRIVEN, onStage } from './driven.ts';
import { absent } from './recipes/index.ts';

// Six turns of each.
vi.setConfig({ testTimeout: 600_000 });

const PATH_INSIDE = '/workspace/sum.js';
const TRIES = ['a - b', 'a / b', 'b - a', 'a + b'] as const;

/** The iteration is the last one the prompt tells of, plus one. A resumed conversation holds all of them. */
function tries(bodyNow: () => string): Script {
  let current = 0;
  let before = 0;
  return (results) => {
    const told = [...bodyNow().matchAll(/After your last turn \(iteration (\d+)\)/gu)].map((found) => Number(found[1]));
    const now = Math.min(Math.max(0, ...told), 2);
    if (now !== current) [current, before] = [now, results];
    const [find = '', replace = ''] = TRIES.slice(now);
    return inOrder(
      { kind: 'read', path: PATH_INSIDE },
      { kind: 'edit', path: PATH_INSIDE, find, replace },
      { kind: 'shell', command: 'node --test' },
      { kind: 'say', text: `Now it is ${replace}.` },
    )(results - before);
  };
}

interface Spent {
  readonly bytes: number;
  readonly costUsd: number;
}

/** Of each iteration, what was sent and what it cost. */
function spentIn(events: readonly RecordedEvent[]): readonly Spent[] {
  return [1, 2, 3].map((iteration) => {
    const calls = events.flatMap((event) =>
      event.type === 'model.called' && event.iteration === iteration ? [event] : [],
    );
    return {
      bytes: calls.reduce((sum, { requestBytes }) => sum + requestBytes, 0),
      costUsd: calls.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0) / 1e9,
    };
  });
}

describe.each(DRIVEN)('$recipe.name', (one) => {
  it('sends more in a conversation that it goes on with than in one it begins', async (test) => {
    test.skip(one.recipe.program() === null, absent(one.recipe));
    const sent: Record<string, readonly Spent[]> = {};
    for (const session of ['fresh', 'resumed'] as const) {
      await onStage(one, { script: tries, options: { session } }, async ({ run }) => {
        const { events } = await run('--max-iterations', '3');
        expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
        const spent = spentIn(events);
        sent[session] = spent;
        const kilobytes = spent.map(({ bytes }) => (bytes / 1_000).toFixed(0)).join(', ');
        const usd = spent.reduce((sum, { costUsd }) => sum + costUsd, 0);
        // At once: whoever measures may not want to wait for the slowest.
        console.log(`${one.recipe.name} ${session}: ${kilobytes} kB in iterations 1, 2, 3; ${usd.toFixed(3)} USD`);
      });
    }
    expect(sent['resumed']?.[2]?.bytes).toBeGreaterThan(sent['fresh']?.[2]?.bytes ?? Number.POSITIVE_INFINITY);
  });
});
