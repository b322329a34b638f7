/** What a run is about, before it does anything: one line each for task, class, agent, base, sandbox and limits. */
import type { CloudFacts } from '../../core/cloud-event.ts';
import type { SandboxReport } from '../../core/event.ts';
import { LIMIT_NAMES } from '../../core/limit.ts';
import type { Limits } from '../../core/limit.ts';
import type { ResolvedPolicy } from '../../core/policy.ts';
import type { RunState } from '../../core/state.ts';
import { cloudWords } from '../../report/cloud-words.ts';
import { clip, prose, visible } from '../../report/escape.ts';
import { LIMIT_LABELS, limitPhrase } from '../../report/phrases.ts';
import { count, short } from '../../report/words.ts';
import { below, fact } from './facts.ts';
import type { Page } from './facts.ts';

/** What `run.started` and the state of a run both hold. */
export type RunFacts = Pick<RunState, 'task' | 'policy' | 'policyHash' | 'base' | 'sandbox' | 'loopwright'> &
  Partial<Pick<RunState, 'unenforced'>> & {
    /** Absent or null: the agent works in the sandbox. */
    readonly cloud?: CloudFacts | null;
  };

const MAX_GOAL = 400;

function limitsWords(limits: Limits): string {
  const finite: string[] = [];
  const open: string[] = [];
  for (const name of LIMIT_NAMES) {
    const ceiling = limits[name];
    if (ceiling === 'unlimited') open.push(LIMIT_LABELS[name]);
    else finite.push(limitPhrase(name, ceiling));
  }
  const words = finite.length === 0 ? 'none' : finite.join(', ');
  return open.length === 0 ? words : `${words}; unlimited: ${open.join(', ')}`;
}

function unconfined(page: Page, name: string): readonly string[] {
  const { red, bold } = page.palette;
  const warning = `${name}: NOT CONFINED. The agent can reach every file, secret and network that you can.`;
  return fact(page, 'sandbox', warning, (text) => bold(red(text)));
}

function sandboxName(sandbox: SandboxReport): string {
  return visible(sandbox.version === null ? sandbox.id : `${sandbox.id} ${sandbox.version}`);
}

/** What is confined, by its headings: how exactly is in `doctor` and the report. */
function confines(page: Page, sandbox: SandboxReport): readonly string[] {
  const name = sandboxName(sandbox);
  if (!sandbox.confines) return unconfined(page, name);
  const headings = Object.keys(sandbox.enforced).map(visible).join(', ');
  return fact(page, 'sandbox', headings === '' ? name : `${name}, confines: ${headings}`);
}

/** With every gap on a line of its own. */
export function sandboxLines(page: Page, sandbox: SandboxReport): readonly string[] {
  if (!sandbox.confines) return confines(page, sandbox);
  return [...confines(page, sandbox), ...sandbox.gaps.flatMap((gap) => below(page, `not enforced: ${visible(gap)}`))];
}

/** At the start of a run the number of gaps is enough. */
function sandboxHeadings(page: Page, runId: string, sandbox: SandboxReport): readonly string[] {
  if (!sandbox.confines || sandbox.gaps.length === 0) return confines(page, sandbox);
  const gaps = `${count(sandbox.gaps.length, 'gap')}: \`loopwright show ${visible(runId)}\` names them`;
  return [...confines(page, sandbox), ...below(page, gaps)];
}

/** Loud, and with every gap: for such an agent the sandbox below holds for the checks alone. */
export function agentLines(page: Page, driver: string, cloud: CloudFacts | null): readonly string[] {
  if (cloud === null) return fact(page, 'agent', visible(driver));
  const { red, bold } = page.palette;
  const warning = `${visible(driver)}: NOT CONFINED, NOT METERED: ${prose(cloudWords(cloud))}`;
  return [
    ...fact(page, 'agent', warning, (text) => bold(red(text))),
    ...cloud.gaps.flatMap((gap) => below(page, `not enforced: ${visible(gap)}`)),
  ];
}

function checksWords(facts: RunFacts): string {
  return facts.policy.checks
    .map((spec) => `${visible(spec.id)} (${spec.report === 'exit-code' ? 'exit code only' : spec.report})`)
    .join(', ');
}

/** Whose rules of the host lie above the policy of the repository; nothing where there are none. */
export function layerLines(page: Page, { layers = [] }: Pick<ResolvedPolicy, 'layers'>): readonly string[] {
  if (layers.length === 0) return [];
  const words = layers.map(({ level, file, hash }) => `${level} ${visible(file)} (${short(hash)})`);
  return fact(page, 'layers', words.join(', '));
}

export function header(page: Page, runId: string, facts: RunFacts): readonly string[] {
  const { policy, task, base } = facts;
  const owner = policy.owner === null ? '' : `, owner ${visible(policy.owner)}`;
  return [
    page.palette.bold(`run ${visible(runId)}`),
    ...fact(page, 'task', clip(prose(task.goal), MAX_GOAL)),
    ...fact(page, 'class', `${visible(policy.class.name)}: ${prose(policy.class.summary)}`),
    ...agentLines(page, policy.agent.driver, facts.cloud ?? null),
    ...fact(page, 'base', `${visible(base.name)} ${visible(short(base.commit))} of ${visible(task.repository)}`),
    ...fact(page, 'checks', checksWords(facts)),
    ...sandboxHeadings(page, runId, facts.sandbox),
    ...(facts.unenforced ?? []).flatMap((gap) => below(page, `not enforced: ${prose(gap)}`, page.palette.yellow)),
    ...fact(page, 'limits', limitsWords(policy.limits)),
    ...fact(page, 'policy', `${visible(short(facts.policyHash))}${owner}`),
    ...layerLines(page, policy),
  ];
}
