/** The turns of a run, one at a time, and the calls under way in each. */
import { assert } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Brake, GatewayTurn, TurnListener } from '../ports/gateway.ts';
import { createTurn } from './turn.ts';
import type { TurnState } from './turn.ts';

export interface Turns {
  begin(iteration: number, listener: TurnListener): GatewayTurn;
  current(): TurnState | null;
  /** A request that is being answered; it must not reject. */
  follow(answering: Promise<void>): void;
  /** A call could not be settled or written down: the turn ends, and rejects with this. The first one stays. */
  fail(error: unknown): void;
  endAll(): Promise<void>;
}

interface UnderWay {
  readonly turn: TurnState;
  readonly listener: TurnListener;
  readonly answering: Set<Promise<void>>;
  readonly failures: unknown[];
}

async function endOf(underWay: UnderWay): Promise<Brake | null> {
  const { turn, answering, failures } = underWay;
  turn.finish();
  while (answering.size > 0) await Promise.all(answering);
  if (failures.length > 0) throw failures[0];
  return turn.pulled();
}

export function createTurns(clock: Clock): Turns {
  let underWay: UnderWay | null = null;

  return {
    begin(iteration, listener) {
      assert(underWay === null, 'one turn at a time goes through the gateway');
      const begun: UnderWay = {
        turn: createTurn(iteration, listener, clock),
        listener,
        answering: new Set(),
        failures: [],
      };
      underWay = begun;
      return {
        sightings: () => begun.turn.sightings(),
        async end() {
          try {
            return await endOf(begun);
          } finally {
            if (underWay === begun) underWay = null;
          }
        },
      };
    },
    current: () => underWay?.turn ?? null,
    follow(answering) {
      if (underWay === null) return;
      const { answering: set } = underWay;
      set.add(answering);
      void answering.finally(() => set.delete(answering));
    },
    fail(error) {
      if (underWay === null) return;
      underWay.failures.push(error);
      underWay.listener.brake();
    },
    async endAll() {
      if (underWay === null) return;
      const ending = underWay;
      underWay = null;
      await endOf(ending).catch(() => null);
    },
  };
}
