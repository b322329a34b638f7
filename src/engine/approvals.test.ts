/** Decisions and landing against the memory store and real signatures; time is the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ApprovalDecision, ApprovalSignature } from '../core/approval.ts';
import { DEFAULT_APPROVALS } from '../core/approval.ts';
import { statementText } from '../core/approval-statement.ts';
import type { Freeze } from '../core/freeze.ts';
import type { ApprovalRules } from '../core/policy.ts';
import { newestChange, outcomeOf, statusOf } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import { openOwnKey, signatureProblem } from '../signing/index.ts';
import { createMemoryStore } from '../store/memory/index.ts';
import { change, file, HAPPY, openLog, play, policy, started } from '../../test/fixtures/world.ts';
import { decideApproval, prepareDecision, recordSignedDecision } from './approvals.ts';
import type { Decision } from './approvals.ts';
import { landRun } from './decisions.ts';
import type { EngineDependencies } from './dependencies.ts';
import { remindOf } from './remind.ts';

const HOUR = 3_600_000;
const root = mkdtempSync(join(tmpdir(), 'loopwright-approvals-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const kim = await openOwnKey(join(root, 'keys'), 'kim');
const eve = await openOwnKey(join(root, 'keys'), 'eve');

const risky = {
  ...HAPPY,
  change: (_: RunState, n: number) => change(n, { files: [file('infra/x.tf', { zones: ['infrastructure'] })] }),
};
const quiet = { listener: (): void => undefined };

interface Stage {
  readonly deps: EngineDependencies;
  pass(ms: number): void;
  /** What the branch of the user got. */
  readonly landed: string[];
  /** Keys of people, as the host has them now. */
  readonly keys: { names: readonly string[]; type: string; key: string }[];
  readonly freezes: Freeze[];
  state(): Promise<RunState>;
  decide(patch?: Partial<Decision>): Promise<RunState>;
  land(): Promise<RunState>;
  code(act: Promise<unknown>): Promise<string>;
}

/** A run, `run1`, whose change waits for one approval. */
async function waiting(rules: Partial<ApprovalRules> = {}, patch: Parameters<typeof started>[0] = {}): Promise<Stage> {
  let now = 10 * HOUR;
  // Nothing here waits for time to pass; a heartbeat sleeps until its leg is over.
  const sleep = (_: number, ended?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (ended?.aborted === true) resolve();
      ended?.addEventListener('abort', () => resolve(), { once: true });
    });
  const clock = { now: () => now, monotonicMs: () => now, sleep };
  const store = createMemoryStore({ now: clock.now });
  const risk = [{ name: 'infrastructure', paths: ['infra/**'], reason: 'r', owners: ['@acme/ops'] }];
  const approvals = { ...DEFAULT_APPROVALS, expireMs: 2 * HOUR, remindMs: HOUR, ...rules };
  const log = openLog(started({ policy: policy({ risk, approvals }), ...patch }));
  play(log, risky);
  const lease = await store.create('run1', '/repo', 'test', 1);
  await store.append(
    lease,
    log.events.map((event) => ({ event, at: now, activeMs: event.activeMs })),
  );
  await store.release(lease);
  const landed: string[] = [];
  const keys = [{ names: ['kim'], type: 'ssh-ed25519', key: kim.blob.toString('base64') }];
  const freezes: Freeze[] = [];
  const known = {
    store,
    clock,
    process: { pid: 1, host: 'test' },
    freezes: async (_: RunState, reach: string) => (reach === 'change' ? freezes : []),
    approverKeys: {
      problem: async (claim: Parameters<typeof signatureProblem>[0]) => signatureProblem(claim, keys, 'approvers'),
    },
    results: {
      diffHash: async () => newestChange(await state())?.diffHash,
      land: async (_: string, commit: string) => {
        landed.push(commit);
        return { previous: null };
      },
      holds: async () => false,
      history: async () => [],
      compose: async (_: string, { checkpoint }: { checkpoint: string }) => checkpoint,
    },
  };
  // Only what decisions and landing use: nothing else may be touched by them.
  const deps = known as unknown as EngineDependencies;
  const state = async (): Promise<RunState> => (await import('../core/evolve.ts')).foldRun(await store.read('run1'));
  const decision = { decision: 'approved', by: 'kim', reason: '', diffHash: null, endRun: false, sign: null } as const;
  return {
    deps,
    pass: (ms) => void (now += ms),
    landed,
    keys,
    freezes,
    state,
    decide: (changed) => decideApproval(deps, 'run1', { ...decision, ...changed }, quiet),
    land: () => landRun(deps, 'run1', null, quiet.listener),
    code: (act) =>
      act.then(
        () => 'nothing, it resolved',
        (error: { code?: string; message?: string }) => error.code ?? error.message ?? '',
      ),
  };
}

describe('an approval', () => {
  it('is bound to the policy and to a time, and landing takes it within that', async () => {
    const stage = await waiting();
    const [decided] = (await stage.decide()).approvals;
    expect(decided).toMatchObject({ policyHash: 'p'.repeat(64), at: 10 * HOUR, expires: 12 * HOUR });
    stage.pass(2 * HOUR - 1);
    expect(outcomeOf(await stage.land())).toBe('landed');
    expect(stage.landed).toHaveLength(1);
  });

  it('that is too old lands nothing, and the change waits again until somebody approves anew', async () => {
    const stage = await waiting();
    await stage.decide();
    stage.pass(2 * HOUR);
    expect(await stage.code(stage.land())).toBe('LW_APPROVAL_EXPIRED');
    expect(statusOf(await stage.state())).toBe('waiting');
    expect((await stage.state()).approvals).toMatchObject([{ by: 'kim', expired: true }]);
    expect(await stage.code(stage.land())).toBe('LW_RUN_STATE');
    expect(outcomeOf(await stage.decide())).toBe('accepted');
    expect(outcomeOf(await stage.land())).toBe('landed');
    expect(stage.landed).toHaveLength(1);
  });

  it('that got too old is found by the next decision, too', async () => {
    const stage = await waiting();
    await stage.decide();
    stage.pass(3 * HOUR);
    const after = await stage.decide({ decision: 'rejected', reason: 'too late', endRun: true });
    expect(after.stop?.reason).toBe('rejected');
    expect(await stage.code(stage.land())).toBe('LW_RUN_STATE');
  });

  it('that says no says why, and what was refused is not refused again', async () => {
    const stage = await waiting();
    for (const endRun of [true, false])
      for (const reason of ['', ' \n'])
        expect(await stage.code(stage.decide({ decision: 'rejected', reason, endRun }))).toBe('LW_USAGE');
    expect((await stage.state()).approvals).toEqual([]);
    await stage.decide({ decision: 'rejected', reason: 'keep the old name' });
    await expect(stage.decide()).rejects.toMatchObject({
      code: 'LW_RUN_STATE',
      message: expect.stringContaining('kim has rejected the change of run run1 already'),
      next: expect.stringContaining('loopwright resume run1'),
    });
    await expect(stage.land()).rejects.toMatchObject({ message: expect.stringMatching(/^run run1 is not finished, /) });
  });

  it('without a signature counts where none is asked for, and nowhere else', async () => {
    expect(await (await waiting({ signed: true })).decide().catch((error: Error) => error.message)).toMatch(
      /signature/,
    );
    expect(outcomeOf(await (await waiting()).decide())).toBe('accepted');
    const strict = await waiting({ signed: true });
    expect(outcomeOf(await strict.decide({ sign: kim.sign }))).toBe('accepted');
    expect(outcomeOf(await strict.land())).toBe('landed');
  });

  it('with a signature that does not hold is refused, also where none is asked for', async () => {
    for (const rules of [{}, { signed: true }]) {
      const stage = await waiting(rules);
      expect(await stage.code(stage.decide({ sign: eve.sign }))).toBe('LW_APPROVAL_FORGED');
      expect(await stage.code(stage.decide({ by: 'eve', sign: eve.sign }))).toBe('LW_APPROVAL_FORGED');
      const lied = async (text: string): Promise<ApprovalSignature> => kim.sign(text.replace('"run1"', '"run2"'));
      expect(await stage.code(stage.decide({ sign: lied }))).toBe('LW_APPROVAL_FORGED');
      expect((await stage.state()).approvals).toEqual([]);
    }
  });

  it('lands nothing once the key is taken back, or the change is another one', async () => {
    const stage = await waiting({ signed: true });
    await stage.decide({ sign: kim.sign });
    const [key] = stage.keys.splice(0);
    expect(await stage.code(stage.land())).toBe('LW_APPROVAL_FORGED');
    stage.keys.push(key!);
    const other = { ...stage.deps, results: { ...stage.deps.results, diffHash: async () => 'f'.repeat(64) } };
    expect(await stage.code(landRun(other, 'run1', null, quiet.listener))).toBe('LW_APPROVAL_STALE');
    stage.freezes.push({ id: 'f1', repository: null, paths: ['**'], reason: 'r', by: 'ann', until: null });
    expect(await stage.code(stage.land())).toBe('LW_FROZEN');
    stage.freezes.pop();
    expect(stage.landed).toEqual([]);
    expect(outcomeOf(await stage.land())).toBe('landed');
  });

  it('by the operator counts unless the policy wants somebody else', async () => {
    expect(outcomeOf(await (await waiting()).decide({ by: 'ann' }))).toBe('accepted');
    const stage = await waiting({ otherThanOperator: true });
    expect(await stage.code(stage.decide({ by: 'Ann ' }))).toBe('LW_APPROVAL_NOT_COUNTED');
    expect(outcomeOf(await stage.decide())).toBe('accepted');
  });
});

describe('a decision that was signed elsewhere', () => {
  const plain = { decision: 'approved', by: 'kim', reason: 'ok', diffHash: null, endRun: false } as const;

  it('is taken for the very run, diff and policy, once, while it counts', async () => {
    const stage = await waiting({ signed: true });
    const statement = prepareDecision(await stage.state(), plain, stage.deps.clock.now());
    const signature = await kim.sign(statementText(statement));
    const submit = (patch: Partial<typeof statement> = {}): Promise<RunState> =>
      recordSignedDecision(stage.deps, 'run1', { statement: { ...statement, ...patch }, signature }, quiet);
    for (const patch of [{ run: 'run2' }, { diff: 'e'.repeat(64) }, { policy: 'e'.repeat(64) }]) {
      expect(await stage.code(submit(patch))).toBe('LW_APPROVAL_STALE');
    }
    for (const patch of [{ by: 'eve' }, { reason: 'not ok' }, { at: statement.at - 1 }, { endRun: true }]) {
      expect(await stage.code(submit(patch))).toMatch(/LW_APPROVAL_(FORGED|EXPIRED)/);
    }
    for (const patch of [{ expires: statement.expires + 1 }, { at: statement.at + HOUR }, { expires: statement.at }]) {
      expect(await stage.code(submit(patch))).toBe('LW_APPROVAL_EXPIRED');
    }
    expect((await stage.state()).approvals).toEqual([]);
    expect(outcomeOf(await submit())).toBe('accepted');
    stage.pass(2 * HOUR);
    // The change waits again, and the same signature is no new decision.
    expect(await stage.code(submit())).toBe('LW_APPROVAL_STALE');
    expect(statusOf(await stage.state())).toBe('waiting');
  });

  it('of one run is worth nothing in another with the same diff', async () => {
    const [one, other] = [
      await waiting({ signed: true }),
      await waiting({ signed: true }, { policyHash: 'q'.repeat(64) }),
    ];
    const statement = prepareDecision(await one.state(), plain, one.deps.clock.now());
    const signature = await kim.sign(statementText(statement));
    const there = { ...statement, policy: 'q'.repeat(64) };
    const replay = recordSignedDecision(other.deps, 'run1', { statement: there, signature }, quiet);
    expect(await other.code(replay)).toBe('LW_APPROVAL_FORGED');
  });
});

describe('the record', () => {
  it('refuses a decision under another policy, and an expiry before its time', async () => {
    const log = openLog();
    const { diffHash } = play(log, risky).approvalRequest!;
    const approval: ApprovalDecision = { decision: 'approved', by: 'kim', reason: '', endRun: false, diffHash };
    const before = log.state;
    expect(() => log.append({ type: 'approval.decided', approval: { ...approval, policyHash: 'other' } })).toThrow(
      /approval-for-other-change/,
    );
    log.events.pop();
    log.state = before;
    log.append({ type: 'approval.decided', approval: { ...approval, expires: 1e12 } });
    expect(() => log.append({ type: 'approval.expired', diffHash, by: ['kim'] })).toThrow(/approval-not-expired/);
  });
});

describe('a reminder', () => {
  it('is due after a while, goes to who is waited for, then to the owners of the zone too', async () => {
    const stage = await waiting({}, { owners: { names: ['@acme/core'], by: 'policy' } });
    const remind = async (): Promise<unknown> =>
      (await remindOf(stage.deps, 'run1', { listener: quiet.listener, send: null }))?.reminder ?? null;
    expect(await remind()).toBeNull();
    stage.pass(HOUR);
    expect(await remind()).toEqual({ to: ['@acme/core'], escalated: false });
    expect(await remind()).toBeNull();
    stage.pass(HOUR);
    expect(await remind()).toEqual({ to: ['@acme/core', '@acme/ops'], escalated: true });
    await stage.decide();
    stage.pass(HOUR);
    expect(await remind()).toBeNull();
    // Too old by then: it waits from now on again.
    stage.pass(HOUR);
    expect(await remind()).toBeNull();
    expect(statusOf(await stage.state())).toBe('waiting');
    stage.pass(HOUR);
    expect(await remind()).toEqual({ to: ['@acme/core'], escalated: false });
  });

  it('that is not taken is not written down and stays due; one that is taken says so, once in an interval', async () => {
    const stage = await waiting({}, { owners: { names: ['@acme/core'], by: 'policy' } });
    const taken: string[] = [];
    const remind = async (works: boolean): Promise<unknown> => {
      const send = async (state: RunState): Promise<void> => {
        if (!works) throw new Error('down');
        taken.push(state.runId);
      };
      return (await remindOf(stage.deps, 'run1', { listener: quiet.listener, send }))?.reminder ?? null;
    };
    stage.pass(HOUR);
    await expect(remind(false)).rejects.toThrow('down');
    expect((await stage.state()).review?.reminded).toEqual([]);
    expect(await remind(true)).toEqual({ to: ['@acme/core'], escalated: false, sent: true });
    expect(await remind(true)).toBeNull();
    expect(taken).toEqual(['run1']);
  });
});
