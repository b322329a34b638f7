/** A new test that the code of the base passes too shows nothing of the change. */
import { experimentsOf } from '../experiment.ts';
import { currentIteration } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Detector } from './detector.ts';

export const testsGreenOnBase: Detector = {
  id: 'tests-green-on-base',
  summary: 'New tests of the change pass on the code of the base too.',
  detect(state: RunState) {
    const results = experimentsOf(state, currentIteration(state)?.number ?? 0);
    const green = results.flatMap((result) => (result.kind === 'red-first' ? result.greenOnBase : []));
    const seen = green.map((test) => ({
      message: `the new test ${test} passes without the change too, so it proves nothing of it`,
      location: test,
    }));
    return inTheChange(state, 'tests-green-on-base', seen);
  },
};
