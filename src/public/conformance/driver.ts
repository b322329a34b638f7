/**
 * What every driver has to keep, whatever its agent does. Run it with the test framework at hand:
 *
 *     driverConformance({ describe, it, expect }, { name: 'my agent', driver, openHost, behaviours, invalidOptions });
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TurnBudget } from '../../core/limit.ts';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { AgentHost, AgentSession, Driver, TurnRequest, TurnResult } from '../../ports/driver.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import type { TestHarness } from './harness.ts';
import { ASKING_NOBODY } from './asking-nobody.ts';
import { children, HOME, inertHost, spyOn } from './driver-bench.ts';
import type { Spy } from './driver-bench.ts';

/** What the agent is made to do in a turn. The key says it; the options of the driver bring it about. */
export const DRIVER_BEHAVIOURS = {
  done: 'prints something, claims `done`, leaves with code 0',
  'exit-code-7': 'leaves with code 7 and claims nothing',
  blocked: 'claims `blocked` with the text `no database` and leaves with code 0',
  writes: 'writes the file `made.txt` with the text `made`',
  'reads-prompt': 'claims `message` with the text `heard` when its prompt holds the word `juniper`, and only then',
  silent: 'ignores every signal it can, says nothing and never returns',
  talks: 'prints and never returns',
  floods: 'prints 8 MB and leaves with code 0',
} as const;

export type DriverBehaviour = keyof typeof DRIVER_BEHAVIOURS;

export interface ConformanceHost {
  readonly host: AgentHost;
  /** Host path of the directory that is the workspace. */
  readonly directory: string;
  dispose(): Promise<void>;
}

export interface DriverSubject {
  readonly name: string;
  readonly driver: Driver;
  /** A host on an empty workspace. */
  openHost(): Promise<ConformanceHost>;
  /** Options for each behaviour; null where the agent cannot be made to do it, and its cases are skipped. */
  readonly behaviours: Readonly<Record<DriverBehaviour, Readonly<Record<string, unknown>> | null>>;
  /** Options that have to be refused. Unknown keys are tried in any case. */
  readonly invalidOptions: readonly Readonly<Record<string, unknown>>[];
}

/** No turn keeps more of its output than this, in bytes, however much there was. */
export const MAX_KEPT_BYTES: number = 2 * 1_024 * 1_024;

const GENEROUS: TurnBudget = { wallTimeMs: 30_000, idleMs: 30_000, outputBytes: 'unlimited' };

/**
 * A host that shows a directory as the workspace of a sandbox, for tests of drivers. `home`: another one, outside the first,
 * that is the agent's home; without it nothing can be seeded.
 */
export function hostInSandbox(
  sandbox: Sandbox,
  directory: string,
  workspacePath = '/workspace',
  home: string | null = null,
): AgentHost {
  const homes = home === null ? [] : [{ kind: 'writable' as const, source: home, target: HOME }];
  return {
    workspacePath,
    home: HOME,
    models: null,
    ...ASKING_NOBODY,
    async seed(files) {
      if (home === null) throw new TypeError('this host was made without a home');
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(home, name)), { recursive: true });
        await writeFile(join(home, name), text);
      }
    },
    launch({ files = {}, ...spec }, signal) {
      const shown = Object.entries(files).map(([target, source]) => ({ kind: 'read-only' as const, source, target }));
      const workspace = { kind: 'writable' as const, source: directory, target: workspacePath };
      return sandbox.launch({ ...spec, cwd: workspacePath, mounts: [workspace, ...homes, ...shown] }, signal);
    },
  };
}

export function driverConformance(harness: TestHarness, subject: DriverSubject): void {
  harness.describe(`driver conformance: ${subject.name}`, () => {
    describeOptions(harness, subject);
    describeTurns(harness, subject);
    describeLimits(harness, subject);
    describeFailures(harness, subject);
  });
}

function someOptions(subject: DriverSubject): Readonly<Record<string, unknown>> {
  const options = Object.values(subject.behaviours).find((behaviour) => behaviour !== null);
  if (options === undefined) throw new TypeError('a driver that can be made to do nothing cannot be tested');
  return options;
}

function request(budget: Partial<TurnBudget> = {}, rest: Partial<TurnRequest> = {}): TurnRequest {
  return { iteration: 1, prompt: 'Do what you are made for.', budget: { ...GENEROUS, ...budget }, ...rest };
}

/** Runs a case on a fresh host and session, if the agent can be made to behave that way. */
function caseOf(harness: TestHarness, subject: DriverSubject, behaviour: DriverBehaviour) {
  return (name: string, body: (session: AgentSession, host: ConformanceHost) => Promise<void>): void => {
    const options = subject.behaviours[behaviour];
    if (options === null) {
      harness.it.skip(`${name} (this agent cannot be made to behave so: ${behaviour})`, () => undefined);
      return;
    }
    harness.it(name, async () => {
      const opened = await subject.openHost();
      try {
        const session = await subject.driver.open(subject.driver.options(options), opened.host);
        await body(session, opened);
        await session.close();
      } finally {
        await opened.dispose();
      }
    });
  };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new TypeError('expected a rejection and there was none');
}

function kindsOf(result: TurnResult): readonly string[] {
  return result.claims.map((claim) => claim.kind);
}

const NEVER = new AbortController().signal;

function describeOptions({ describe, it, expect }: TestHarness, subject: DriverSubject): void {
  const { driver } = subject;

  function refusal(options: Readonly<Record<string, unknown>>): unknown {
    try {
      driver.options(options);
    } catch (error) {
      return isLoopwrightError(error) ? error.code : error;
    }
    return 'accepted';
  }

  describe('options', () => {
    it('are plain JSON that means the same when it is read again', () => {
      for (const raw of Object.values(subject.behaviours)) {
        if (raw === null) continue;
        const options = driver.options(raw);
        const frozen = JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
        expect(frozen).toEqual(options);
        expect(driver.options(frozen)).toEqual(options);
      }
    });

    it('are refused when a key is not known', () => {
      expect(refusal({ ...someOptions(subject), 'no-such-key': true })).toBe('LW_AGENT_OPTIONS');
    });

    it('are refused when a value is wrong', () => {
      expect(subject.invalidOptions.length).toBeGreaterThanOrEqual(1);
      for (const options of subject.invalidOptions) expect(refusal(options)).toBe('LW_AGENT_OPTIONS');
    });

    it('belong to a driver that has a name and a summary of one line', () => {
      expect(/^[a-z][a-z0-9-]*$/u.test(driver.id)).toBe(true);
      expect(/^\S.*\.$/u.test(driver.summary)).toBe(true);
    });
  });
}

function describeTurns(harness: TestHarness, subject: DriverSubject): void {
  const { describe, expect } = harness;
  const given = (behaviour: DriverBehaviour) => caseOf(harness, subject, behaviour);

  describe('turns', () => {
    given('done')('an agent that ends by itself has ended, with its claim and its output', async (session) => {
      const result = await session.turn(request(), NEVER);
      expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
      expect(kindsOf(result)).toContain('done');
      expect(result.outputBytes).toBeGreaterThanOrEqual(1);
      expect(result.output.length).toBe(result.outputBytes);
      expect(result.wallTimeMs).toBeGreaterThanOrEqual(1);
    });

    given('exit-code-7')('an exit code is reported and claims nothing', async (session) => {
      const result = await session.turn(request(), NEVER);
      expect(result.end).toEqual({ kind: 'ended', exitCode: 7 });
      expect(kindsOf(result)).toEqual([]);
    });

    given('blocked')('an agent that says it is blocked does not claim to be done', async (session) => {
      const result = await session.turn(request(), NEVER);
      expect(result.claims).toEqual([{ kind: 'blocked', text: 'no database' }]);
    });

    given('writes')('the agent works in the workspace', async (session, { directory }) => {
      await session.turn(request(), NEVER);
      expect((await readFile(`${directory}/made.txt`, 'utf8')).trim()).toBe('made');
    });

    given('reads-prompt')('each turn gets its own prompt', async (session) => {
      const first = await session.turn(request({}, { prompt: 'A word: birch.' }), NEVER);
      const second = await session.turn(request({}, { iteration: 2, prompt: 'A word: juniper.' }), NEVER);
      const third = await session.turn(request({}, { iteration: 3, prompt: 'A word: birch.' }), NEVER);
      const heard = { kind: 'message', text: 'heard' };
      expect(first.claims.filter((claim) => claim.text === 'heard')).toEqual([]);
      expect(second.claims).toContainEqual(heard);
      expect(third.claims.filter((claim) => claim.text === 'heard')).toEqual([]);
    });

    given('floods')('output is counted whole and kept bounded', async (session) => {
      const result = await session.turn(request(), NEVER);
      expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
      expect(result.outputBytes).toBeGreaterThanOrEqual(8_000_000);
      expect(result.output.length).toBeLessThanOrEqual(MAX_KEPT_BYTES);
    });

    given('done')('closing a session twice is no error', async (session) => {
      await session.close();
    });
  });
}

function describeLimits(harness: TestHarness, subject: DriverSubject): void {
  const { describe, expect } = harness;
  const given = (behaviour: DriverBehaviour) => caseOf(harness, subject, behaviour);

  describe('limits in the middle of a turn', () => {
    given('talks')('wall time ends an agent that talks', async (session) => {
      const result = await session.turn(request({ wallTimeMs: 700 }), NEVER);
      expect(result.end).toMatchObject({ kind: 'limit', breach: { limit: 'wallTimeMs', ceiling: 700 } });
      expect(result.wallTimeMs).toBeGreaterThanOrEqual(700);
    });

    given('silent')('silence ends an agent that ignores signals', async (session) => {
      const result = await session.turn(request({ idleMs: 700 }), NEVER);
      expect(result.end).toMatchObject({ kind: 'limit', breach: { limit: 'idleMs', ceiling: 700 } });
      if (result.end.kind === 'limit') expect(result.end.breach.value).toBeGreaterThanOrEqual(700);
    });

    given('floods')('too much output ends an agent', async (session) => {
      const result = await session.turn(request({ outputBytes: 100_000 }), NEVER);
      expect(result.end).toMatchObject({ kind: 'limit', breach: { limit: 'outputBytes', ceiling: 100_000 } });
      if (result.end.kind === 'limit') expect(result.end.breach.value).toBeGreaterThanOrEqual(100_000);
    });

    given('silent')('after a turn that a limit ended, the next turn is taken as usual', async (session) => {
      for (const iteration of [1, 2]) {
        const result = await session.turn(request({ wallTimeMs: 500 }, { iteration }), NEVER);
        expect(result.end).toMatchObject({ kind: 'limit', breach: { limit: 'wallTimeMs' } });
      }
    });
  });

  describe('cancelling', () => {
    caseWithSpy(
      harness,
      subject,
      'talks',
    )('in the middle of a turn ends it', async (open, spy) => {
      const cancel = new AbortController();
      spy.onFirstOutput = () => cancel.abort();
      const result = await (await open()).turn(request(), cancel.signal);
      expect(result.end).toEqual({ kind: 'cancelled' });
    });

    caseWithSpy(
      harness,
      subject,
      'done',
    )('before a turn launches nothing', async (open, spy) => {
      const result = await (await open()).turn(request(), AbortSignal.abort());
      expect(result.end).toEqual({ kind: 'cancelled' });
      expect(spy.launches).toBe(0);
    });
  });
}

/** Like `caseOf`, with a view on what the driver asks of its host. */
function caseWithSpy(harness: TestHarness, subject: DriverSubject, behaviour: DriverBehaviour) {
  return (name: string, body: (open: () => Promise<AgentSession>, spy: Spy) => Promise<void>): void => {
    caseOf(
      harness,
      subject,
      behaviour,
    )(name, async (_, { host }) => {
      const spy: Spy = { launches: 0, onFirstOutput: () => undefined };
      const options = subject.driver.options(subject.behaviours[behaviour] ?? {});
      await body(() => subject.driver.open(options, spyOn(host, spy)), spy);
    });
  };
}

function describeFailures({ describe, it, expect }: TestHarness, subject: DriverSubject): void {
  const { driver } = subject;

  async function turnOn(host: AgentHost): Promise<TurnResult> {
    const session = await driver.open(driver.options(someOptions(subject)), host);
    return session.turn(request(), NEVER);
  }

  describe('failures', () => {
    it('a program that is not there makes the agent unavailable', async () => {
      const result = await turnOn(inertHost({ kind: 'not-found', detail: 'no such program: agent' }));
      expect(result.end).toEqual({ kind: 'unavailable', detail: 'no such program: agent' });
    });

    it('a death by a foreign signal is a crash and claims nothing', async () => {
      const result = await turnOn(inertHost({ kind: 'signalled', signal: 'SIGSEGV' }));
      expect(result.end.kind).toBe('crashed');
      expect(kindsOf(result)).toEqual([]);
    });

    it('a sandbox that cannot start the process is an error, not a turn', async () => {
      const broken = new LoopwrightError('LW_SANDBOX_LAUNCH', { message: 'it is broken', next: 'Repair it.' });
      const error = await rejection(turnOn(inertHost(broken)));
      expect(isLoopwrightError(error, 'LW_SANDBOX_LAUNCH')).toBe(true);
    });

    it('nothing is launched except through the host', async () => {
      const before = await children();
      const host = inertHost({ kind: 'exited', code: 0 });
      await turnOn(host);
      expect(host.launches()).toBeGreaterThanOrEqual(1);
      // A child of an earlier case may still be going; only a new one counts.
      expect((await children()).filter((pid) => !before.includes(pid))).toEqual([]);
    });
  });
}
