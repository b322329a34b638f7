/** Whole runs: each agent behind its driver, in the sandbox, through the gateway, against a vendor that bills. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { repositoryWith, SUM } from '../scenario/harness.ts';
import type { Answer, Place } from '../scenario/harness.ts';
import { billNanoUsd } from '../support/model-server/billing.ts';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { startModelServer } from '../support/model-server/index.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script, Step } from '../support/model-server/script.ts';
import type { Recipe } from './recipe.ts';
import { absent, RECIPES } from './recipes/index.ts';

const KEY = 'sk-real-canary-fedcba9876543210';
const PRICES = { input: 3, output: 15 };
const MODEL = 'acme/coder';

interface Driven {
  readonly agent: string;
  readonly recipe: Recipe;
  /** Options beside the model. */
  readonly options: Readonly<Record<string, string>>;
}

function driven(agent: string, name: string, options: Driven['options'] = {}): Driven {
  const recipe = RECIPES.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`no recipe is called ${name}`);
  return { agent, recipe, options };
}

const DRIVEN: readonly Driven[] = [driven('claude', 'claude')];

const PATH_INSIDE = '/workspace/sum.js';
const SECOND = 'After your last turn (iteration 1)';

function turnOf(find: string, replace: string, words: string): readonly [Step, ...Step[]] {
  return [
    { kind: 'read', path: PATH_INSIDE },
    { kind: 'edit', path: PATH_INSIDE, find, replace },
    { kind: 'shell', command: 'node --test' },
    { kind: 'say', text: words },
  ];
}

const WRONG = turnOf('a - b', 'a / b', 'I divided.');
const RIGHT = turnOf('a / b', 'a + b', 'Now it adds.');

/** A wrong fix, and the right one once the prompt tells of the first. `earlier`: tool results a resumed conversation has. */
function wrongThenRight(bodyNow: () => string, earlier: number): Script {
  return (results) =>
    bodyNow().includes(SECOND) ? inOrder(...RIGHT)(Math.max(0, results - earlier)) : inOrder(...WRONG)(results);
}

interface Ran extends Answer {
  readonly events: readonly RecordedEvent[];
}

interface Stage {
  readonly place: Place;
  readonly server: ModelServer;
  readonly run: (...more: readonly string[]) => Promise<Ran>;
  readonly billedUsd: () => number;
}

interface Staged {
  readonly script?: Script;
  readonly plan?: readonly FromCall[];
  readonly options?: Readonly<Record<string, string>>;
}

/** A vendor, the host's word of where it is, a repository with a red test, and the agent on the PATH. */
async function onStage(one: Driven, staged: Staged, play: (stage: Stage) => Promise<void>): Promise<void> {
  const { agent, recipe } = one;
  const resumed = staged.options?.['session'] === 'resumed';
  let bodyNow = (): string => '';
  const script = staged.script ?? wrongThenRight(() => bodyNow(), resumed ? 3 : 0);
  const server = await startModelServer({ script, ...(staged.plan === undefined ? {} : { plan: staged.plan }) });
  bodyNow = () => server.calls().at(-1)?.body.toString('utf8') ?? '';
  const options = JSON.stringify({ model: MODEL, ...one.options, ...staged.options });
  const policy = [
    SUM['loopwright.yaml'] ?? '',
    `agent: { driver: ${agent}, options: ${options} }\n`,
    `models: { prices: { ${MODEL}: { input: ${PRICES.input}, output: ${PRICES.output} } } }\n`,
  ].join('');
  const place = repositoryWith({ ...SUM, 'loopwright.yaml': policy });
  const providers = place.beside('providers.yaml');
  const acme = `{ dialect: ${recipe.protocol}, url: ${server.url}, key: { env: ACME_KEY } }`;
  writeFileSync(providers, `version: 1\nproviders: { acme: ${acme}, anthropic: off, openai: off, google: off }\n`, {
    mode: 0o600,
  });
  const bin = place.beside('bin');
  mkdirSync(bin);
  symlinkSync(recipe.program()?.at(-1) ?? '', join(bin, agent));
  const env = {
    PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
    LOOPWRIGHT_PROVIDERS: providers,
    ACME_KEY: KEY,
  };
  try {
    await play({
      place,
      server,
      async run(...more) {
        const answer = await place.with(env, 'run', 'make it add', '--agent', agent, '--json', ...more);
        const lines = answer.out.split('\n').filter(Boolean);
        return { ...answer, events: lines.map((line) => JSON.parse(line) as RecordedEvent) };
      },
      billedUsd: () => billNanoUsd(server.bill(), PRICES) / 1e9,
    });
  } finally {
    await server.close();
    place.remove();
  }
}

function endsOf(events: readonly RecordedEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === 'turn.finished' ? [event.end] : []));
}

function claimsOf(events: readonly RecordedEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'turn.finished' ? event.claims.map(({ kind, text }) => `${kind}: ${text}`) : [],
  );
}

/** With what the agent printed where it did not do it. */
async function expectAccepted({ place }: Stage, ran: Ran): Promise<void> {
  const last = ran.events.at(-1);
  const reason = last?.type === 'run.stopped' ? last.reason : ran.err;
  if (reason === 'accepted') return;
  const detail = last?.type === 'run.stopped' ? last.detail : '';
  const { out } = await place.cli('log', 'last', '--full');
  expect(`${reason}: ${detail}\n${JSON.stringify(endsOf(ran.events))}\n${out.slice(-6_000)}`).toBe('accepted');
}

const rows: string[] = [];
afterAll(() => {
  console.log(['whole runs of agents:', ...rows].join('\n'));
});

describe.each(DRIVEN)('$agent behind its driver', (one) => {
  const missing = one.recipe.program() === null;

  it('fixes wrongly, is told so, fixes rightly, and is accepted with the spend of the bill', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, {}, async (stage) => {
      const { place, server, run, billedUsd } = stage;
      const began = performance.now();
      const ran = await run();
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      await expectAccepted(stage, ran);
      rows.push(`  ${one.agent}: ${String(server.calls().length)} calls, ${seconds} s, ${billedUsd().toFixed(4)} USD`);
      expect(ran.code).toBe(0);
      expect(claimsOf(ran.events)).toEqual([
        'message: I divided.',
        'done: exit code 0',
        'message: Now it adds.',
        'done: exit code 0',
      ]);
      const shown = await place.show();
      expect(shown).toMatchObject({ outcome: 'accepted', iterations: 2 });
      expect(shown.usage.costUsd).toBeCloseTo(billedUsd(), 9);
      expect(shown.usage.modelCalls).toBe(server.calls().length);
      expect([...server.keys()]).toEqual([KEY]);
      expect(server.calls().some(({ body }) => body.includes('blocked because'))).toBe(true);
      expect((await place.cli('diff', 'last')).out).toContain('a + b');
    });
  });

  it('goes on with its conversation where the policy says so', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, { options: { session: 'resumed' } }, async (stage) => {
      const ran = await stage.run();
      await expectAccepted(stage, ran);
      expect(stage.server.calls().at(-1)?.body.includes('I divided.')).toBe(true);
    });
  });

  it('ends its turn when the vendor refuses for good, in the words of the vendor', async (test) => {
    test.skip(missing, absent(one.recipe));
    const refused = { from: 2, behaviour: { kind: 'refuse' as const, status: 400, message: 'No more of this.' } };
    await onStage(one, { plan: [refused] }, async ({ run }) => {
      const { code, events } = await run('--max-iterations', '1');
      expect(code).not.toBe(0);
      expect(endsOf(events)).toEqual([{ kind: 'crashed', detail: expect.stringContaining('No more of this.') }]);
    });
  });

  it('is stopped by the ceiling, and the bill stays below it', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, { script: () => ({ kind: 'shell', command: 'echo again' }) }, async ({ run, billedUsd }) => {
      const { code, events } = await run('--max-cost', '0.5');
      expect(code).toBe(10);
      expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-cost' });
      expect(billedUsd()).toBeLessThanOrEqual(0.5);
    });
  });

  it('says that it is blocked, and the run says so', async (test) => {
    test.skip(missing, absent(one.recipe));
    const script = inOrder({ kind: 'say', text: 'I looked.\n\nblocked because the database is not there' });
    await onStage(one, { script }, async ({ run }) => {
      const { code, events } = await run();
      expect(claimsOf(events)).toContain('blocked: the database is not there');
      expect(code).toBe(12);
    });
  });
});
