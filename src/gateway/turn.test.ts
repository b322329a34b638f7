import { describe, expect, it } from 'vitest';
import type { ModelEvent, RefusedFor } from '../core/model-event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Brake } from '../ports/gateway.ts';
import { createTurn } from './turn.ts';
import type { TurnState } from './turn.ts';

const LIMIT: Brake = { kind: 'limit', breach: { limit: 'costUsd', value: 1, ceiling: 1, refused: 1 } };

interface Scene {
  readonly turn: TurnState;
  readonly brakes: () => number;
  /** Lets so much time pass, milliseconds. */
  readonly pass: (ms: number) => Promise<void>;
}

function sceneOf(): Scene {
  let [now, brakes] = [0, 0];
  const sleeping: { readonly until: number; readonly wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonicMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        sleeping.push({ until: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  const listener = { brake: () => void (brakes += 1), activity: () => undefined };
  return {
    turn: createTurn(1, listener, clock),
    brakes: () => brakes,
    pass: async (ms) => {
      now += ms;
      for (const { until, wake } of sleeping) if (until <= now) wake();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

function refuse(turn: TurnState, times: number, kind: RefusedFor = 'request'): number {
  const event: Extract<ModelEvent, { type: 'model.refused' }> = {
    type: 'model.refused',
    iteration: 1,
    kind,
    provider: null,
    model: null,
    message: 'so it is',
    breach: null,
  };
  return Array.from({ length: times }, () => turn.refused(event)).filter(Boolean).length;
}

describe('a turn that has to end', () => {
  it('gives the agent five seconds to wrap up, and tells once', async () => {
    const { turn, brakes, pass } = sceneOf();
    turn.pull(LIMIT);
    await pass(4_999);
    expect(brakes()).toBe(0);
    await pass(1);
    expect(brakes()).toBe(1);
    refuse(turn, 100);
    await pass(10_000);
    expect(brakes()).toBe(1);
  });

  it('tells nothing where it ended by itself in time', async () => {
    const { turn, brakes, pass } = sceneOf();
    turn.pull(LIMIT);
    turn.finish();
    await pass(10_000);
    expect(brakes()).toBe(0);
    expect(turn.over.aborted).toBe(true);
  });

  it('keeps the first reason', () => {
    const { turn } = sceneOf();
    turn.pull(LIMIT);
    turn.pull({ kind: 'quota', quota: { provider: 'acme', until: null, exhausted: false } });
    expect(turn.pulled()).toBe(LIMIT);
  });

  it('has less patience with an agent that goes on calling', () => {
    const { turn, brakes } = sceneOf();
    turn.pull(LIMIT);
    refuse(turn, 10, 'stopped');
    expect(brakes()).toBe(0);
    refuse(turn, 1, 'stopped');
    expect(brakes()).toBe(1);
    expect(turn.pulled()).toBe(LIMIT);
  });

  it('writes down why, and not what follows from that', () => {
    const { turn } = sceneOf();
    turn.pull(LIMIT);
    expect(refuse(turn, 1, 'budget')).toBe(1);
    expect(refuse(turn, 5, 'stopped')).toBe(0);
  });
});

describe('an agent that goes on calling although it is refused', () => {
  it('is a storm after 50 refusals, at once, and 20 of them are written down', () => {
    const { turn, brakes } = sceneOf();
    expect(refuse(turn, 50)).toBe(20);
    expect([brakes(), turn.pulled()]).toEqual([0, null]);
    refuse(turn, 1);
    expect(brakes()).toBe(1);
    expect(turn.pulled()).toMatchObject({ kind: 'storm', detail: expect.stringContaining('so it is') });
    refuse(turn, 100);
    expect(brakes()).toBe(1);
  });
});
