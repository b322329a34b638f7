/** Whole runs whose agent calls models: the ceiling, the raise, the quota, the replay, and a supervisor that dies. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import type { LimitBreach } from '../../src/core/limit.ts';
import { requireBuilt, start, until } from '../process/program.ts';
import { billNanoUsd } from '../support/model-server/billing.ts';
import { startModelServer } from '../support/model-server/index.ts';
import type { ModelServer, ModelServerOptions } from '../support/model-server/index.ts';
import { inOrder } from '../support/model-server/script.ts';
import { RIGHT_FIX, SUM, nodeTest, repositoryWith, scriptFile } from '../scenario/harness.ts';
import type { Answer, Place } from '../scenario/harness.ts';
import { endAll } from '../scenario/undone.ts';

const REAL_KEY = 'sk-real-canary-fedcba9876543210';
const PRICES = { input: 3, output: 15 };
const SAY = inOrder({ kind: 'say', text: 'Look at the sum.' });
const FIX = `write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} }`;
const NOTE = 'append: { path: notes.md, text: "looked\\n" }';

const open: { remove(): unknown }[] = [];

afterEach(() => endAll(open));

type Ran = Answer & { readonly events: readonly RecordedEvent[] };

interface Stage {
  readonly here: Place;
  readonly server: ModelServer;
  readonly env: Readonly<Record<string, string>>;
  readonly scripted: (yaml: string, ...more: readonly string[]) => Promise<Ran>;
  readonly billedUsd: () => number;
}

function eventsIn(out: string): readonly RecordedEvent[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}

/** A repository with a policy that prices the model, a vendor on loopback, and the host's word of where it is. */
async function stage(options: Partial<ModelServerOptions> = {}, policy = '', models = ''): Promise<Stage> {
  const server = await startModelServer({ script: SAY, billing: { verbosity: 'limit' }, ...options });
  open.push({ remove: () => server.close() });
  const rules = `models: { prices: { acme/coder: { input: 3, output: 15 } }${models} }\n${policy}`;
  const here = repositoryWith({ ...SUM, 'loopwright.yaml': `${SUM['loopwright.yaml'] ?? ''}${rules}` });
  open.push(here);
  const providers = here.beside('providers.yaml');
  const acme = `{ dialect: anthropic-messages, url: ${server.url}, key: { env: ACME_KEY } }`;
  writeFileSync(providers, `version: 1\nproviders: { acme: ${acme}, anthropic: off, openai: off, google: off }\n`, {
    mode: 0o600,
  });
  const env = { LOOPWRIGHT_PROVIDERS: providers, ACME_KEY: REAL_KEY };
  return {
    here,
    server,
    env,
    async scripted(yaml, ...more) {
      const script = scriptFile(here, yaml);
      const answer = await here.with(
        env,
        'run',
        'make it add',
        '--agent',
        'scripted',
        '--script',
        script,
        '--json',
        ...more,
      );
      return { ...answer, events: eventsIn(answer.out) };
    },
    billedUsd: () => billNanoUsd(server.bill(), PRICES) / 1e9,
  };
}

function ask(more = ''): string {
  return `ask-model: { model: acme/coder, max-tokens: 4000${more} }`;
}

function breachOf(events: readonly RecordedEvent[]): LimitBreach | null {
  return events.flatMap((event) => (event.type === 'limit.reached' ? [event.breach] : []))[0] ?? null;
}

describe('a run whose agent calls models', () => {
  it('reaches them from a sandbox without a network, and is told to the cent what it cost', async () => {
    const { here, scripted, billedUsd, server, env } = await stage();
    const { code, events } = await scripted(`turns: [[{ ${ask(', times: 3')} }, { ${FIX} }]]`);
    expect(code).toBe(0);
    const shown = JSON.parse((await here.with(env, 'show', 'last', '--json')).out) as { usage: Record<string, number> };
    expect(shown.usage).toMatchObject({ modelCalls: 3, costUsd: billedUsd(), outputTokens: 12_000 });
    expect(server.keys()).toEqual(new Set([REAL_KEY]));
    expect(events.filter(({ type }) => type === 'model.called')).toHaveLength(3);
    const { out } = await here.with(env, 'log', 'last', '--model-calls');
    expect(out.split('\n')).toHaveLength(4);
    const full = await here.with(env, 'log', 'last', '--model-calls', '--full');
    expect(full.out).toContain('"content":"Say something."');
    expect((await here.with(env, 'report', 'last')).out).toContain('Model calls: **3');
  });

  it('keeps the real key out of everything that is kept', async () => {
    const echo = { from: 2, to: 2, behaviour: { kind: 'refuse' as const, status: 400, message: `no: ${REAL_KEY}` } };
    const { here, scripted, server } = await stage({ plan: [echo] });
    const script = `turns: [[{ run: "env; cat /proc/self/environ" }, { ${ask(', times: 2')} }, { ${FIX} }]]`;
    const { code, out, err } = await scripted(script);
    expect(code).toBe(0);
    // The canary: the vendor saw it, so there was something to leak.
    expect(server.keys()).toEqual(new Set([REAL_KEY]));
    const kept = readdirSync(here.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(kept.length).toBeGreaterThan(3);
    for (const entry of kept) {
      const bytes = readFileSync(join(entry.parentPath, entry.name), 'latin1');
      if (bytes.includes(REAL_KEY)) throw new Error(`the real key is in ${entry.name}`);
    }
    expect(`${out}${err}${(await here.cli('log', 'last', '--full')).out}`).not.toContain(REAL_KEY);
  });

  it('is stopped by its ceiling with the bill below it, and goes on when a person raises it', async () => {
    const { here, scripted, billedUsd, env } = await stage();
    const first = `{ ${ask(', times: 100')} }, { ${NOTE} }`;
    const { code, events } = await scripted(`turns: [[${first}], [{ ${ask()} }, { ${FIX} }]]`, '--max-cost', '0.25');
    expect(code).toBe(10);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-cost' });
    expect(breachOf(events)).toMatchObject({ limit: 'costUsd', ceiling: 0.25 });
    expect(billedUsd()).toBeLessThanOrEqual(0.25);
    expect(billedUsd()).toBeGreaterThan(0.2);

    const refused = await here.with(env, 'resume', 'last', '--max-cost', '0.10');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('would not raise it')]);
    const raised = await here.with(env, 'resume', 'last', '--max-cost', '1', '--json');
    expect(raised.code).toBe(0);
    expect(eventsIn(raised.out).map(({ type }) => type)).toContain('limit.raised');
    expect(await here.show()).toMatchObject({ outcome: 'accepted', limits: { costUsd: 1 }, iterations: 2 });
    expect(billedUsd()).toBeLessThanOrEqual(1);
  });

  it('is stopped before it spends anything where the ceiling is too low for one call', async () => {
    const { scripted, server } = await stage();
    const { code, events } = await scripted(`turns: [[{ ${ask()} }, { ${NOTE} }]]`, '--max-cost', '0.002');
    expect([code, server.received.length]).toEqual([10, 0]);
    expect(events.at(-1)).toMatchObject({
      reason: 'limit-cost',
      detail: expect.stringContaining('one more model call may take'),
    });
  });

  it('is ended when it goes on calling after the refusal', async () => {
    const { scripted, server } = await stage();
    const script = `turns: [[{ ${NOTE} }, { ${ask(', times: 100000, stubborn: true')} }]]`;
    const { events } = await scripted(script, '--max-cost', '0.10');
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-cost' });
    const refusals = events.filter(({ type }) => type === 'model.refused');
    expect(refusals.length).toBe(1);
    expect(server.calls().length).toBeLessThan(5);
  });

  it('shares the ceiling of the day with other runs of the repository', async () => {
    const { here, scripted, billedUsd } = await stage({}, 'limits: { daily-cost-usd: { repository: 0.3 } }\n');
    const script = `turns: [[{ ${ask(', times: 100')} }, { ${FIX} }]]`;
    const runs = await Promise.all([scripted(script), scripted(script), scripted(script)]);
    expect(billedUsd()).toBeLessThanOrEqual(0.3);
    // Each was accepted all the same: acceptance comes before limits.
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    const breached = runs.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === 'model.refused' ? [event.breach] : [])),
    );
    expect(breached.length).toBeGreaterThan(0);
    expect(breached.every((breach) => breach?.scope === 'repository')).toBe(true);
    expect((await here.cli('list', '--json')).code).toBe(0);
  });
});

describe('a vendor that turns calls away', () => {
  const away = (resetMs: number, from: number, to?: number): NonNullable<ModelServerOptions['plan']> => [
    { from, ...(to === undefined ? {} : { to }), behaviour: { kind: 'refuse', status: 429, resetMs } },
  ];

  it('makes the run wait for quota, over restarts, until time has passed or a person says go on', async () => {
    const { here, scripted, env, server } = await stage({ plan: away(3_600_000, 2, 2) });
    const script = `turns: [[{ ${ask(', times: 2, stubborn: true')} }], [{ ${ask()} }, { ${FIX} }]]`;
    const { code } = await scripted(script);
    expect(code).toBe(75);
    const waiting = await here.show();
    expect(waiting).toMatchObject({ status: 'waiting', stopReason: null, quota: { provider: 'acme' } });
    expect((waiting as unknown as { quota: { until: number } }).quota.until).toBeGreaterThan(Date.now() + 3_000_000);
    expect((await here.cli('list')).out).toContain('waits for quota');
    expect((await here.cli('show', 'last')).out).toContain('--wait-for-quota');
    expect((await here.with(env, 'resume', 'last')).code).toBe(0);
    expect(server.calls()).toHaveLength(3);
    expect(await here.show()).toMatchObject({ outcome: 'accepted' });
  });

  it('is asked a bounded number of times over the whole run', async () => {
    const { scripted, server } = await stage({ plan: away(1_000, 1) }, '', ', quota-attempts: 3');
    const { code, events } = await scripted(`turns: [[{ ${ask()} }]]`, '--max-iterations', '3');
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'quota-exhausted' });
    expect(code).toBe(75);
    expect(server.calls()).toHaveLength(3);
  });
});

describe('a recorded run', () => {
  it('is replayed without any vendor, with the same answers, under another ceiling', async () => {
    const { here, scripted, server, env } = await stage();
    const script = `turns: [[{ ${ask(', times: 4')} }, { ${NOTE} }], [{ ${ask()} }, { ${FIX} }]]`;
    expect((await scripted(script)).code).toBe(0);
    const before = await here.show();
    await server.close();
    const offline = { ...env, ACME_KEY: '' };
    const again = await here.with(offline, 'replay', before.id, '--json');
    expect(again.code).toBe(0);
    const replayed = eventsIn(again.out);
    expect(replayed[0]).toMatchObject({ type: 'run.started', replay: before.id });
    const after = await here.show();
    expect(after.usage).toMatchObject({ modelCalls: 5, costUsd: before.usage.costUsd });
    expect(after.outcome).toBe('accepted');
    const tight = await here.with(offline, 'replay', before.id, '--max-cost', '0.10', '--json');
    expect(tight.code).toBe(10);
    expect(eventsIn(tight.out).at(-1)).toMatchObject({ reason: 'limit-cost' });
  });

  it('has to have made model calls', async () => {
    const { here, scripted } = await stage();
    await scripted(`turns: [[{ ${FIX} }]]`);
    const { code, err } = await here.cli('replay', 'last');
    expect([code, err]).toEqual([2, expect.stringContaining('made no model call')]);
  });
});

describe('an agent that is any program', () => {
  it('gets the gateway when it is said to call models, and nothing of it otherwise', async () => {
    const { here, env } = await stage();
    here.commit('agent', {
      'agent.sh': `env | grep -E '^(ANTHROPIC|LOOPWRIGHT_GATEWAY)' | cut -d= -f1 | sort\ncp right.js sum.js\n`,
      'right.js': RIGHT_FIX,
      'extra.test.js': nodeTest('is there', 'assert.ok(true);'),
    });
    const told = await here.with(env, 'run', 'x', '--models', '--json', '--', 'sh', 'agent.sh');
    expect(told.code).toBe(0);
    const full = (await here.cli('log', 'last', '--full')).out;
    for (const name of ['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'LOOPWRIGHT_GATEWAY_SOCKET'])
      expect(full).toContain(name);
    expect((await here.with(env, 'run', 'x', '--json', '--', 'sh', 'agent.sh')).code).toBe(0);
    expect((await here.cli('log', 'last', '--full')).out).not.toContain('ANTHROPIC_API_KEY');
  });

  it('is not started where no provider has a key', async () => {
    const { here, env, server } = await stage();
    const none = await here.with({ ...env, ACME_KEY: undefined }, 'run', 'x', '--models', '--', 'sh', '-c', 'true');
    expect([none.code, none.err]).toEqual([20, expect.stringContaining('LW_GATEWAY_UNAVAILABLE')]);
    expect(server.received).toEqual([]);
  });
});

/** Calls its model for ever, and each time the same command has failed once more. */
const SPINNING = `
  const messages = [{ role: 'user', content: 'go' }];
  for (let n = 0; n < 20; n += 1) {
    const answer = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY },
      body: JSON.stringify({ model: 'acme/coder', max_tokens: 2000, messages }),
    });
    const said = await answer.text();
    if (!answer.ok) { console.log(said); process.exit(1); }
    messages.push(
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call' + n, name: 'Bash', input: { command: 'make' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call' + n, is_error: true, content: 'no make' }] },
    );
  }
`;

describe('an agent that goes round in circles', () => {
  const program = ['--models', '--json', '--max-iterations', '1', '--', 'node', '--input-type=module', '-e', SPINNING];

  it('is ended inside its turn, before the next call is paid for, and the run says why', async () => {
    const { here, env, server } = await stage();
    const { code, out } = await here.with(env, 'run', 'x', ...program);
    const events = eventsIn(out);
    expect(code).toBe(13);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'spiral' });
    expect(events.find(({ type }) => type === 'turn.finished')).toMatchObject({ end: { kind: 'detector' } });
    const findings = events.flatMap((event) => (event.type === 'finding.raised' ? [event.finding] : []));
    expect(findings.filter(({ detector }) => detector === 'repeated-action').map(({ severity }) => severity)).toEqual([
      'note',
      'stop',
    ]);
    expect(server.received).toHaveLength(4);
  });

  it('goes on where the policy says off', async () => {
    const off =
      'detectors: { steps: { repeated-action: off, retry-storm: off, same-failure: off, error-streak: off } }';
    const { here, env, server } = await stage({}, off);
    const { code } = await here.with(env, 'run', 'x', ...program);
    expect(server.received.length).toBeGreaterThan(10);
    expect(code).not.toBe(0);
  });
});

describe('a supervisor that dies in the middle of a call', () => {
  it('leaves a hold that its successor counts as spent and writes into the log', async () => {
    requireBuilt();
    const stall = { from: 2, to: 2, behaviour: { kind: 'stall' as const, after: { events: 2 } } };
    const { here, server, env } = await stage({ plan: [stall] });
    const script = scriptFile(here, `turns: [[{ ${ask(', times: 2')} }, { ${NOTE} }], [{ ${FIX} }]]`);
    const program = start(here, ['run', 'x', '--agent', 'scripted', '--script', script, '--json'], { env });
    await server.called(2);
    program.signal('SIGKILL');
    await program.ended;
    await until(() => here.processes().length === 0, 'nothing of it is left', 10_000);
    const runId = ((await here.show()) as { id: string }).id;
    await until(
      async () => !(JSON.parse((await here.cli('show', runId, '--json')).out) as { live: boolean }).live,
      'its lease is over',
      30_000,
    );
    const resumed = await here.with(env, 'resume', runId, '--json');
    expect(resumed.code).toBe(0);
    const recovered = eventsIn(resumed.out).filter(({ type }) => type === 'charge.recovered');
    expect(recovered).toHaveLength(1);
    expect(recovered[0]).toMatchObject({ basis: 'expired' });
    const shown = await here.show();
    // One call as metered, one as the most it could have cost.
    expect(shown.usage).toMatchObject({ modelCalls: 2 });
    expect(shown.usage.costUsd).toBeGreaterThan(billNanoUsd(server.bill(), PRICES) / 1e9);
  });
});
