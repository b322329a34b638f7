/** The detectors over steps, in front of the model: a spiral is seen before its next call is paid for. */
import { NO_STEPS, watchStep } from '../../core/detectors/steps/index.ts';
import type { StepLimits } from '../../core/detectors/steps/index.ts';
import type { Finding } from '../../core/finding.ts';
import { toolExchanges } from './exchanges.ts';
import { stepOf } from './step-of.ts';

/** Exchanges that are remembered as seen. A conversation that is longer was condensed long before. */
const REMEMBERED_EXCHANGES = 5_000;

export interface StepWatch {
  /** Takes in what a request tells that no earlier one told. `body`: one that a dialect has read. */
  see(body: Uint8Array): readonly Finding[];
  /** Tokens that a call was charged. */
  spent(tokens: number): void;
}

/** One for a run, over all its turns and conversations. */
export function createStepWatch(limits: StepLimits): StepWatch {
  const seen = new Set<string>();
  let watch = NO_STEPS;
  let tokens = 0;

  function isNew(id: string): boolean {
    if (seen.has(id)) return false;
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED_EXCHANGES) break;
      seen.delete(oldest);
    }
    return true;
  }

  return {
    see(body) {
      const fresh = toolExchanges(JSON.parse(Buffer.from(body).toString('utf8'))).filter(({ id }) => isNew(id));
      return fresh.flatMap((exchange) => {
        const next = watchStep(watch, stepOf(exchange, tokens), limits);
        tokens = 0;
        watch = next.watch;
        return next.findings;
      });
    },
    spent(charged) {
      tokens += charged;
    },
  };
}
