/** The detectors over steps, in front of the model: a spiral is seen before its next call is paid for. */
import { NO_STEPS, watchStep } from '../../core/detectors/steps/index.ts';
import type { StepLimits } from '../../core/detectors/steps/index.ts';
import type { Step } from '../../core/detectors/steps/step.ts';
import type { Finding } from '../../core/finding.ts';
import { createCondensing } from './condensing.ts';
import { toolExchanges } from './exchanges.ts';
import { stepOf } from './step-of.ts';

/** Exchanges that are remembered as seen. A conversation that is longer was condensed long before. */
const REMEMBERED_EXCHANGES = 5_000;

export interface StepWatch {
  /** Takes in what a request of a turn tells that no earlier one told. `body`: one that a dialect has read. */
  see(body: Uint8Array, iteration: number): readonly Finding[];
  /** Tokens that a call was charged. */
  spent(tokens: number): void;
}

/** Told apart by number, so that no other detector takes it for the same action again. */
function condensedStep(number: number): Step {
  return {
    tool: '',
    kind: 'summary',
    input: `condensed ${number}`,
    output: `condensed ${number}`,
    outputCharacters: 0,
    failed: false,
    files: [],
    tree: null,
    tokens: null,
  };
}

/** One for a run, over all its turns and conversations. */
export function createStepWatch(limits: StepLimits): StepWatch {
  const seen = new Set<string>();
  let watch = NO_STEPS;
  let condensing = createCondensing();
  let turn = 0;
  let tokens = 0;
  let condensed = 0;

  function isNew(id: string): boolean {
    if (seen.has(id)) return false;
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED_EXCHANGES) break;
      seen.delete(oldest);
    }
    return true;
  }

  function take(step: Step): readonly Finding[] {
    const next = watchStep(watch, step, limits);
    watch = next.watch;
    return next.findings;
  }

  return {
    see(body, iteration) {
      // A new turn begins a conversation of its own, or goes on with one: neither is condensing.
      if (iteration !== turn) condensing = createCondensing();
      turn = iteration;
      const request: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
      const summaries = Array.from({ length: condensing.see(request) }, () => condensedStep((condensed += 1)));
      const fresh = toolExchanges(request).filter(({ id }) => isNew(id));
      return [
        ...summaries.flatMap(take),
        ...fresh.flatMap((exchange) => {
          const step = stepOf(exchange, tokens);
          tokens = 0;
          return take(step);
        }),
      ];
    },
    spent(charged) {
      tokens += charged;
    },
  };
}
