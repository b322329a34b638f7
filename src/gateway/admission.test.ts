/** Admission under random balances: nothing is held past a ceiling, and nobody waits for what cannot come. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ceiling } from '../core/limit.ts';
import type { Amount, Balance, HoldAnswer, HoldRequest, Ledger, Scope } from '../ports/ledger.ts';
import { createAdmission } from './admission.ts';
import type { AdmissionContext, Demand } from './admission.ts';

const LEASE = { runId: 'run1', epoch: 1 };
const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };
/** Nano-dollars for a token of input and of output. */
const [INPUT, OUTPUT] = [3, 15];

function demandOf(change: Partial<Demand> = {}): Demand {
  const inputTokens = change.inputTokens ?? 100;
  return {
    callId: 'call1',
    inputTokens,
    wantedOutputTokens: 1_000,
    leastOutputTokens: 50,
    choices: 1,
    worst: (outputTokens) => inputTokens * INPUT + outputTokens * OUTPUT,
    outputWithin: (nanoUsd) => Math.max(0, Math.floor((nanoUsd - inputTokens * INPUT) / OUTPUT)),
    ...change,
  };
}

function balanceOf(change: {
  spent?: Amount;
  held?: Amount;
  nanoUsd?: Ceiling;
  tokens?: Ceiling;
  kind?: Scope['kind'];
}): Balance {
  const { spent = NOTHING, held = NOTHING, nanoUsd = 'unlimited', tokens = 'unlimited', kind = 'run' } = change;
  const left = (ceiling: Ceiling, unit: keyof Amount): Ceiling =>
    ceiling === 'unlimited' ? ceiling : Math.max(0, ceiling - spent[unit] - held[unit]);
  const scope: Scope = { kind, key: `${kind}:x`, nanoUsd, tokens };
  return { scope, spent, held, left: { nanoUsd: left(nanoUsd, 'nanoUsd'), tokens: left(tokens, 'tokens') } };
}

interface Scene {
  readonly context: AdmissionContext;
  /** Every hold that was asked for, and those that were given. */
  readonly asked: HoldRequest[];
  readonly held: HoldRequest[];
  readonly waits: () => number;
}

/** As the real ledger: all scopes have room, or the first that has none is named. */
function answerOf(balances: readonly Balance[], { amount }: HoldRequest): HoldAnswer {
  for (const balance of balances) {
    for (const unit of ['nanoUsd', 'tokens'] as const) {
      const left = balance.left[unit];
      if (left !== 'unlimited' && amount[unit] > left) return { kind: 'refused', balance, unit };
    }
  }
  return { kind: 'held' };
}

/** A ledger that says what it is told, and room that changes as `later` says: one list of balances for each wait. */
function sceneOf(
  balances: readonly Balance[],
  later: readonly (readonly Balance[])[] = [],
  holding?: (request: HoldRequest) => Promise<HoldAnswer>,
): Scene {
  let now = balances;
  let waits = 0;
  const asked: HoldRequest[] = [];
  const held: HoldRequest[] = [];
  const unused = (): Promise<never> => Promise.reject(new Error('not for admission'));
  const ledger: Ledger = {
    balances: () => Promise.resolve(now),
    hold: async (request) => {
      asked.push(request);
      const answer = await (holding?.(request) ?? answerOf(now, request));
      if (answer.kind === 'held') held.push(request);
      return answer;
    },
    settle: unused,
    sweep: unused,
    charges: unused,
  };
  const context: AdmissionContext = {
    ledger,
    lease: LEASE,
    scopes: () => now.map(({ scope }) => scope),
    roomChanged: () => {
      const next = later[waits];
      waits += 1;
      if (next === undefined) return Promise.reject(new Error('waited for what nobody holds'));
      now = next;
      return Promise.resolve();
    },
    holdMs: 1_000,
  };
  return { context, asked, held, waits: () => waits };
}

const HERE = new AbortController().signal;

const amounts = fc.record({ nanoUsd: fc.nat(20_000), tokens: fc.nat(2_000) });
const ceilings = fc.oneof({ weight: 4, arbitrary: fc.nat(60_000) }, fc.constant('unlimited' as const));
const balances = fc.array(
  fc
    .record({ spent: amounts, nanoUsd: ceilings, tokens: ceilings })
    .map(({ spent, nanoUsd, tokens }) => balanceOf({ spent, nanoUsd, tokens })),
  { minLength: 1, maxLength: 4 },
);
const demands = fc
  .record({
    inputTokens: fc.nat(1_000),
    wantedOutputTokens: fc.nat(3_000),
    leastOutputTokens: fc.nat(300),
    choices: fc.integer({ min: 1, max: 4 }),
    priced: fc.boolean(),
  })
  .map(({ priced, ...demand }) => demandOf({ ...demand, ...(priced ? {} : { worst: null }) }));

function fits(amount: Amount, { left }: Balance): boolean {
  return (['nanoUsd', 'tokens'] as const).every((unit) => left[unit] === 'unlimited' || amount[unit] <= left[unit]);
}

function worstOf(demand: Demand, outputTokens: number): Amount {
  const all = outputTokens * demand.choices;
  return { nanoUsd: demand.worst?.(all) ?? 0, tokens: demand.inputTokens + all };
}

describe('admission', () => {
  it('holds the worst case of the longest answer that fits every scope, or refuses what fits none', async () => {
    let [admitted, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(balances, demands, async (scopes, demand) => {
        const scene = sceneOf(scopes);
        const admission = await createAdmission(scene.context)(demand, HERE);
        const least = Math.min(demand.wantedOutputTokens, demand.leastOutputTokens);
        const smallestFits = scopes.every((balance) => fits(worstOf(demand, least), balance));
        expect(admission.kind).toBe(smallestFits ? 'admitted' : 'refused');
        if (admission.kind !== 'admitted') {
          refused += 1;
          expect(scene.held).toEqual([]);
          return;
        }
        admitted += 1;
        const { outputTokens, held, lowered } = admission;
        expect(held).toEqual(worstOf(demand, outputTokens));
        expect(scene.held).toMatchObject([{ callId: 'call1', lease: LEASE, amount: held, holdMs: 1_000 }]);
        expect(scopes.every((balance) => fits(held, balance))).toBe(true);
        expect(outputTokens).toBeGreaterThanOrEqual(least);
        expect(lowered === null).toBe(outputTokens === demand.wantedOutputTokens);
        // One token more would not fit: the scope with the least room decided, and no other.
        if (lowered !== null) {
          expect(scopes.every((balance) => fits(worstOf(demand, outputTokens + 1), balance))).toBe(false);
        }
      }),
    );
    expect(Math.min(admitted, refused)).toBeGreaterThan(5);
  });

  it('names the limit that left less room, and the one that left none', async () => {
    const run = balanceOf({ tokens: 600 });
    const day = balanceOf({ nanoUsd: 300 + 400 * OUTPUT, kind: 'day' });
    const admitted = await createAdmission(sceneOf([run, day]).context)(demandOf(), HERE);
    expect(admitted).toMatchObject({ outputTokens: 400, lowered: { limit: 'costUsd', scope: 'day' } });
    const full = balanceOf({ spent: { nanoUsd: 0, tokens: 560 }, tokens: 600 });
    const refused = await createAdmission(sceneOf([full, day]).context)(demandOf(), HERE);
    expect(refused).toMatchObject({
      kind: 'refused',
      breach: { limit: 'tokens', value: 560, ceiling: 600, refused: 150 },
    });
  });

  it('waits while somebody holds what it needs, and only then', async () => {
    const held = { nanoUsd: 900, tokens: 0 };
    const full = balanceOf({ held, nanoUsd: 1_000 });
    const room = sceneOf([full], [[full], [balanceOf({ nanoUsd: 2_000 })]]);
    expect(await createAdmission(room.context)(demandOf(), HERE)).toMatchObject({ kind: 'admitted' });
    expect(room.waits()).toBe(2);
    const never = sceneOf([full], [[full], [balanceOf({ spent: held, nanoUsd: 1_000 })]]);
    expect(await createAdmission(never.context)(demandOf(), HERE)).toMatchObject({ kind: 'refused' });
    expect(never.held).toEqual([]);
  });

  it('looks anew when another supervisor was faster', async () => {
    const answers: HoldAnswer[] = [
      { kind: 'refused', balance: balanceOf({ held: { nanoUsd: 1_500, tokens: 0 }, nanoUsd: 2_000 }), unit: 'nanoUsd' },
      { kind: 'held' },
    ];
    const scene = sceneOf([balanceOf({ nanoUsd: 2_000 })], [], () =>
      Promise.resolve(answers.shift() ?? { kind: 'held' }),
    );
    expect(await createAdmission(scene.context)(demandOf(), HERE)).toMatchObject({ kind: 'admitted' });
    expect([scene.asked.length, scene.held.length]).toEqual([2, 1]);
  });

  it('refuses where the ledger itself cannot count any further, and does not ask for ever', async () => {
    const balance = balanceOf({ spent: { nanoUsd: Number.MAX_SAFE_INTEGER, tokens: 0 } });
    const scene = sceneOf([balance], [], () => Promise.resolve({ kind: 'refused', balance, unit: 'nanoUsd' }));
    expect(await createAdmission(scene.context)(demandOf(), HERE)).toMatchObject({ kind: 'refused' });
    expect([scene.asked.length, scene.held.length]).toEqual([2, 0]);
  });

  it('lets calls in one at a time, in the order they came', async () => {
    const gates = [0, 1, 2].map(() => Promise.withResolvers<HoldAnswer>());
    const scene = sceneOf(
      [balanceOf({})],
      [],
      ({ callId }) => gates[Number(callId)]?.promise ?? Promise.reject(new Error(callId)),
    );
    const admit = createAdmission(scene.context);
    const admissions = ['0', '1', '2'].map((callId) => admit(demandOf({ callId }), HERE));
    for (const [index, gate] of gates.toReversed().entries()) if (index < 2) gate.resolve({ kind: 'held' });
    await Promise.resolve();
    gates[0]?.resolve({ kind: 'held' });
    await Promise.all(admissions);
    expect(scene.held.map(({ callId }) => callId)).toEqual(['0', '1', '2']);
  });

  it('rejects as the ledger does, and the next call is none the worse for it', async () => {
    const scene = sceneOf([balanceOf({})], [], ({ callId }) =>
      callId === 'bad' ? Promise.reject(new Error('locked')) : Promise.resolve({ kind: 'held' }),
    );
    const admit = createAdmission(scene.context);
    const [bad, good] = await Promise.allSettled([admit(demandOf({ callId: 'bad' }), HERE), admit(demandOf(), HERE)]);
    expect([bad?.status, good?.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('asks nothing for a caller that is gone', async () => {
    const gone = AbortSignal.abort();
    const scene = sceneOf([balanceOf({})]);
    expect(await createAdmission(scene.context)(demandOf(), gone)).toEqual({ kind: 'abandoned' });
    expect(scene.held).toEqual([]);
  });
});
