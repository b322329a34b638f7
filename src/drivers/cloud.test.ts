/** One suite over every agent in a vendor's cloud, against fakes on loopback built from the vendors' public documents. */
import { afterEach, describe, expect, it } from 'vitest';
import { vendorAccess } from '../cli/vendor-access.ts';
import { isLoopwrightError } from '../core/errors.ts';
import type { CloudSession, OfferedBranch } from '../core/cloud-event.ts';
import type { Errand, KnownSession, VendorAccess } from '../ports/cloud.ts';
import type { AgentHost, AgentSession, Driver, TurnRequest, TurnResult } from '../ports/driver.ts';
import { KEY, SLUG } from '../../test/support/cloud/fake-agent.ts';
import type { Fault, FakeTurn, FakeVendor, Faults } from '../../test/support/cloud/fake-agent.ts';
import { startForge } from '../../test/support/cloud/forge.ts';
import type { ForgeServer } from '../../test/support/cloud/forge.ts';
import { CLOUD_SUBJECTS } from '../../test/support/cloud/subjects.ts';
import type { CloudSubject } from '../../test/support/cloud/subjects.ts';
import { createVirtualClock } from '../../test/support/cloud/virtual-clock.ts';

const PATIENCE_MS = 120_000;
const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** The log of a run, as far as a session sees it. Lives on when a process dies. */
interface Memory {
  readonly asked: { readonly iteration: number; readonly session: CloudSession }[];
  readonly branches: OfferedBranch[];
  lost: boolean;
  ended: boolean;
}

interface Scene {
  readonly forge: ForgeServer;
  readonly vendor: FakeVendor;
  readonly driver: Driver;
  readonly memory: Memory;
  /** A session of the driver, as a leg opens it. */
  readonly open: (errand?: Partial<Errand>) => Promise<AgentSession>;
  /** A turn in a session that stays open, with what it told remembered as the engine does. */
  readonly turn: (request?: Partial<TurnRequest>, signal?: AbortSignal) => Promise<TurnResult>;
}

function request(more: Partial<TurnRequest> = {}): TurnRequest {
  const budget = { wallTimeMs: 10 * HOUR_MS, idleMs: 'unlimited', outputBytes: 'unlimited' } as const;
  return { iteration: 1, prompt: 'Make it add.', budget, ...more };
}

interface Wish {
  readonly turns: readonly FakeTurn[];
  readonly faults?: Faults;
  readonly access?: (real: VendorAccess) => VendorAccess;
}

async function stage(subject: CloudSubject, { turns, faults = {}, access = (real) => real }: Wish): Promise<Scene> {
  const forge = await startForge();
  closing.push(() => forge.close());
  const base = forge.commit(SLUG, { files: { 'sum.js': 'wrong\n' }, parent: null, refs: ['refs/heads/main'] });
  const vendor = await subject.start({ forge, turns, faults });
  closing.push(() => vendor.close());
  const place = { keyVariable: subject.keyVariable, urlVariable: 'VENDOR_URL', url: vendor.url };
  const real = vendorAccess({ [subject.keyVariable]: KEY }, place);
  const driver = subject.driver({ access: access(real), forge: { url: forge.url }, clock: createVirtualClock() });
  const options = driver.options(subject.options);
  const memory: Memory = { asked: [], branches: [], lost: false, ended: false };
  const newest = (): KnownSession | null => {
    const last = memory.asked.at(-1);
    return last === undefined ? null : { ...last.session, lost: memory.lost, ended: memory.ended };
  };
  const errand: Errand = {
    runId: 'run1',
    startedAt: 0,
    remote: driver.cloud?.terms(options).remote ?? '',
    branch: 'main',
    base,
    sessions: () => new Set(memory.asked.map(({ session }) => session.id)).size,
    newest,
    offered: () => memory.branches.at(-1) ?? null,
    record: (iteration, session) => {
      memory.asked.push({ iteration, session });
      return Promise.resolve();
    },
  };
  const open = (more: Partial<Errand> = {}): Promise<AgentSession> => {
    const host: AgentHost = {
      workspacePath: '/workspace',
      home: '/home',
      models: null,
      rules: { deny: [], ask: [], allow: [] },
      permit: () => Promise.reject(new Error('nothing is asked')),
      errand: { ...errand, ...more },
      seed: () => Promise.reject(new Error('nothing is seeded')),
      launch: () => {
        throw new Error('nothing is launched');
      },
    };
    return driver.open(options, host);
  };
  let session: AgentSession | null = null;
  return {
    forge,
    vendor,
    driver,
    memory,
    open,
    async turn(more = {}, signal = NEVER) {
      session ??= await open();
      const result = await session.turn(request(more), signal);
      if (result.cloud?.branch) memory.branches.push(result.cloud.branch);
      memory.ended = result.cloud?.ended?.how === 'terminated';
      return result;
    },
  };
}

const WORK: FakeTurn = { files: { 'sum.js': 'right\n' }, says: 'It adds now.' };
const MORE: FakeTurn = { files: { 'more.js': 'more\n' }, says: 'And more.' };

describe.each(CLOUD_SUBJECTS)('$id', { timeout: PATIENCE_MS }, (subject) => {
  const scene = (wish: Wish): Promise<Scene> => stage(subject, wish);

  describe('options and terms', () => {
    it('refuse what is wrong, and mean the same when they are read again', async () => {
      const { driver } = await scene({ turns: [WORK] });
      const options = driver.options(subject.options);
      expect(driver.options(JSON.parse(JSON.stringify(options)) as Record<string, unknown>)).toEqual(options);
      const wrong = [
        {},
        { ...subject.options, 'no-such-key': true },
        ...['app', 'a/b/c', '../app', 'acme/..', 'acme/a b', 'https://github.com/acme/app', 7].map((repository) => ({
          ...subject.options,
          repository,
        })),
        ...['-x', 'a..b', 'a:b', 'a b', '/a', 'a.lock', 'a~1'].map((branch) => ({ ...subject.options, branch })),
        ...subject.invalidOptions,
      ];
      for (const raw of wrong) {
        let refused: unknown = 'accepted';
        try {
          driver.options(raw);
        } catch (error) {
          refused = isLoopwrightError(error) ? error.code : error;
        }
        expect([raw, refused]).toEqual([raw, 'LW_AGENT_OPTIONS']);
      }
    });

    it('say truly that nothing here confines or meters it', async () => {
      const { driver, forge } = await scene({ turns: [WORK] });
      expect(driver.capabilities).toMatchObject({ runsIn: 'vendor-cloud', gatewayAware: false, reportsUsage: false });
      expect(driver.usesModels(driver.options(subject.options))).toBe(false);
      expect('installation' in driver).toBe(false);
      const terms = driver.cloud?.terms(driver.options(subject.options));
      expect(terms).toMatchObject({ vendor: subject.id, remote: `${forge.url}/${SLUG}.git`, branch: null });
      expect(terms?.gaps.length).toBeGreaterThan(3);
      expect(driver.cloud?.login).toEqual({ variable: subject.keyVariable, set: true });
    });
  });

  describe('a turn', () => {
    it('is asked once, watched, and ends with the branch, the words and the claims', async () => {
      const { vendor, memory, turn } = await scene({ turns: [WORK] });
      const { end, claims, cloud, outputBytes, output } = await turn();
      expect(end).toEqual({ kind: 'ended', exitCode: null });
      expect(claims.map(({ kind }) => kind)).toContain('done');
      const ref = expect.stringMatching(/^refs\/(?:heads\/agent\/work-1|pull\/1\/head)$/);
      expect(cloud).toMatchObject({ branch: { ref, commit: null }, ended: null });
      expect(cloud?.spend === null).toBe(!subject.tellsSpend);
      if (cloud?.spend) expect(cloud.spend.amount).toBeCloseTo(1.25);
      expect([outputBytes > 0, output.length]).toEqual([true, outputBytes]);
      expect(vendor.prompts()).toEqual([expect.stringContaining('Make it add.')]);
      expect(vendor.prompts()[0]).toContain('blocked because');
      expect(memory.asked.map(({ session }) => session.vendor)).toEqual([subject.id]);
    });

    it('goes on with the work in the next one', async () => {
      const { forge, vendor, turn } = await scene({ turns: [WORK, MORE] });
      const first = await turn();
      const second = await turn({ iteration: 2, prompt: 'Still red: adds.' });
      expect(vendor.prompts()).toHaveLength(2);
      expect(vendor.prompts()[1]).toContain('Still red: adds.');
      expect(vendor.sessions()).toHaveLength(subject.followsUp ? 1 : 2);
      expect(second.cloud?.branch?.ref).toBe(first.cloud?.branch?.ref);
      expect(forge.git(SLUG, 'show', `${second.cloud?.branch?.ref ?? ''}:sum.js`)).toBe('right');
      expect(forge.git(SLUG, 'show', `${second.cloud?.branch?.ref ?? ''}:more.js`)).toBe('more');
    });

    it('sends the key in its header and puts it nowhere else', async () => {
      const { vendor, turn, driver } = await scene({ turns: [WORK] });
      const result = await turn();
      const told = JSON.stringify([result, vendor.bodies(), driver.options(subject.options), driver.cloud]);
      expect(told + Buffer.from(result.output).toString('utf8')).not.toContain(KEY);
    });

    it('asks nobody when it was cancelled before', async () => {
      const { vendor, turn } = await scene({ turns: [WORK] });
      expect((await turn({}, AbortSignal.abort())).end).toEqual({ kind: 'cancelled' });
      expect([vendor.sessions(), vendor.bodies()]).toEqual([[], []]);
    });

    it('offers nothing where the work is said to be in another repository', async () => {
      const { turn } = await scene({ turns: [{ ...WORK, offers: 'other-repository' }] });
      expect((await turn()).cloud?.branch).toBeNull();
    });
  });

  describe('a bad day of the vendor', () => {
    const faults: readonly (readonly Fault[])[] = [
      ['500-before'],
      ['500-after'],
      ['drop-after'],
      ['429', '500-after'],
      ['drop-after', '500-after'],
    ];

    it.each(faults.map((create) => ({ create })))('never makes two sessions: $create', async ({ create }) => {
      const { vendor, memory, turn } = await scene({ turns: [WORK], faults: { create } });
      expect((await turn()).end.kind).toBe('ended');
      expect([vendor.sessions().length, memory.asked.length]).toEqual([1, 1]);
    });

    it.skipIf(!subject.followsUp).each(faults.map((follow) => ({ follow })))(
      'never sends a message twice: $follow',
      async ({ follow }) => {
        const { vendor, turn } = await scene({ turns: [WORK, MORE], faults: { follow } });
        await turn();
        expect((await turn({ iteration: 2 })).end.kind).toBe('ended');
        expect([vendor.sessions().length, vendor.prompts().length]).toEqual([1, 2]);
      },
    );

    it('is sat out while it is watched', async () => {
      const look: readonly Fault[] = ['500-before', 'drop-after', '429', '500-after', '500-before', '500-before'];
      const { turn } = await scene({ turns: [WORK], faults: { look } });
      const { end, cloud } = await turn();
      expect([end.kind, cloud?.branch === null]).toEqual(['ended', false]);
    });

    it('that asks for an hour of patience is not waited for', async () => {
      const { vendor, turn } = await scene({ turns: [WORK], faults: { create: ['429-for-an-hour'] } });
      const quota = { provider: subject.id, until: null, exhausted: true };
      expect((await turn()).end).toEqual({ kind: 'quota', quota });
      expect(vendor.sessions()).toEqual([]);
    });

    it.each([401, 403] as const)('that does not take the key is said, without the key: %d', async (refuse) => {
      const { turn } = await scene({ turns: [WORK], faults: { refuse } });
      const { end } = await turn();
      const detail = expect.stringMatching(`does not accept the key in ${subject.keyVariable} .*HTTP ${refuse}`);
      expect(end).toEqual({ kind: 'unavailable', detail });
      expect(JSON.stringify(end)).not.toContain(KEY);
    });

    it('that wants to be paid ends the turn as a quota', async () => {
      const { turn } = await scene({ turns: [WORK], faults: { refuse: 402 } });
      expect((await turn()).end).toMatchObject({ kind: 'quota', quota: { exhausted: true } });
    });
  });

  describe('an agent that does not end well', () => {
    it.each(['failed', 'expired'] as const)('has crashed, and its next turn is another session: %s', async (ends) => {
      const { vendor, turn } = await scene({ turns: [{ ...WORK, ends }, MORE] });
      expect((await turn()).end).toEqual({ kind: 'crashed', detail: expect.stringContaining(subject.id) });
      const { end, cloud } = await turn({ iteration: 2 });
      expect([end.kind, cloud?.branch === null]).toEqual(['ended', false]);
      expect(vendor.sessions()).toHaveLength(2);
    });

    it('is blocked when it says so', async () => {
      const { turn } = await scene({ turns: [{ ...WORK, says: 'I tried.\nblocked because there is no database' }] });
      const { claims } = await turn();
      // What GitHub's agent says last is in no documented answer.
      const blocked = subject.id === 'copilot-cloud' ? [] : [{ kind: 'blocked', text: 'there is no database' }];
      expect(claims.filter(({ kind }) => kind === 'blocked')).toEqual(blocked);
    });

    it('that never finishes is ended at its limit, and that is said', async () => {
      const { vendor, turn } = await scene({ turns: [{ ends: 'never' }] });
      const budget = { wallTimeMs: HOUR_MS, idleMs: 'unlimited', outputBytes: 'unlimited' } as const;
      const { end, cloud, wallTimeMs } = await turn({ budget });
      expect(end).toMatchObject({ kind: 'limit', breach: { limit: 'wallTimeMs', ceiling: HOUR_MS } });
      expect(wallTimeMs).toBeGreaterThanOrEqual(HOUR_MS);
      expect(cloud?.ended?.how).toBe(subject.canEnd ? 'terminated' : 'left-running');
      expect(vendor.ended()).toHaveLength(subject.canEnd ? 1 : 0);
    });

    it('is ended when a person wants it', async () => {
      const stop = new AbortController();
      const { vendor, turn, memory } = await scene({ turns: [{ ends: 'never' }] });
      const running = turn({}, stop.signal);
      await expect.poll(() => memory.asked.length, { timeout: PATIENCE_MS }).toBe(1);
      // The engine gives a word as reason, and no error.
      stop.abort('kill');
      const { end, cloud } = await running;
      expect([end.kind, cloud?.ended?.how]).toEqual(['cancelled', subject.canEnd ? 'terminated' : 'left-running']);
      expect(vendor.ended()).toHaveLength(subject.canEnd ? 1 : 0);
    });

    it.skipIf(!subject.canEnd)('and whose end the vendor does not confirm may go on, and that is said', async () => {
      const end: readonly Fault[] = Array.from({ length: 40 }, () => '500-before');
      const { turn } = await scene({ turns: [{ ends: 'never' }], faults: { end } });
      const budget = { wallTimeMs: HOUR_MS, idleMs: 'unlimited', outputBytes: 'unlimited' } as const;
      const { cloud } = await turn({ budget });
      expect(cloud?.ended).toEqual({ how: 'left-running', detail: expect.stringContaining('did not confirm') });
    });
  });

  describe('a process that died', () => {
    it('after it made a session and before it could say so leaves one that the next one finds', async () => {
      const { vendor, open, turn } = await scene({ turns: [WORK] });
      const dying = await open({ record: () => Promise.reject(new Error('the power is gone')) });
      await expect(dying.turn(request(), NEVER)).rejects.toThrow('the power is gone');
      const { end, cloud } = await turn({ iteration: 2 });
      expect([end.kind, cloud?.branch === null, vendor.sessions().length]).toEqual(['ended', false, 1]);
      expect(vendor.prompts()).toHaveLength(1);
    });

    it('during its turn leaves a session that goes on: it is watched, and not asked again', async () => {
      const { vendor, memory, turn } = await scene({ turns: [WORK, MORE] });
      await turn();
      memory.lost = true;
      const { end, cloud } = await turn({ iteration: 2 });
      expect([end.kind, cloud?.branch === null]).toEqual(['ended', false]);
      expect([vendor.sessions().length, vendor.prompts().length]).toEqual([1, 1]);
    });
  });
});

describe('canary', { timeout: PATIENCE_MS }, () => {
  it('a vendor that shows nobody its sessions makes the check above red: there are two', async () => {
    const [devin] = CLOUD_SUBJECTS;
    if (devin === undefined) throw new Error('there is no subject');
    const blind = (real: VendorAccess): VendorAccess => ({
      ...real,
      call: async (asked, signal) => {
        const answer = await real.call(asked, signal);
        const isList = asked.method === 'GET' && asked.path.includes('tags=');
        return isList && answer.kind === 'answered' ? { ...answer, body: { items: [] } } : answer;
      },
    });
    const { vendor, turn } = await stage(devin, { turns: [WORK], faults: { create: ['500-after'] }, access: blind });
    await turn();
    expect(vendor.sessions()).toHaveLength(2);
  });
});
