/** What people decided, how the change is undone, how to see it again, and whether the record holds. */
import type { KnownDecision } from '../../core/approval.ts';
import type { HeldQuestion } from '../../core/fold-permission.ts';
import { useWords } from '../../core/permission.ts';
import type { ToolUse } from '../../core/permission.ts';
import { badge, code, paragraph, say, sentence, strong } from '../document.ts';
import type { Block, Fact, Section, Words } from '../document.ts';
import { clip } from '../escape.ts';
import { expiryWords, signatureWords } from '../people-words.ts';
import type { ReportModel } from '../report.ts';
import { count, integer, utc } from '../words.ts';

const MAX_USE = 300;

function whatWords(tool: string, use: ToolUse): Words {
  return [code(clip(useWords(tool, use), MAX_USE))];
}

function decisionWords(question: HeldQuestion): Words {
  const { decision } = question;
  if (decision === null) return say`${badge('waits', 'wait')} ${question.reason}`;
  const why = decision.reason === '' ? '' : `: ${decision.reason}`;
  return say`${badge(decision.decision, decision.decision === 'allowed' ? 'good' : 'bad')} by ${decision.by}${why}`;
}

/** What the agent asked before it acted. What it calls its own doing is not shown: that is a claim. */
function askedBlocks({ summary }: ReportModel): readonly Block[] {
  const { asked, allowed, denied, held, questions, refused } = summary.permissions;
  if (asked === 0) return [];
  const told = `${integer(allowed)} allowed, ${integer(denied)} denied, ${integer(held)} held for a person`;
  const decided: Block = {
    kind: 'table',
    caption: 'Questions of the agent for a person',
    columns: [{ title: 'It would' }, { title: 'Decision' }, { title: 'Question' }],
    rows: questions.map((one) => [whatWords(one.tool, one.use), decisionWords(one), [code(one.digest)]]),
  };
  const refusals: Block = {
    kind: 'table',
    caption: 'Refused by the rules of the policy, the newest ones',
    columns: [{ title: 'It would' }, { title: 'Rule' }, { title: 'Why' }],
    rows: refused.map(({ tool, use, rule, reason }) => [
      whatWords(tool, use),
      [rule === null ? 'none' : code(rule)],
      [reason],
    ]),
  };
  return [
    paragraph([`The agent asked ${count(asked, 'time')} before it acted: ${told}.`]),
    ...(questions.length === 0 ? [] : [decided]),
    ...(refused.length === 0 ? [] : [refusals]),
  ];
}

function boundWords(approval: KnownDecision): Words {
  const { diffHash, policyHash } = approval;
  const until = expiryWords(approval);
  return [
    'diff ',
    code(diffHash),
    ...(policyHash === undefined ? [] : [', policy ', code(policyHash)]),
    ...(until === '' ? [] : [`; ${until}`]),
  ];
}

export function approvalsChapter(model: ReportModel): Section {
  const { approvals, summary } = model;
  const waits = summary.waitingFor;
  const waiting: readonly Block[] =
    waits === null
      ? []
      : [
          {
            kind: 'callout',
            tone: 'wait',
            words: ['The change waits for a decision. It is bound to this exact diff:'],
          },
          {
            kind: 'facts',
            facts: [
              { label: 'Why', words: [waits.reasons.join('; ')] },
              { label: 'Diff', words: [code(waits.diffHash)] },
            ],
          },
          { kind: 'code', language: 'sh', text: waits.commands.join('\n') },
        ];
  const table: Block = {
    kind: 'table',
    caption: 'Decisions',
    columns: [{ title: 'Decision' }, { title: 'By' }, { title: 'Why' }, { title: 'Bound to' }, { title: 'Signature' }],
    rows: approvals.map((approval) => [
      [badge(approval.decision, approval.decision === 'approved' && approval.expired !== true ? 'good' : 'bad')],
      [approval.by],
      [approval.reason === '' ? 'no reason given' : approval.reason],
      boundWords(approval),
      [signatureWords(approval)],
    ]),
  };
  const none =
    approvals.length === 0 && waits === null
      ? [paragraph(['Nobody was asked about the change: no risk zone was touched.'])]
      : [];
  return {
    id: 'approvals',
    title: 'Approvals',
    blocks: [...waiting, ...none, ...(approvals.length === 0 ? [] : [table]), ...askedBlocks(model)],
  };
}

function rehearsalBlock({ undo }: ReportModel): Block {
  if (undo === null) {
    return paragraph(['No change was offered, so there is nothing to undo: nothing of your repository was changed.']);
  }
  if (undo.rehearsal === null)
    return { kind: 'callout', tone: 'wait', words: ['The undo is planned but was not rehearsed yet.'] };
  const { worked, evidence } = undo.rehearsal;
  return worked
    ? paragraph(say`${badge('rehearsed, it works', 'good')} ${evidence}`)
    : { kind: 'callout', tone: 'bad', words: say`${strong('The undo was rehearsed and does not work.')} ${evidence}` };
}

/** Steps as a script with the why as comments: what a person without loopwright can copy. */
function steps(model: ReportModel, when: 'before-landing' | 'after-landing'): readonly Block[] {
  const chosen = model.summary.undo.steps.filter((step) => step.when === when);
  if (chosen.length === 0) return [];
  const text = chosen.map(({ what, command }) => `# ${what.replace(/\s+/g, ' ')}\n${command}`).join('\n');
  const title = when === 'before-landing' ? 'Before it has landed:' : 'After it has landed, with git alone:';
  return [paragraph([title]), { kind: 'code', language: 'sh', text }];
}

export function undoChapter(model: ReportModel): Section {
  return {
    id: 'undo',
    title: 'Undo',
    blocks: [rehearsalBlock(model), ...steps(model, 'before-landing'), ...steps(model, 'after-landing')],
  };
}

export function reproduceChapter({ summary, policy, change }: ReportModel): Section {
  const patch =
    change === null || change.fileCount === 0
      ? []
      : [`loopwright diff ${summary.id} > change.patch`, 'git -C checkout apply ../change.patch'];
  const script = [
    `git worktree add --detach checkout ${summary.base}`,
    ...patch,
    'cd checkout',
    ...policy.checks.map((spec) => spec.run),
  ];
  const facts: readonly Fact[] = [
    { label: 'Base commit', words: [code(summary.base)] },
    ...(summary.head === null ? [] : [{ label: 'Change', words: [code(summary.head)] }]),
    { label: 'Policy hash', words: [code(summary.policyHash)] },
    { label: 'Loopwright', words: [code(summary.loopwright)] },
  ];
  return {
    id: 'reproduce',
    title: 'How to reproduce',
    blocks: [
      { kind: 'facts', facts },
      paragraph([
        'In the repository. The checks run code the agent wrote: outside a sandbox it can do what you can do.',
      ]),
      { kind: 'code', language: 'sh', text: script.join('\n') },
      paragraph(['Loopwright also puts the base versions of the protected files back before each check.']),
    ],
  };
}

function chainWords(brokenAt: number | null): Words {
  return brokenAt === null
    ? [badge('the hash chain holds', 'good')]
    : say`${badge(`the hash chain is broken at event ${integer(brokenAt)}`, 'bad')} Somebody changed the record. Do not trust this report.`;
}

export function recordChapter({ record, summary }: ReportModel): Section {
  const facts: readonly Fact[] = [
    { label: 'Events', words: [integer(record.events)] },
    { label: 'Chain', words: chainWords(record.chainBrokenAt) },
    {
      label: 'Driven by',
      words: [
        record.epoch <= 1
          ? 'one process, without interruption'
          : `${count(record.epoch, 'process', 'processes')}, one after the other`,
      ],
    },
    { label: 'Started', words: [utc(summary.startedAt)] },
    { label: 'Stopped', words: [summary.stoppedAt === null ? 'not yet' : utc(summary.stoppedAt)] },
  ];
  return {
    id: 'record',
    title: 'The record',
    blocks: [
      paragraph(sentence(`This report is a projection of the log alone: \`loopwright log ${summary.id}\`.`)),
      { kind: 'facts', facts },
    ],
  };
}
