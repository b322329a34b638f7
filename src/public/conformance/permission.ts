/**
 * What a driver has to keep whose agent asks before it acts. Beside `driverConformance`:
 *
 *     permissionConformance({ describe, it, expect }, { name: 'my agent', driver, openHost, behaviours });
 */
import { readdir } from 'node:fs/promises';
import type { PermissionAnswer, PermissionQuestion } from '../../core/permission.ts';
import type { AgentHost, Driver, TurnResult } from '../../ports/driver.ts';
import type { ConformanceHost } from './driver.ts';
import type { TestHarness } from './harness.ts';

/** What the agent is made to do. The key says it; the options of the driver bring it about. */
export const PERMISSION_BEHAVIOURS = {
  asks: 'asks whether it may run `touch allowed.txt`, runs it when it may, prints what it was told, and ends its turn',
  defies: 'asks the same, takes no notice of the answer, says nothing more and never returns',
} as const;

export type PermissionBehaviour = keyof typeof PERMISSION_BEHAVIOURS;

export interface PermissionSubject {
  readonly name: string;
  readonly driver: Driver;
  /** A host on an empty workspace. */
  openHost(): Promise<ConformanceHost>;
  /** Options for each behaviour; null where the agent cannot be made to do it, and its cases are skipped. */
  readonly behaviours: Readonly<Record<PermissionBehaviour, Readonly<Record<string, unknown>> | null>>;
}

const BUDGET = { wallTimeMs: 30_000, idleMs: 30_000, outputBytes: 'unlimited' } as const;
const LINE = 'touch allowed.txt';

/** A rule, so that agents which only ask where there is one do. */
const RULES = { deny: [], ask: [{ rule: `Bash(${LINE})`, reason: null }], allow: [] };

interface Asked {
  readonly result: TurnResult;
  readonly questions: readonly PermissionQuestion[];
  readonly files: readonly string[];
}

type Permit = (question: PermissionQuestion, cancel: () => void) => Promise<PermissionAnswer>;

const told = (decision: PermissionAnswer['decision'], reason: string): Permit => {
  return () => Promise.resolve({ decision, rule: null, reason });
};

async function ask(subject: PermissionSubject, behaviour: PermissionBehaviour, permit: Permit): Promise<Asked> {
  const opened = await subject.openHost();
  const questions: PermissionQuestion[] = [];
  const cancel = new AbortController();
  const host: AgentHost = {
    ...opened.host,
    rules: RULES,
    permit(question) {
      questions.push(question);
      return permit(question, () => cancel.abort('stop'));
    },
  };
  try {
    const { driver } = subject;
    const session = await driver.open(driver.options(subject.behaviours[behaviour] ?? {}), host);
    const request = { iteration: 1, prompt: 'Do what you are made for.', budget: BUDGET };
    const result = await session.turn(request, cancel.signal);
    await session.close();
    return { result, questions, files: await readdir(opened.directory) };
  } finally {
    await opened.dispose();
  }
}

export function permissionConformance(harness: TestHarness, subject: PermissionSubject): void {
  const { describe, it, expect } = harness;
  const { driver, behaviours } = subject;

  const given = (behaviour: PermissionBehaviour) => (name: string, body: () => Promise<void>) => {
    if (behaviours[behaviour] !== null) it(name, body);
    else it.skip(`${name} (this agent cannot be made to behave so: ${behaviour})`, () => undefined);
  };

  describe(`permission conformance: ${subject.name}`, () => {
    it('the driver says that its agent asks', () => {
      expect(driver.capabilities.asksPermission).toBe(true);
      expect(Object.values(behaviours).some((options) => options !== null)).toBe(true);
      for (const options of Object.values(behaviours)) {
        if (options !== null) expect(driver.asks?.(driver.options(options), RULES) ?? true).toBe(true);
      }
    });

    given('asks')('a question names the tool, what would happen, and the whole input', async () => {
      const { questions } = await ask(subject, 'asks', told('deny', 'no'));
      const [question] = questions;
      expect(questions.length).toBe(1);
      expect(question?.use).toEqual({ kind: 'command', line: LINE });
      expect((question?.tool ?? '') === '').toBe(false);
      expect(JSON.stringify(JSON.parse(question?.input ?? 'null'))).toContain(LINE);
    });

    given('asks')('what is allowed is done', async () => {
      const { result, files } = await ask(subject, 'asks', told('allow', 'the policy allows it'));
      expect(files).toContain('allowed.txt');
      expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
    });

    given('asks')('what is denied is not done, the agent hears why, and its turn goes on', async () => {
      const { result, files } = await ask(subject, 'asks', told('deny', 'because of the juniper'));
      expect(files.includes('allowed.txt')).toBe(false);
      expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
      expect(Buffer.from(result.output).toString('utf8')).toContain('because of the juniper');
    });

    given('asks')('what a person has to decide is not done, and the turn is over', async () => {
      const { result, files } = await ask(subject, 'asks', told('hold', 'a person has to say'));
      expect(files.includes('allowed.txt')).toBe(false);
      // How it ended is the engine's to say: it knows what was held.
      expect(['ended', 'crashed', 'cancelled', 'held']).toContain(result.end.kind);
    });

    given('defies')('an agent that takes no notice of that is ended', async () => {
      const { result, files } = await ask(subject, 'defies', told('hold', 'a person has to say'));
      expect(files.includes('allowed.txt')).toBe(false);
      expect(['crashed', 'cancelled', 'held']).toContain(result.end.kind);
    });

    given('defies')('a stop while a question is open ends the turn, and nothing was done', async () => {
      const { result, files } = await ask(subject, 'defies', (_, cancel) => {
        cancel();
        return new Promise((resolve) => {
          setTimeout(() => resolve({ decision: 'deny', rule: null, reason: 'too late' }), 1);
        });
      });
      expect(files.includes('allowed.txt')).toBe(false);
      expect(result.end).toEqual({ kind: 'cancelled' });
    });

    given('asks')('a question that cannot be recorded is no yes: the turn fails as the host does', async () => {
      const broken = new Error('the store is gone');
      const failed = await ask(subject, 'asks', () => Promise.reject(broken)).then(
        () => 'it went on',
        (error: unknown) => error,
      );
      expect(failed).toBe(broken);
    });
  });
}
