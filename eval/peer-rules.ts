/**
 * Rules of two other products on the same traces. Both are read kindly: outputs are compared without what changes from run to
 * run (they compare them to the letter), thoughts are taken to be equal (the first compares them too), and every failed
 * step counts as an error. What needs prose (monologues, chanting) or asks a model cannot be read from these traces.
 */
import type { Step } from '../src/core/detectors/steps/step.ts';

export interface PeerRule {
  readonly name: string;
  readonly source: string;
  /** Whether it would stop after the newest of these steps. */
  stops(steps: readonly Step[]): boolean;
}

function action({ tool, input }: Step): string {
  return `${tool} ${input}`;
}

function pair(step: Step): string {
  return `${action(step)} ${step.output}`;
}

/** The newest `count` are there and are all the same by `key`. */
function same(steps: readonly Step[], count: number, key: (step: Step) => string): boolean {
  return steps.length >= count && new Set(steps.slice(-count).map(key)).size === 1;
}

const stuckDetector: PeerRule = {
  name: 'OpenHands stuck detector',
  source:
    'OpenHands/software-agent-sdk, `conversation/stuck_detector.py`: 4 equal pairs, 3 equal actions that all fail, or 6 alternating pairs, in the newest 20 events (10 steps)',
  stops(steps) {
    const newest = steps.slice(-10);
    const fails = newest.slice(-3).every((step) => step.failed);
    const six = newest.slice(-6).map(pair);
    const alternates = six.length === 6 && six.slice(2).every((one, at) => one === six[at]);
    return same(newest, 4, pair) || (fails && same(newest, 3, action)) || alternates;
  },
};

const loopDetection: PeerRule = {
  name: 'Gemini CLI loop detection',
  source:
    'google-gemini/gemini-cli, `services/loopDetectionService.ts`: `TOOL_CALL_LOOP_THRESHOLD`, 5 equal calls in a row',
  stops: (steps) => same(steps, 5, action),
};

export const PEER_RULES: readonly PeerRule[] = [stuckDetector, loopDetection];
