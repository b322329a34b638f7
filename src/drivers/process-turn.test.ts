import { describe, expect, it } from 'vitest';
import type { TurnBudget } from '../core/limit.ts';
import type { AgentHost, TurnResult } from '../ports/driver.ts';
import type { FinishedProcess, LaunchSpec, ProcessEnd } from '../ports/sandbox.ts';
import { endOfTurn, takeProcessTurn, withClaimOfExitCode, withoutProcess } from './process-turn.ts';
import { ASKING_NOBODY } from '../public/conformance/asking-nobody.ts';

const BUDGET: TurnBudget = { wallTimeMs: 1_000, idleMs: 500, outputBytes: 100 };
const UNLIMITED: TurnBudget = { wallTimeMs: 'unlimited', idleMs: 'unlimited', outputBytes: 'unlimited' };
const NEVER = new AbortController().signal;

function finished(end: ProcessEnd, facts: Partial<FinishedProcess> = {}): FinishedProcess {
  const nothing = new Uint8Array();
  return { end, stdout: nothing, stderr: nothing, stdoutBytes: 0, stderrBytes: 0, wallTimeMs: 5, ...facts };
}

describe('how a process ended becomes how the turn ended', () => {
  it('by itself, with its exit code', () => {
    expect(endOfTurn(finished({ kind: 'exited', code: 12 }), BUDGET)).toEqual({ kind: 'ended', exitCode: 12 });
  });

  it('by a limit, with what was measured and the ceiling', () => {
    const late = finished({ kind: 'wall-time' }, { wallTimeMs: 1_007 });
    expect(endOfTurn(late, BUDGET)).toEqual({
      kind: 'limit',
      breach: { limit: 'wallTimeMs', value: 1_007, ceiling: 1_000 },
    });
    const loud = finished({ kind: 'output-limit' }, { stdoutBytes: 90, stderrBytes: 30 });
    expect(endOfTurn(loud, BUDGET)).toEqual({
      kind: 'limit',
      breach: { limit: 'outputBytes', value: 120, ceiling: 100 },
    });
  });

  it('by silence, which lasted at least as long as the limit, not as long as the turn', () => {
    const silent = finished({ kind: 'idle' }, { wallTimeMs: 90_000 });
    expect(endOfTurn(silent, BUDGET)).toEqual({ kind: 'limit', breach: { limit: 'idleMs', value: 500, ceiling: 500 } });
  });

  it('never by a limit that there was none of', () => {
    for (const kind of ['wall-time', 'idle', 'output-limit'] as const) {
      expect(endOfTurn(finished({ kind }), UNLIMITED).kind).toBe('crashed');
    }
  });

  it('by a signal, a person, or not at all', () => {
    expect(endOfTurn(finished({ kind: 'signalled', signal: 'SIGKILL' }), BUDGET)).toEqual({
      kind: 'crashed',
      detail: 'the program died by SIGKILL, which loopwright did not send',
    });
    expect(endOfTurn(finished({ kind: 'cancelled' }), BUDGET)).toEqual({ kind: 'cancelled' });
    expect(endOfTurn(finished({ kind: 'not-found', detail: 'x' }), BUDGET)).toEqual({
      kind: 'unavailable',
      detail: 'x',
    });
  });
});

describe('a turn that is one process', () => {
  it('reads claims from standard output alone and keeps both streams in the order they came', async () => {
    const asked: Partial<LaunchSpec>[] = [];
    const host: AgentHost = {
      workspacePath: '/workspace',
      home: '/home/agent',
      models: null,
      ...ASKING_NOBODY,
      seed: () => Promise.resolve(),
      launch(spec) {
        asked.push(spec);
        return {
          sawLife: () => undefined,
          write: () => undefined,
          endInput: () => undefined,
          onOutput(listener) {
            listener('stderr', Buffer.from('loopwright: done\n'));
            listener('stdout', Buffer.from('loopwright: message: one\n'));
            listener('stderr', Buffer.from('two\n'));
          },
          finished: Promise.resolve(finished({ kind: 'exited', code: 0 }, { stdoutBytes: 25, stderrBytes: 21 })),
        };
      },
    };
    const agent = { argv: ['agent'], env: { A: '1' }, stdin: null };
    const result = await takeProcessTurn(host, agent, { iteration: 1, prompt: '', budget: BUDGET }, NEVER);
    expect(result.claims).toEqual([{ kind: 'message', text: 'one' }]);
    expect(Buffer.from(result.output).toString()).toBe('loopwright: done\nloopwright: message: one\ntwo\n');
    expect(result.outputBytes).toBe(46);
    expect(asked).toMatchObject([{ argv: ['agent'], env: { A: '1' }, stdin: null, limits: BUDGET }]);
  });
});

describe('a claim made of an exit code', () => {
  const ended = (exitCode: number, claims: TurnResult['claims'] = []): TurnResult => ({
    ...withoutProcess({ kind: 'ended', exitCode }),
    claims,
  });

  it('is added for code 0 where nothing but messages was claimed', () => {
    const message = { kind: 'message', text: 'hi' } as const;
    const done = { kind: 'done', text: 'exit code 0' };
    expect(withClaimOfExitCode(ended(0, [message])).claims).toEqual([message, done]);
  });

  it('is never put beside a claim of the program, nor made of another end', () => {
    const blocked = [{ kind: 'blocked', text: 'x' }] as const;
    expect(withClaimOfExitCode(ended(0, blocked)).claims).toEqual(blocked);
    expect(withClaimOfExitCode(ended(1)).claims).toEqual([]);
    expect(withClaimOfExitCode(withoutProcess({ kind: 'cancelled' })).claims).toEqual([]);
  });
});
