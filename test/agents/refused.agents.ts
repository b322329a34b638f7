/**
 * What each agent does when a call is refused the way the gateway refuses: it has to stop at once, and what it prints has
 * to hold our words, because they are all that a person will see of it.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { passes } from './agent.ts';
import { absent, RECIPES } from './recipes/index.ts';
import { onStage } from './stage.ts';

const MESSAGE = 'loopwright: the budget of this run is used up.';

function refusedFrom(call: number, status: number): { readonly plan: readonly FromCall[] } {
  return { plan: [{ from: call, behaviour: { kind: 'refuse', status, message: MESSAGE } }] };
}

const rows: string[] = [];
afterAll(() => {
  console.log(['what agents did when they were refused:', ...rows].join('\n'));
});

/** The line of its output that carries the message, as a person would find it. */
function lineWith(output: string): string {
  return output.split('\n').find((line) => line.includes(MESSAGE)) ?? '';
}

/** Around the message, short enough for a table. */
function excerpt(line: string): string {
  const at = line.indexOf(MESSAGE);
  return line.slice(Math.max(0, at - 60), at + MESSAGE.length + 20);
}

describe.each(RECIPES)('$name', (recipe) => {
  const { status, exitCode } = recipe.refusal;

  it('stops at the first refusal in the middle of its work, and prints our message', async (test) => {
    test.skip(recipe.program() === null, absent(recipe));
    const call = 2 + recipe.extraCalls;
    await onStage(refusedFrom(call, status), async ({ place, server, run }) => {
      const end = await run(recipe);
      const refused = server.calls().length - server.bill().length;
      const line = lineWith(end.out);
      rows.push(
        `  ${recipe.name}: ${String(status)}, ${String(refused)} refused, exit ${String(end.code)}, ${excerpt(line)}`,
      );
      expect(server.bill()).toHaveLength(call - 1);
      expect({ refused, code: end.code }).toEqual({ refused: 1, code: exitCode });
      expect(line).toContain(MESSAGE);
      expect(passes(place)).toBe(false);
    });
  });

  it('stops when its first call is refused, before anything is billed', async (test) => {
    test.skip(recipe.program() === null, absent(recipe));
    await onStage(refusedFrom(1, status), async ({ server, run }) => {
      const end = await run(recipe);
      expect(server.bill()).toEqual([]);
      expect({ refused: server.calls().length, code: end.code }).toEqual({
        refused: 1 + recipe.extraCalls,
        code: exitCode,
      });
      expect(lineWith(end.out)).toContain(MESSAGE);
    });
  });
});

it('canary: an agent that is refused with a status it repeats goes on, and the count says so', async (test) => {
  const codex = RECIPES.find(({ protocol }) => protocol === 'openai-responses');
  if (codex === undefined) throw new Error('no agent speaks Responses');
  test.skip(codex.program() === null, absent(codex));
  await onStage(refusedFrom(2, 402), async ({ server, run }) => {
    const end = await run(codex);
    expect(server.calls().length - server.bill().length).toBeGreaterThan(1);
    expect(end.code).toBe(1);
  });
});
