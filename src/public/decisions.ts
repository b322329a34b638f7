/**
 * Deciding by program: what `inbox`, `approve` and `reject` do, for a screen or a service of your own. It works on the state
 * directory of this host, under the same rules; there is no way around them here.
 */
import { compose } from '../cli/compose.ts';
import type { Bench } from '../cli/compose.ts';
import { statementText } from '../core/approval-statement.ts';
import type { ApprovalStatement } from '../core/approval-statement.ts';
import { LoopwrightError } from '../core/errors.ts';
import { foldRun } from '../core/evolve.ts';
import type { RunState } from '../core/state.ts';
import { decideApproval, prepareDecision, recordSignedDecision } from '../engine/approvals.ts';
import type { Decision, SignedDecision } from '../engine/approvals.ts';
import { inboxOf } from '../report/inbox.ts';
import type { InboxItem } from '../report/inbox.ts';

export type { ApprovalStatement } from '../core/approval-statement.ts';
export type { SignedDecision } from '../engine/approvals.ts';
export type { InboxItem } from '../report/inbox.ts';

export type PlainDecision = Omit<Decision, 'sign'>;

export interface Decisions {
  /** What waits for people, the oldest first. */
  inbox(): Promise<readonly InboxItem[]>;
  /** What this person would sign to decide so now, and the very text to sign: an SSH signature, namespace `loopwright`. */
  prepare(
    runId: string,
    decision: PlainDecision,
  ): Promise<{ readonly statement: ApprovalStatement; readonly text: string }>;
  /**
   * Takes what was signed. Rejects with `LW_APPROVAL_STALE` for another run, diff or policy, or one that is on the record
   * already; `LW_APPROVAL_EXPIRED`, `LW_APPROVAL_FORGED`, `LW_APPROVAL_NOT_COUNTED`; `LW_USAGE` for another shape.
   */
  submit(runId: string, signed: SignedDecision): Promise<RunState>;
  /** Decides without a signature. Rejects as `submit` does. */
  decide(runId: string, decision: PlainDecision): Promise<RunState>;
  close(): Promise<void>;
}

/** Callers are programs in any language that compiles to JavaScript: a wrong shape is said, not met as a TypeError. */
function requireShape({ statement, signature }: SignedDecision): void {
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
  if (isText(statement?.run) && isText(signature?.key) && isText(signature?.text)) return;
  throw new LoopwrightError('LW_USAGE', {
    message: 'a signed decision is { statement, signature: { key, text } }, and a part of it is missing',
    next: '`statement` is what `prepare` returned, `key` the fingerprint (SHA256:...), `text` what ssh-keygen printed.',
  });
}

const QUIET = { listener: (): void => undefined };

/** `env`: where the state is (`LOOPWRIGHT_HOME`), and who may sign (`LOOPWRIGHT_APPROVERS`), as for the commands. */
export function openDecisions(env: Readonly<Record<string, string | undefined>>): Decisions {
  const composition = compose(env);
  const stateOf = async (runId: string): Promise<RunState> => foldRun(await (await composition.store()).read(runId));
  const benchOf = async (runId: string): Promise<Bench> => composition.bench((await stateOf(runId)).policy.sandbox);
  return {
    async inbox() {
      const store = await composition.store();
      const runs = (await store.list()).filter(({ lastSeq }) => lastSeq > 0);
      const frozen = new Set((await store.freezes.list()).map(({ id }) => id));
      return inboxOf(await Promise.all(runs.map(({ runId }) => stateOf(runId))), Date.now(), frozen);
    },
    async prepare(runId, decision) {
      const statement = prepareDecision(await stateOf(runId), decision, Date.now());
      return { statement, text: statementText(statement) };
    },
    async submit(runId, signed) {
      requireShape(signed);
      const { statement, signature } = signed;
      // ssh-keygen ends its output with a line feed, which is no part of the signature.
      const bare = { statement, signature: { key: signature.key.trim(), text: signature.text.trim() } };
      return recordSignedDecision(await benchOf(runId), runId, bare, QUIET);
    },
    decide: async (runId, decision) => decideApproval(await benchOf(runId), runId, { ...decision, sign: null }, QUIET),
    close: () => composition.close(),
  };
}
