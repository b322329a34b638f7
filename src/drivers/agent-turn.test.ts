import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AgentHost } from '../ports/driver.ts';
import type { FinishedProcess } from '../ports/sandbox.ts';
import { claimsIn, honestEnd, takeAgentTurn } from './agent-turn.ts';
import type { CodingAgent } from './definition.ts';
import { NOTHING_TOLD, usageSince } from './told.ts';
import { ASKING_NOBODY } from '../public/conformance/asking-nobody.ts';

describe('last words', () => {
  it('are a message, in one line', () => {
    expect(claimsIn('Fixed.\n\nAll \x1b[31mgreen.')).toEqual([{ kind: 'message', text: 'Fixed.  All  [31mgreen.' }]);
    expect(claimsIn(null)).toEqual([]);
    expect(claimsIn(' \n')).toEqual([]);
  });

  it('that end with the way out are a claim to be blocked, beside what else they say', () => {
    expect(claimsIn('I looked.\n**Blocked because** the key is missing.')).toEqual([
      { kind: 'message', text: 'I looked.' },
      { kind: 'blocked', text: 'the key is missing.' },
    ]);
    expect(claimsIn('blocked because: no database')).toEqual([{ kind: 'blocked', text: 'no database' }]);
  });

  it('that only mention it are no such claim', () => {
    for (const text of [
      'I was blocked because of X, then went on.',
      'blocked because X\nSolved it.',
      'blocked because',
    ])
      expect(claimsIn(text).map(({ kind }) => kind)).toEqual(['message']);
  });
});

describe('how a turn ended', () => {
  const ended = (exitCode: number) => ({ kind: 'ended' as const, exitCode });

  it('is a failure where the agent says so, whatever its exit code', () => {
    expect(honestEnd('pi', ended(0), { ...NOTHING_TOLD, failure: 'no\ncredit', settled: true })).toEqual({
      kind: 'crashed',
      detail: 'pi says that it failed: no credit',
    });
  });

  it('is a failure where it leaves with 0 and without a word', () => {
    expect(honestEnd('pi', ended(0), NOTHING_TOLD).kind).toBe('crashed');
    expect(honestEnd('pi', ended(0), { ...NOTHING_TOLD, settled: true })).toEqual(ended(0));
    expect(honestEnd('pi', ended(3), NOTHING_TOLD)).toEqual(ended(3));
  });

  it('is left alone where a limit or a person ended it', () => {
    expect(honestEnd('pi', { kind: 'cancelled' }, { ...NOTHING_TOLD, failure: 'x' })).toEqual({ kind: 'cancelled' });
  });
});

describe('totals that only grow', () => {
  const used = (inputTokens: number, costNanoUsd: number | null) => ({ inputTokens, outputTokens: 1, costNanoUsd });

  it('become what came on top', () => {
    expect(usageSince(used(10, 5), used(17, 9))).toEqual({ inputTokens: 7, outputTokens: 0, costNanoUsd: 4 });
    expect(usageSince(used(10, null), used(17, 9)).costNanoUsd).toBe(9);
  });

  it('that shrank are those of another conversation', () => {
    expect(usageSince(used(10, 5), used(4, null))).toMatchObject({ inputTokens: 4, costNanoUsd: null });
  });
});

const agent: CodingAgent = {
  id: 'fake',
  summary: 'x.',
  program: 'fake',
  install: 'none',
  reportsUsage: false,
  cumulative: 'nothing',
  conceals: ['.fake'],
  wire: () => ({ address: 'A', key: 'K', dialect: 'd' }),
  commandLine: () => ({ argv: ['-p'], env: { HOME: '/elsewhere' } }),
  home: () => ({}),
  fold: (told, { said }) => ({ ...told, text: String(said), settled: true }),
};

afterEach(() => {
  vi.useRealTimers();
});

describe('an agent that does not leave after its result', () => {
  it('is ended after a while, and its turn counts as ended by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const heard = Promise.withResolvers<readonly string[]>();
    const nothing = new Uint8Array();
    const host: AgentHost = {
      workspacePath: '/workspace',
      home: '/home',
      models: null,
      ...ASKING_NOBODY,
      seed: () => Promise.resolve(),
      launch: (spec, signal) => ({
        sawLife: () => undefined,
        write: () => undefined,
        endInput: () => undefined,
        onOutput: (listener) => {
          listener('stdout', Buffer.from('{"said":"all done"}\n'));
          heard.resolve(Object.keys(spec.files ?? {}));
        },
        finished: new Promise<FinishedProcess>((resolve) => {
          expect(spec.argv).toEqual(['/bin/fake', '-p']);
          signal.addEventListener('abort', () =>
            resolve({
              end: { kind: 'cancelled' },
              stdout: nothing,
              stderr: nothing,
              stdoutBytes: 20,
              stderrBytes: 0,
              wallTimeMs: 10_000,
            }),
          );
        }),
      }),
    };
    const argv = ['/bin/fake'];
    const found = { program: '/bin/fake', argv, files: {}, version: null, manifest: null, foundBy: 'PATH' as const };
    const call = { model: 'm', choices: {}, resume: null, wire: null };
    const budget = { wallTimeMs: 'unlimited', idleMs: 'unlimited', outputBytes: 'unlimited' } as const;
    const request = { iteration: 1, prompt: 'x', budget };
    const taking = takeAgentTurn({ agent, call, host, found, earlier: null }, request, new AbortController().signal);
    // What the agent would run of the repository is hidden behind an empty directory.
    expect(await heard.promise).toEqual(['/workspace/.fake']);
    await vi.advanceTimersByTimeAsync(10_000);
    const result = await taking;
    expect(result.end).toEqual({ kind: 'ended', exitCode: null });
    expect(result.claims).toEqual([{ kind: 'message', text: 'all done' }]);
  });
});
