/**
 * What each agent does when its answers end for want of room, as they do where the gateway lowered the output limit to what
 * a budget has left. Most end with 0 and their task undone: an exit code says nothing of a budget.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { passes } from './agent.ts';
import { absent, RECIPES } from './recipes/index.ts';
import { onStage } from './stage.ts';

/** Too short for any tool call of the script, tokens. */
const TOKENS = 5;

function shortenedFrom(call: number): { readonly plan: readonly FromCall[] } {
  return { plan: [{ from: call, behaviour: { kind: 'shorten', tokens: TOKENS } }] };
}

const rows: string[] = [];
afterAll(() => {
  console.log(['what agents did when every further answer was cut short:', ...rows].join('\n'));
});

describe.each(RECIPES)('$name', (recipe) => {
  it('gives up after a few short answers', async (test) => {
    test.skip(recipe.program() === null, absent(recipe));
    const call = 2 + recipe.extraCalls;
    await onStage(shortenedFrom(call), async ({ place, server, run }) => {
      const end = await run(recipe);
      const short = server.bill().slice(call - 1);
      rows.push(`  ${recipe.name}: ${String(short.length)} short answers, exit ${String(end.code)}`);
      expect(short.every(({ usage }) => usage.outputTokens === TOKENS)).toBe(true);
      expect({ calls: short.length, code: end.code }).toEqual({
        calls: recipe.shortened.calls,
        code: recipe.shortened.exitCode,
      });
      expect(passes(place)).toBe(false);
    });
  });
});

it('canary: a single short answer does not end every agent', async (test) => {
  const claude = RECIPES.find(({ shortened }) => shortened.calls > 1);
  if (claude === undefined) throw new Error('no agent asks again after a short answer');
  test.skip(claude.program() === null, absent(claude));
  const once: FromCall = { from: 2, to: 2, behaviour: { kind: 'shorten', tokens: TOKENS } };
  await onStage({ plan: [once] }, async ({ place, server, run }) => {
    const end = await run(claude);
    expect({ passes: passes(place), code: end.code, calls: server.calls().length }).toEqual({
      passes: true,
      code: 0,
      calls: 5,
    });
  });
});
