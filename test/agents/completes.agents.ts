/** Every agent does its work against the scripted model server: what the suite measures is an agent, not a broken recipe. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { inOrder } from '../support/model-server/script.ts';
import { passes, PROMPT } from './agent.ts';
import type { AgentEnd, Place } from './agent.ts';
import { versionOf } from './recipe.ts';
import { absent, RECIPES, someAgent } from './recipes/index.ts';
import { KEY, onStage } from './stage.ts';

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as Readonly<
  Record<'dependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
>;
const pinned = { ...manifest.dependencies, ...manifest.optionalDependencies };

/** With what the agent wrote where it did not do it. */
function expectDone(place: Place, end: AgentEnd): void {
  const done = passes(place) && end.code === 0;
  expect(done ? 'done' : `exit ${String(end.code)}\n${end.err}${end.out}`).toBe('done');
}

const rows: string[] = [];
afterAll(() => {
  console.log(['agents that were run:', ...rows].join('\n'));
});

it('runs on the Node this project pins', () => {
  expect(process.version).toBe('v24.21.0');
});

describe.each(RECIPES)('$name', (recipe) => {
  const missing = recipe.program() === null;

  it('is installed in the pinned version', (test) => {
    test.skip(missing, absent(recipe));
    expect(versionOf(recipe)).toBe(pinned[recipe.packageName]);
  });

  it('makes the test pass, exits with 0, and asks nobody but the model', async (test) => {
    test.skip(missing, absent(recipe));
    await onStage({}, async ({ place, server, outside, run }) => {
      expect(passes(place)).toBe(false);
      const end = await run(recipe);
      const calls = server.calls();
      const limits = [...new Set(server.bill().map(({ outputLimit }) => String(outputLimit)))].join(' and ');
      const seconds = (end.wallTimeMs / 1_000).toFixed(1);
      const largest = String(Math.max(...calls.map(({ body }) => body.length)));
      rows.push(
        `  ${recipe.name} ${pinned[recipe.packageName] ?? ''}: ${String(calls.length)} calls of up to ${largest} bytes, ` +
          `output limits ${limits}, ${seconds} s`,
      );
      expectDone(place, end);
      expect(new Set(calls.map(({ protocol }) => protocol))).toEqual(new Set([recipe.protocol]));
      expect([...server.keys()]).toEqual([KEY]);
      expect(calls).toHaveLength(4 + recipe.extraCalls);
      expect(server.bill().every(({ complete }) => complete)).toBe(true);
      expect(end.out).toContain('The test passes now.');
      expect(calls.some(({ body }) => body.includes(PROMPT))).toBe(true);
      const unknown = [...outside.hosts()].filter((host) => !recipe.outside.some((known) => known.test(host)));
      expect(unknown).toEqual([]);
    });
  });
});

describe.each(RECIPES.filter(({ overSocket }) => overSocket))('$name over a Unix socket', (recipe) => {
  it('makes the test pass without any TCP connection', async (test) => {
    test.skip(recipe.program() === null, absent(recipe));
    await onStage({}, async ({ place, server, socketPath, run }) => {
      expectDone(place, await run(recipe, { endpoint: { url: 'http://localhost:1', socketPath } }));
      expect(server.calls().map(({ headers }) => headers.host)).toEqual(Array.from({ length: 4 }, () => 'localhost:1'));
    });
  });
});

it('canary: a model that only talks leaves the test red, and the measure says so', async () => {
  const talk = inOrder({ kind: 'say', text: 'The test passes now.' });
  await onStage({ script: () => talk }, async ({ place, run }) => {
    const end = await run(someAgent());
    expect({ passes: passes(place), code: end.code }).toEqual({ passes: false, code: 0 });
  });
});

it('canary: an agent that waits for good is ended at its deadline', async () => {
  const silence: FromCall = { from: 1, behaviour: { kind: 'stall', after: 'headers' } };
  await onStage({ plan: [silence] }, async ({ server, run }) => {
    const ending = run(someAgent(), { deadlineMs: 10_000 });
    await server.called(1);
    const end = await ending;
    expect(end.code).toBe(null);
    expect(end.wallTimeMs).toBeLessThan(20_000);
  });
});

it('canary: whoever takes the way out is seen', async () => {
  await onStage({}, async ({ outside }) => {
    const { hostname, port } = new URL(outside.env['HTTPS_PROXY'] ?? '');
    const asked = request({ hostname, port, method: 'CONNECT', path: 'example.test:443' }).end();
    const [answer] = (await once(asked, 'connect')) as [IncomingMessage];
    expect(answer.statusCode).toBe(403);
    expect([...outside.hosts()]).toEqual(['example.test']);
  });
});
