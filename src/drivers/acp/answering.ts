/** Answers the questions of an agent, one after the other, and remembers what was refused until the agent was told why. */
import type { AgentHost } from '../../ports/driver.ts';
import { oneLine } from '../claims.ts';
import type { AgentEvent } from '../event-lines.ts';
import { createToolCalls, outcomeOf, questionIn } from './permission.ts';

/** Refusals that are told of at once. */
const MAX_TOLD_REFUSALS = 10;

export interface Answering {
  /** Takes an update of the session: a question may name a call that was told before, and nothing else. */
  push(update: AgentEvent): void;
  /** What the agent calls itself, once it is known. */
  introduce(name: string | null): void;
  /** Rejects as the host does. */
  answer(params: AgentEvent): Promise<object>;
  /** A person has to decide, so that the turn is over. */
  held(): boolean;
  /** What was refused since this was asked last, in words for the agent; null where nothing was. */
  refused(): string | null;
  /** Resolves once no question is under way; rejects as the host did. */
  settled(): Promise<void>;
}

function refusedWords(refusals: readonly string[]): string {
  const shown = [...new Set(refusals)].slice(0, MAX_TOLD_REFUSALS);
  return `The rules of this repository refused what you asked for:
${shown.map((refusal) => `- ${refusal}`).join('\n')}

Do not ask for it again. Where something is left to do, do it another way; where there is no other way, end with \`blocked because\` and the reason; where nothing is left to do, say what you did.
`;
}

/** `onHold` is called before the question that is held gets its answer, `onBroken` where one cannot be put. */
export function createAnswering(
  host: Pick<AgentHost, 'permit'>,
  when: { readonly onHold: () => void; readonly onBroken: () => void },
): Answering {
  const calls = createToolCalls();
  let agent: string | null = null;
  let held = false;
  let refusals: string[] = [];
  let questions: Promise<unknown> = Promise.resolve();

  async function permit(params: AgentEvent): Promise<object> {
    if (held) return { outcome: { outcome: 'cancelled' } };
    const question = questionIn(params, calls, agent);
    const unread = { decision: 'deny' as const, reason: 'its input is nested too deep to be read' };
    const answer = question === null ? unread : await host.permit(question);
    if (answer.decision === 'allow') return { outcome: outcomeOf(answer, params) };
    if (answer.decision === 'hold') {
      held = true;
      // The protocol wants it in this order: whoever cancels a turn answers its open questions with `cancelled`.
      when.onHold();
      return { outcome: { outcome: 'cancelled' } };
    }
    refusals.push(oneLine(`${question?.tool ?? 'tool'}: ${answer.reason}`));
    return { outcome: outcomeOf(answer, params), _meta: { 'loopwright.dev/reason': answer.reason } };
  }

  return {
    push: (update) => calls.push(update),
    introduce(name) {
      agent = name;
    },
    answer(params) {
      const answer = questions.then(() => permit(params));
      questions = answer;
      answer.catch(() => when.onBroken());
      return answer;
    },
    held: () => held,
    refused() {
      const unheard = refusals;
      refusals = [];
      return unheard.length === 0 ? null : refusedWords(unheard);
    },
    settled: () => questions.then(() => undefined),
  };
}
