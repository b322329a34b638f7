/**
 * The trailers of a landed commit, by the rules of git-interpret-trailers(1): the last paragraph of a message that has more
 * than one, every line of it `Key: value`. Never a sign-off: the Developer Certificate of Origin is a person's word.
 */
import { plain } from './plain-words.ts';

export interface TrailerFacts {
  readonly runId: string;
  /** The name of the driver. */
  readonly agent: string;
  /** As the agent named them in its calls, so from outside; empty where nobody saw any. */
  readonly models: readonly string[];
}

const MOST_MODELS = 5;
const LONGEST_VALUE = 100;

/** What a name may hold that stands in a trailer. */
function named(text: string): string {
  return plain(text)
    .replace(/[^A-Za-z0-9._:/+-]+/g, '_')
    .replace(/^[_-]+|[_-]+$/g, '')
    .slice(0, LONGEST_VALUE);
}

/**
 * `Assisted-by: AGENT:MODEL` is the form of the Linux kernel (Documentation/process/coding-assistants.rst); without a model
 * where none is known. `Loopwright-Run` names the run for `whodunit`.
 */
export function trailersOf({ runId, agent, models }: TrailerFacts): readonly string[] {
  const by = named(agent) || 'agent';
  const known = [...new Set(models.map(named).filter((model) => model !== ''))].slice(0, MOST_MODELS);
  const assisted = known.length === 0 ? [`Assisted-by: ${by}`] : known.map((model) => `Assisted-by: ${by}:${model}`);
  return [...assisted, `Loopwright-Run: ${runId}`];
}
