/** Real agents that have to end: in mid-tool, in a spiral, in silence, and with a daemon behind them. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { countOnHost, sleepToken } from '../../src/public/conformance/sandbox-bench.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script } from '../support/model-server/script.ts';
import { DRIVEN, endsOf, onStage } from './driven.ts';
import { absent } from './recipes/index.ts';

// The slowest takes two minutes for its first call on a machine that is busy with others.
vi.setConfig({ testTimeout: 360_000 });

/** Asks again until it holds, for as long as the slowest of them takes to begin. */
async function until(holds: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + 120_000;
  while (!holds()) {
    if (performance.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

const rows: string[] = [];
afterAll(() => {
  console.log(['from the stop of a person to the end of the turn:', ...rows].join('\n'));
});

describe.each(DRIVEN)('$recipe.name', (one) => {
  const missing = one.recipe.program() === null;

  it('is stopped in the middle of a tool, and nothing of it survives', async (test) => {
    test.skip(missing, absent(one.recipe));
    const token = sleepToken();
    const script = inOrder({ kind: 'shell', command: `setsid sleep ${token} & sleep ${token}` });
    await onStage(one, { script: () => script }, async ({ place, run }) => {
      const running = run();
      // The canary: the tool and what left its session are there.
      expect(await until(() => countOnHost(token) >= 2)).toBe(true);
      expect((await place.cli('stop', 'last')).code).toBe(0);
      const { code, events } = await running;
      const asked = events.find(({ type }) => type === 'stop.requested');
      const over = events.find(({ type }) => type === 'turn.finished');
      rows.push(`  ${one.recipe.name}: ${String((over?.activeMs ?? NaN) - (asked?.activeMs ?? NaN))} ms`);
      expect([code, endsOf(events)]).toEqual([130, [{ kind: 'cancelled' }]]);
      expect(countOnHost(token)).toBe(0);
      expect(place.processes()).toEqual([]);
    });
  });

  it('in a spiral is ended by the ceiling on tokens', async (test) => {
    test.skip(missing, absent(one.recipe));
    // Never the same twice, nor near it: some agents end a model that repeats itself, and so do the detectors over steps.
    const script: Script = (results) => ({ kind: 'shell', command: `seq ${results} ${results + 100}` });
    await onStage(one, { script: () => script }, async ({ run }) => {
      const { code, events } = await run('--max-tokens', '200000');
      expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-tokens' });
      expect(code).toBe(10);
    });
  });

  it('in a spiral over iterations is ended by the ceiling on those', async (test) => {
    test.skip(missing, absent(one.recipe));
    const script = (bodyNow: () => string): Script => {
      let iteration = '';
      let before = 0;
      // Something else every time, and never right: no other brake is meant to be first.
      return (results) => {
        const now = /After your last turn \(iteration (\d+)\)/u.exec(bodyNow())?.[1] ?? '0';
        if (now !== iteration) [iteration, before] = [now, results];
        const wrong = `echo "exports.sum = () => ${now}; exports.zero = () => 0;" > sum.js`;
        return inOrder({ kind: 'shell', command: wrong }, { kind: 'say', text: `Tried ${now}.` })(results - before);
      };
    };
    await onStage(one, { script }, async ({ run }) => {
      const { code, events } = await run('--max-iterations', '2');
      expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-iterations' });
      expect([code, endsOf(events).length]).toEqual([10, 2]);
    });
  });

  it('that waits for a model that fell silent is ended by the limit on silence', async (test) => {
    test.skip(missing, absent(one.recipe));
    const script = inOrder({ kind: 'say', text: 'Never said.' });
    const plan = [{ from: 1, behaviour: { kind: 'stall' as const, after: 'request' as const } }];
    await onStage(one, { script: () => script, plan }, async ({ run }) => {
      const { code, events } = await run('--max-idle', '20s', '--max-iterations', '1');
      expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-idle' });
      expect(code).toBe(10);
    });
  });

  it('that leaves a daemon behind ends its turn, and the daemon ends with it', async (test) => {
    test.skip(missing, absent(one.recipe));
    test.skip(one.agent === 'qwen', 'Qwen Code 0.24.4 often waits for the daemon itself, until a limit ends both');
    const token = sleepToken();
    const script = inOrder(
      { kind: 'shell', command: `(setsid sleep ${token} </dev/null >/dev/null 2>&1 &); echo made > made.txt` },
      { kind: 'say', text: 'It serves.' },
    );
    await onStage(one, { script: () => script }, async ({ place, run }) => {
      const running = run('--max-iterations', '1');
      expect(await until(() => countOnHost(token) >= 1)).toBe(true);
      const { events } = await running;
      // Without an exit code where it did not leave after its result, and was ended.
      expect(endsOf(events)).toEqual([expect.objectContaining({ kind: 'ended' })]);
      expect(countOnHost(token)).toBe(0);
      expect(place.processes()).toEqual([]);
    });
  });
});
