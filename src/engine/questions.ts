/**
 * What an agent asks before it acts. Question and answer are events: the question before the rules are asked, the answer
 * before the agent hears it. What a person decided earlier in the run is the answer to the same question.
 */
import { createHash } from 'node:crypto';
import { unreachable } from '../core/errors.ts';
import type { PermissionAnswer, PermissionQuestion, QuestionDigest, ToolUse } from '../core/permission.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies, RuleAnswers } from './dependencies.ts';
import type { Recorder } from './recorder.ts';

export interface Questions {
  permit(question: PermissionQuestion): Promise<PermissionAnswer>;
  /** From now on questions belong to this turn. */
  begin(iteration: number): void;
  /** Waits for the answers under way, and from then on asks nobody any more. What was held in the turn, each once. */
  end(): Promise<readonly QuestionDigest[]>;
}

/** What one event holds of a question; the whole of it is in the blob. */
const MAX_LINE_CHARACTERS = 2_000;
const MAX_PATHS = 20;
/** Of the agent's own name for a tool. */
const MAX_TOOL_CHARACTERS = 100;

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)} [...]`;
}

function boundedUse(use: ToolUse): ToolUse {
  switch (use.kind) {
    case 'command':
      return { kind: 'command', line: clipped(use.line, MAX_LINE_CHARACTERS) };
    case 'edit':
    case 'read':
      return { kind: use.kind, paths: use.paths.slice(0, MAX_PATHS).map((one) => clipped(one, MAX_LINE_CHARACTERS)) };
    case 'fetch':
      return { kind: 'fetch', host: clipped(use.host, MAX_LINE_CHARACTERS) };
    case 'other':
      return use;
    default:
      return unreachable(use, 'kind of use');
  }
}

/** To the letter: the tool, all of its input, and the policy under which it was asked. */
export function digestOf({ tool, input }: PermissionQuestion, policyHash: string): QuestionDigest {
  return createHash('sha256')
    .update(JSON.stringify([tool, input, policyHash]))
    .digest('hex');
}

/** null where nobody decided. */
function personsAnswer({ permissions }: RunState, digest: QuestionDigest): PermissionAnswer | null {
  const decided = permissions.held.find((question) => question.digest === digest)?.decision ?? null;
  if (decided === null) return null;
  const why = decided.reason === '' ? '' : `: ${decided.reason}`;
  const decision = decided.decision === 'allowed' ? 'allow' : 'deny';
  return { decision, rule: null, reason: `${decided.by} ${decided.decision} it${why}` };
}

const OVER: PermissionAnswer = { decision: 'deny', rule: null, reason: 'the turn is over' };

/** `workspacePath`: where the workspace is for the agent. */
export async function openQuestions(
  deps: EngineDependencies,
  recorder: Recorder,
  workspacePath: string,
): Promise<Questions> {
  const rules: RuleAnswers = await deps.ruleAnswers(recorder.state().policy);
  let held = new Set<QuestionDigest>();
  let iteration: number | null = null;

  async function ask(question: PermissionQuestion, during: number): Promise<PermissionAnswer> {
    const digest = digestOf(question, recorder.state().policyHash);
    const input = await deps.store.putBlob(Buffer.from(question.input, 'utf8'));
    const tool = clipped(question.tool, MAX_TOOL_CHARACTERS);
    const use = boundedUse(question.use);
    await recorder.append({ type: 'permission.asked', iteration: during, digest, tool, use, input });
    const answer = personsAnswer(recorder.state(), digest) ?? rules(question, workspacePath);
    await recorder.append({ type: 'permission.answered', iteration: during, digest, ...answer });
    if (answer.decision === 'hold') held.add(digest);
    return answer;
  }

  /** One after the other: the log has one open question at a time. */
  let queue: Promise<unknown> = Promise.resolve();

  return {
    permit(question) {
      const during = iteration;
      if (during === null) return Promise.resolve(OVER);
      const answer = queue.then(() => ask(question, during));
      // A failure is that of its own question.
      queue = answer.catch(() => undefined);
      return answer;
    },
    begin(next) {
      iteration = next;
      held = new Set();
    },
    async end() {
      iteration = null;
      await queue;
      return [...held];
    },
  };
}
