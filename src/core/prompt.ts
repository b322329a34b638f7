/**
 * What the next turn is told: the task, the acceptance, what is carried from earlier iterations (carried.ts), the failures of
 * the last one. Structured and bounded; not the history. Everything in it comes from policy or from checks loopwright ran itself, never from the agent's prose.
 */
import { carry } from './carried.ts';
import type { Carried, CarriedNote } from './carried.ts';
import { showNetworkRule } from './network.ts';
import { HELD_BACK_IS_RED } from './check.ts';
import type { CheckResult } from './check.ts';
import { useWords } from './permission.ts';
import { flakyIsTask } from './repetition.ts';
import type { Iteration, RunState } from './state.ts';
import { currentIteration } from './state.ts';

/** Ceilings of what one prompt carries. Enough to act on; small enough that a loop does not drown in its own noise. */
const MAX_FAILURES = 10;
const MAX_MESSAGE_CHARACTERS = 1_200;
const MAX_NAMES = 30;

function clipped(text: string): string {
  return text.length <= MAX_MESSAGE_CHARACTERS ? text : `${text.slice(0, MAX_MESSAGE_CHARACTERS)} [...]`;
}

function indented(text: string): string {
  return clipped(text)
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}

function names(label: string, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return [];
  const more = ids.length > MAX_NAMES ? [`      and ${ids.length - MAX_NAMES} more`] : [];
  return [`    ${label}:`, ...ids.slice(0, MAX_NAMES).map((id) => `      ${id}`), ...more];
}

function checkLines(result: CheckResult, flakyTask: boolean): readonly string[] {
  const failures = result.failures
    .slice(0, MAX_FAILURES)
    .flatMap((note) => [`    failing: ${note.test}`, ...(note.message === '' ? [] : [indented(note.message)])]);
  const rest = result.failures.length - MAX_FAILURES;
  return [
    `  - ${result.checkId}: ${result.conclusion}. ${result.summary}`,
    ...failures,
    ...(rest > 0 ? [`    and ${rest} more failing`] : []),
    ...names('passed before your change, failing now', result.newlyFailing),
    ...names('ran before your change, gone now', result.missing),
    ...names('ran before your change, skipped now', result.newlySkipped),
    ...names('red before your change, passed once and not again', result.passedOnce ?? []),
    ...names(flakyTask ? 'flaky: has to pass every time' : 'known flaky, not yours', result.flaky ?? []),
  ];
}

function resultLines({ policy, baseline }: RunState, results: readonly CheckResult[]): readonly string[] {
  const flakyTask = flakyIsTask(policy.class.baseline, baseline);
  return results.flatMap((result) =>
    result.heldBack === true ? [`  - ${HELD_BACK_IS_RED}`] : checkLines(result, flakyTask),
  );
}

function acceptanceLines(state: RunState): readonly string[] {
  const shown = state.policy.checks.filter(({ hidden }) => hidden === undefined);
  const checks = shown.map((spec) => `  - ${spec.id}: \`${spec.run}\``);
  const more = shown.length < state.policy.checks.length ? ['  - More checks, which you do not see.'] : [];
  const rule =
    state.policy.class.baseline === 'must-fail'
      ? 'All of these pass, run by the supervisor on a fresh checkout of your change:'
      : 'None of these gets worse, run by the supervisor on a fresh checkout of your change:';
  return [
    rule,
    ...checks,
    ...more,
    '  - No test that passed before fails, disappears or is skipped.',
    '  - Protected files (tests, snapshots, tool configuration) are judged as they were on the base.',
  ];
}

/** An agent that is not told tries in vain, and takes a refusal for a fault. */
function networkWords({ policy }: RunState): string {
  const allow = policy.network?.allow ?? [];
  if (allow.length === 0) return 'No network.';
  const hosts = allow.map((rule) => `${showNetworkRule(rule)}${rule.methods === 'any' ? '' : ' (read-only)'}`);
  return `No network but these hosts, through the proxy in HTTPS_PROXY: ${hosts.join(', ')}.`;
}

/** An agent in a vendor's cloud is judged by a branch, every other one by the tree it leaves. */
function whereLines(state: RunState): readonly string[] {
  const { cloud, base } = state;
  if (cloud === null) {
    return [
      `  - ${networkWords(state)} Nothing outside the workspace persists. Do not commit; the tree is taken as it is.`,
    ];
  }
  return [
    `  - Start from commit ${base.commit} (branch ${cloud.branch}) of ${cloud.remote}.`,
    '  - Commit to one branch of your own and push it, also when you go on later; what is not pushed is not seen.',
    '  - Never force-push, never merge, never push to another branch. Say that you are done only after you pushed.',
  ];
}

function boundaryLines(state: RunState): readonly string[] {
  const { allow, deny } = state.policy.paths;
  const { changedFiles, changedLines } = state.policy.limits;
  return [
    `  - Paths you may change: ${allow.join(', ')}${deny.length > 0 ? `, except ${deny.join(', ')}` : ''}.`,
    ...(changedFiles === 'unlimited' ? [] : [`  - Change at most ${changedFiles} files.`]),
    ...(changedLines === 'unlimited' ? [] : [`  - Add and remove at most ${changedLines} lines together.`]),
    ...whereLines(state),
  ];
}

function lastIterationLines(state: RunState, iteration: Iteration): readonly string[] {
  const where = state.cloud === null ? 'in the workspace' : 'on your branch';
  const red = iteration.checks.filter((check) => check.conclusion !== 'success' || check.newlyFailing.length > 0);
  const reasons = iteration.verdict?.kind === 'continue' ? iteration.verdict.reasons : [];
  const findings = iteration.findings.map((finding) => `  - ${finding.message}`);
  return [
    `## After your last turn (iteration ${iteration.number})`,
    `Your change so far is ${where}. It is not accepted yet:`,
    ...reasons.map((reason) => `  - ${reason}`),
    ...(red.length > 0 ? ['Results:', ...resultLines(state, red)] : []),
    ...(findings.length > 0 ? ['Also seen:', ...findings] : []),
  ];
}

function rejectionLines(state: RunState): readonly string[] {
  const rejected = state.approvals.at(-1);
  const lastJudged = currentIteration(state);
  // Only the newest iteration's rejection is still news to the agent.
  if (rejected?.decision !== 'rejected' || rejected.diffHash !== lastJudged?.change?.diffHash) return [];
  return ['## A person rejected your change', rejected.reason];
}

/** Of a run with many questions, the newest. */
const MAX_DECISIONS = 10;
const MAX_USE_CHARACTERS = 300;

/** A conversation may be a new one each turn, so all of them are told again. */
function personsWords(state: RunState): readonly string[] {
  const decided = state.permissions.held.flatMap(({ tool, use, decision }) => {
    if (decision === null) return [];
    const reason = decision.reason === '' ? '' : `: ${clipped(decision.reason)}`;
    const what = useWords(tool, use).replaceAll(/\s+/g, ' ').slice(0, MAX_USE_CHARACTERS);
    return [`  - ${decision.decision}: ${what}${reason}`];
  });
  if (decided.length === 0) return [];
  return ['## What a person decided about your questions', ...decided.slice(-MAX_DECISIONS), ''];
}

function noteLine({ iteration, source, text }: CarriedNote): string {
  return `  - ${text} (${source}, ${iteration === 0 ? 'base' : `iteration ${iteration}`})`;
}

/** Each with where it comes from, so that it can be weighed; and what was told once and is no longer so. */
function carriedLines({ notes, dropped, left }: Carried): readonly string[] {
  const told = [...notes.map(noteLine), ...(left > 0 ? [`  - and ${left} more that are left out`] : [])];
  const gone = dropped.filter(({ note }) => note.kind !== 'tried' && note.kind !== 'limit');
  return [
    ...(notes.length === 0 ? [] : ['## What the checks showed so far', ...told, '']),
    ...(gone.length === 0
      ? []
      : ['## Told before, no longer so', ...gone.map(({ note, reason }) => `  - ${note.text}: ${reason}`), '']),
  ];
}

/** The text of the next prompt. */
export function composePrompt(state: RunState, carried: Carried = carry(state)): string {
  const iteration = currentIteration(state);
  const red = state.baseline.filter((check) => check.conclusion !== 'success');
  const evidence =
    iteration === null
      ? ['## Before any change', ...(red.length > 0 ? resultLines(state, red) : ['  Every check passes.'])]
      : lastIterationLines(state, iteration);
  return [
    '## Task',
    state.task.goal,
    '',
    '## Accepted when',
    ...acceptanceLines(state),
    '',
    '## Boundaries',
    ...boundaryLines(state),
    '',
    ...rejectionLines(state),
    ...personsWords(state),
    ...carriedLines(carried),
    ...evidence,
    '',
  ].join('\n');
}
