/**
 * What every forge keeps (ports/forge.ts), tried against a server that the subject brings: a fake one, or a sandbox project of
 * a real one that takes the faults.
 */
import { isLoopwrightError } from '../../core/errors.ts';
import type { Forge, NewRequest, ReviewRequest } from '../../ports/forge.ts';
import type { TestHarness } from './harness.ts';

/** How the server treats the next call that changes something. */
export type ForgeFault =
  /** Done, and the connection ends without an answer. */
  | 'lost-after'
  /** Done, and the answer is HTTP 500. */
  | 'failed-after'
  /** Done, and half of the answer arrives. */
  | 'cut'
  /** Done, and the answer is JSON that says something else. */
  | 'nonsense'
  /** Not done: HTTP 502 with a page of HTML. */
  | 'gateway'
  /** Not done: to another host. */
  | 'redirect'
  /** Not done: come again in a second. */
  | 'limited'
  /** Not done: come again in an hour. */
  | 'exhausted'
  /** Not done: the token is not accepted. */
  | 'login';

/** What a test does to the server behind the adapter's back. */
export interface ForgeHands {
  /** Makes a branch with a commit of its own on the default branch; resolves to the commit. */
  branch(name: string): Promise<string>;
  file(path: string, text: string): Promise<void>;
  /** Another person's request. `fork`: from a branch of the same name elsewhere. */
  request(wish: Partial<ReviewRequest> & { readonly branch: string; readonly fork?: boolean }): Promise<number>;
  /** `of`: reading, or changing. Once. */
  fault(of: 'reading' | 'changing', fault: ForgeFault): void;
  /** How many calls there were so far. */
  calls(): number;
  /** Lets the server put one entry on a page. */
  shortPages(): void;
  /** The token, to look for where it must not be. */
  readonly token: string;
}

export interface ForgeBench {
  readonly forge: Forge;
  readonly hands: ForgeHands;
  close(): Promise<void>;
}

export interface ForgeSubject {
  readonly name: string;
  /** On a clock that need not wait for real. The default branch is `main` and guarded. */
  open(): Promise<ForgeBench>;
}

const BRANCH = 'loopwright/01';

interface ForgeSuite extends TestHarness {
  readonly withForge: (name: string, body: (bench: ForgeBench) => Promise<void>) => void;
}

function wish(patch: Partial<NewRequest> = {}): NewRequest {
  return { branch: BRANCH, target: 'main', title: 'Make it add', body: 'What was done.', ...patch };
}

async function refusal(promise: Promise<unknown>): Promise<{ readonly code: string; readonly text: string }> {
  try {
    await promise;
  } catch (error) {
    if (!isLoopwrightError(error)) throw error;
    const text = JSON.stringify([error.message, error.next, error.details, String(error.cause)]);
    return { code: error.code, text };
  }
  return { code: 'none', text: '' };
}

function requests({ describe, expect, withForge }: ForgeSuite): void {
  describe('requests', () => {
    withForge('are made, found by their branch, described and closed', async ({ forge, hands }) => {
      const head = await hands.branch(BRANCH);
      expect(await forge.find(BRANCH)).toEqual([]);
      const made = await forge.create(wish());
      expect(made).toMatchObject({ state: 'open', head, branch: BRANCH, target: 'main', title: 'Make it add' });
      const number = made?.number ?? 0;
      await forge.describe(number, { title: 'Make it add up', body: 'More.' });
      expect(await forge.find(BRANCH)).toMatchObject([{ number, title: 'Make it add up', body: 'More.' }]);
      await forge.close(number);
      await forge.close(number);
      expect(await forge.look(number)).toMatchObject({ state: 'closed', mergeCommit: null });
    });

    withForge('are found in every state, on every page, the newest first, and not those of forks', async (bench) => {
      const { forge, hands } = bench;
      await hands.branch(BRANCH);
      hands.shortPages();
      const numbers: number[] = [];
      for (const state of ['closed', 'merged', 'open'] as const)
        numbers.push(await hands.request({ branch: BRANCH, state }));
      await hands.request({ branch: BRANCH, fork: true });
      await hands.request({ branch: `${BRANCH}-other` });
      expect((await forge.find(BRANCH)).map(({ number }) => number)).toEqual(numbers.toReversed());
    });

    withForge('that are open are listed with author, label and who is asked', async ({ forge, hands }) => {
      hands.shortPages();
      await hands.branch('a');
      await hands.request({ branch: 'a', author: 'ann', labels: ['ai'], reviewers: ['@kim'] });
      await hands.request({ branch: 'a', author: 'bob' });
      await hands.request({ branch: 'a', state: 'closed', author: 'ann' });
      const names = async (author: string | null, label: string | null): Promise<readonly string[]> =>
        (await forge.open({ author, label })).map((one) => one.author).toSorted();
      expect(await names(null, null)).toEqual(['ann', 'bob']);
      expect(await names('bob', null)).toEqual(['bob']);
      expect(await names(null, 'ai')).toEqual(['ann']);
      expect((await forge.open({ author: 'ann', label: null }))[0]?.reviewers).toEqual(['@kim']);
    });

    withForge('are merged at the commit that is named, and at no other', async ({ forge, hands }) => {
      const head = await hands.branch(BRANCH);
      const { number = 0 } = (await forge.create(wish())) ?? {};
      expect((await refusal(forge.merge(number, 'a'.repeat(head.length)))).code).toBe('LW_FORGE_REFUSED');
      expect((await forge.look(number)).state).toBe('open');
      await forge.merge(number, head);
      const merged = await forge.look(number);
      expect(merged.state).toBe('merged');
      expect(merged.mergeCommit?.length).toBe(head.length);
      expect((await refusal(forge.merge(number, head))).code).toBe('LW_FORGE_REFUSED');
    });

    withForge('for what is not there are refused in words', async ({ forge }) => {
      const seen = await refusal(forge.create(wish({ branch: 'nothing' })));
      expect(seen.code).toBe('LW_FORGE_REFUSED');
      expect((await refusal(forge.look(999))).code).toBe('LW_FORGE_MISSING');
    });
  });
}

function around({ describe, expect, withForge }: ForgeSuite): void {
  describe('what is around a request', () => {
    withForge('is known: the default branch, guarded branches, files', async ({ forge, hands }) => {
      await hands.file('docs/A FILE.md', 'Be kind.\n');
      expect(await forge.defaultBranch()).toBe('main');
      expect([await forge.isProtected('main'), await forge.isProtected('no/such')]).toEqual([true, false]);
      expect(await forge.readFile('docs/A FILE.md', 'main')).toBe('Be kind.\n');
      expect(await forge.readFile('docs/B.md', 'main')).toBe(null);
    });

    withForge('our verdict replaces the one before, and is said once', async ({ forge, hands }) => {
      const commit = await hands.branch(BRANCH);
      expect((await forge.checks(commit)).state).toBe('none');
      const say = (state: 'green' | 'red'): Promise<void> =>
        forge.report(commit, { name: 'loopwright', state, words: 'x'.repeat(1_000) });
      await say('red');
      expect((await forge.checks(commit)).state).toBe('red');
      await say('green');
      const before = hands.calls();
      await say('green');
      expect(await forge.checks(commit)).toEqual({ state: 'green', items: [{ name: 'loopwright', state: 'green' }] });
      expect(hands.calls() - before).toBeLessThanOrEqual(4);
    });
  });
}

function misbehaviour({ describe, expect, withForge }: ForgeSuite): void {
  describe('a forge that misbehaves', () => {
    for (const fault of ['lost-after', 'failed-after', 'cut', 'nonsense'] as const) {
      withForge(`${fault}: a request that nobody heard of is made once, and found`, async ({ forge, hands }) => {
        await hands.branch(BRANCH);
        hands.fault('changing', fault);
        const { code } = await refusal(forge.create(wish()));
        expect(code).toBe(fault === 'nonsense' ? 'LW_FORGE_ANSWER' : 'LW_FORGE_UNREACHABLE');
        expect((await forge.find(BRANCH)).length).toBe(1);
      });
    }

    withForge('is not asked twice to make a request, and is where that changes nothing', async ({ forge, hands }) => {
      await hands.branch(BRANCH);
      hands.fault('changing', 'gateway');
      expect((await refusal(forge.create(wish()))).code).toBe('LW_FORGE_UNREACHABLE');
      expect(await forge.find(BRANCH)).toEqual([]);
      hands.fault('reading', 'gateway');
      hands.fault('reading', 'cut');
      expect(await forge.find(BRANCH)).toEqual([]);
    });

    withForge('is waited for where it says for how long, and not for an hour', async ({ forge, hands }) => {
      await hands.branch(BRANCH);
      hands.fault('changing', 'limited');
      expect((await forge.create(wish()))?.state).toBe('open');
      hands.fault('reading', 'exhausted');
      expect((await refusal(forge.find(BRANCH))).code).toBe('LW_FORGE_RATE');
    });

    withForge('gets the token and no error shows it; a redirect is not followed', async ({ forge, hands }) => {
      await hands.branch(BRANCH);
      for (const [fault, code] of [
        ['login', 'LW_FORGE_LOGIN'],
        ['redirect', 'LW_FORGE_ANSWER'],
      ] as const) {
        hands.fault('reading', fault);
        const seen = await refusal(forge.find(BRANCH));
        expect(seen.code).toBe(code);
        expect(seen.text.includes(hands.token)).toBe(false);
      }
    });
  });
}

/** Every promise of the port, over one implementation. */
export function forgeConformance(harness: TestHarness, subject: ForgeSubject): void {
  const suite: ForgeSuite = {
    ...harness,
    withForge: (name, body) => {
      harness.it(name, async () => {
        const bench = await subject.open();
        try {
          await body(bench);
        } finally {
          await bench.close();
        }
      });
    },
  };
  harness.describe(`forge: ${subject.name}`, () => {
    requests(suite);
    around(suite);
    misbehaviour(suite);
  });
}
