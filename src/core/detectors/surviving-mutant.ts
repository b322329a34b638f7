/** Faults in the changed lines that no check notices: nothing looks at what was changed. */
import { experimentsOf } from '../experiment.ts';
import { currentIteration } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Detector } from './detector.ts';

export const survivingMutant: Detector = {
  id: 'surviving-mutant',
  summary: 'Faults put into the changed lines turn no check red.',
  detect(state: RunState) {
    const results = experimentsOf(state, currentIteration(state)?.number ?? 0);
    const trials = results.flatMap((result) => (result.kind === 'mutation' ? result.trials : []));
    const survived = trials.filter(({ outcome }) => outcome === 'green');
    const [first] = survived;
    if (first === undefined || trials.some(({ outcome }) => outcome === 'red')) return [];
    const place = `${first.path}:${first.line}`;
    const message = `no check notices a fault in the changed lines (${survived.length} tried), as at ${place}: ${first.words}`;
    return inTheChange(state, 'surviving-mutant', [{ message, location: first.path }]);
  },
};
