/**
 * Deciding by program: what `inbox`, `approve` and `reject` do, for a screen or a service of your own. It works on the state
 * directory of this host, under the same rules; there is no way around them here.
 */
import { compose } from '../cli/compose.ts';
import type { Bench } from '../cli/compose.ts';
import { statementText } from '../core/approval-statement.ts';
import type { ApprovalStatement } from '../core/approval-statement.ts';
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
   * already; `LW_APPROVAL_EXPIRED`, `LW_APPROVAL_FORGED`, `LW_APPROVAL_NOT_COUNTED`.
   */
  submit(runId: string, signed: SignedDecision): Promise<RunState>;
  /** Decides without a signature. Rejects as `submit` does. */
  decide(runId: string, decision: PlainDecision): Promise<RunState>;
  close(): Promise<void>;
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
      return inboxOf(await Promise.all(runs.map(({ runId }) => stateOf(runId))), Date.now());
    },
    async prepare(runId, decision) {
      const statement = prepareDecision(await stateOf(runId), decision, Date.now());
      return { statement, text: statementText(statement) };
    },
    submit: async (runId, signed) => recordSignedDecision(await benchOf(runId), runId, signed, QUIET),
    decide: async (runId, decision) => decideApproval(await benchOf(runId), runId, { ...decision, sign: null }, QUIET),
    close: () => composition.close(),
  };
}
