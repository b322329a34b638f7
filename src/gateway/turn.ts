/** One turn as the gateway sees it: how often the agent was refused, and when it has to end. */
import type { Finding } from '../core/finding.ts';
import type { ModelEvent } from '../core/model-event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Brake, TurnListener } from '../ports/gateway.ts';

/** Time for an agent to say why it ends, milliseconds. Most leave within a second; on a busy machine two of eight took three. */
const GRACE_MS = 5_000;
/** Refused calls after which an agent is not wrapping up but storming. Measured: up to 16 a second, without end. */
const STORM_REFUSALS = 50;
/** Once the turn has to end, patience is shorter. */
const STORM_AFTER_BRAKE = 10;
/** Refusals that get an event of their own in one turn; a storm must not flood the log. */
const TOLD_REFUSALS = 20;

export interface TurnState {
  readonly iteration: number;
  /** Aborts when the turn is over: calls under way are cut. */
  readonly over: AbortSignal;
  /** Whether the event should be written, and counts it. */
  refused(event: Extract<ModelEvent, { type: 'model.refused' }>): boolean;
  /** The first brake stays. */
  pull(brake: Brake): void;
  pulled(): Brake | null;
  activity(): void;
  /** What the detectors over steps saw; one that says stop ends the turn. */
  saw(findings: readonly Finding[]): void;
  sightings(): readonly Finding[];
  /** Ends the turn: nothing is taken any more. */
  finish(): void;
}

export function createTurn(iteration: number, listener: TurnListener, clock: Clock): TurnState {
  const over = new AbortController();
  let refusals = 0;
  let brake: Brake | null = null;
  let told = false;
  const seen: Finding[] = [];

  /** The agent had its time. */
  function endAgent(): void {
    if (told || over.signal.aborted) return;
    told = true;
    listener.brake();
  }

  function pull(next: Brake): void {
    if (brake !== null) return;
    brake = next;
    refusals = 0;
    void clock.sleep(GRACE_MS, over.signal).then(endAgent);
  }

  return {
    iteration,
    over: over.signal,
    refused({ kind, message }) {
      refusals += 1;
      if (brake !== null && refusals > STORM_AFTER_BRAKE) endAgent();
      if (brake === null && refusals > STORM_REFUSALS) {
        brake = { kind: 'storm', detail: `the agent went on calling after ${STORM_REFUSALS} refusals: ${message}` };
        endAgent();
      }
      // What follows from the brake is no news.
      return brake === null ? refusals <= TOLD_REFUSALS : kind !== 'stopped';
    },
    pull,
    pulled: () => brake,
    activity: () => listener.activity(),
    saw(findings) {
      seen.push(...findings);
      const stop = findings.find(({ severity }) => severity === 'stop');
      if (stop !== undefined) pull({ kind: 'detector', detail: `${stop.detector}: ${stop.message}` });
    },
    sightings: () => seen,
    finish: () => over.abort(),
  };
}
