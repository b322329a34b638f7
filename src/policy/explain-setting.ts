/** What a policy says of one limit or of one risk zone, and where it says so. */
import { LoopwrightError } from '../core/errors.ts';
import { LIMIT_NAMES } from '../core/limit.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { DEFAULT_DAILY_COST_USD, DEFAULT_LIMITS } from './classes.ts';
import { formatCeiling, LIMIT_FORMS } from './limit-quantities.ts';
import type { PolicyFile } from './content.ts';
import { askedFor, type AskedFor } from './explain-key.ts';
import { nearest } from './nearest.ts';
import type { ResolvedWithOrigins } from './resolve.ts';

export interface ExplainedLimit {
  readonly subject: string;
  readonly as: 'limit';
  readonly class: string;
  /** With its unit, or `unlimited`. */
  readonly ceiling: string;
  /** `default`, `class fix`, `loopwright.yaml:12`. */
  readonly origin: string;
  /** What it is where nothing is said. */
  readonly preset: string;
  /** The flag of `run` that changes it for one run; null where there is none. */
  readonly flag: string | null;
  /** What each layer says, from the widest to the narrowest; absent where the host has none. */
  readonly asked?: readonly AskedFor[];
}

export interface ExplainedRisk {
  readonly subject: string;
  readonly as: 'risk';
  readonly reason: string;
  readonly origin: string;
  readonly paths: readonly string[];
  /** The lines of a change count too. */
  readonly readsDiff: boolean;
  readonly owners: readonly string[];
  readonly approvals: number;
  /** Whose approvals count; null: anybody's. */
  readonly from: readonly string[] | null;
  /** What each layer says of the zone for every class; absent where the host has none. */
  readonly asked?: readonly AskedFor[];
}

function unknown(kind: string, subject: string, known: readonly string[]): LoopwrightError {
  const close = nearest(subject, known);
  return new LoopwrightError('LW_USAGE', {
    message: `there is no ${kind} "${subject}"${close === null ? '' : `; did you mean \`${close}\`?`}`,
    next: known.length === 0 ? `The policy has no ${kind}.` : `It is one of ${known.join(', ')}.`,
    details: { subject, known },
  });
}

interface LimitEntry extends Pick<ExplainedLimit, 'ceiling' | 'preset' | 'flag'> {
  readonly key: string;
  /** In `PolicyOrigins`. */
  readonly leaf: string;
}

/** Keys as in the policy file, and the scopes of a day's cost. */
function limitEntries({ limits, dailyCostUsd }: ResolvedPolicy): readonly LimitEntry[] {
  const own = LIMIT_NAMES.map((name): LimitEntry => {
    const { key, flag } = LIMIT_FORMS[name];
    const preset = formatCeiling(name, DEFAULT_LIMITS[name]);
    return { key, ceiling: formatCeiling(name, limits[name]), preset, flag, leaf: `limits.${name}` };
  });
  const daily = (['class', 'repository', 'all'] as const).map((scope): LimitEntry => {
    const preset = formatCeiling('costUsd', DEFAULT_DAILY_COST_USD[scope]);
    const ceiling = formatCeiling('costUsd', dailyCostUsd[scope]);
    return { key: `daily-cost-usd.${scope}`, ceiling, preset, flag: null, leaf: `dailyCostUsd.${scope}` };
  });
  return [...own, ...daily];
}

/** Pure. Throws `LW_USAGE` for what is no limit. `subject`: `cost-usd`, `limits.cost-usd`, `daily-cost-usd.class`. */
export function explainLimit(
  { policy, origins }: ResolvedWithOrigins,
  subject: string,
  file: PolicyFile | null = null,
): ExplainedLimit {
  const entries = limitEntries(policy);
  const found = entries.find(({ key }) => key === subject.replace(/^limits\./, ''));
  if (found === undefined)
    throw unknown(
      'limit',
      subject,
      entries.map(({ key }) => key),
    );
  const { key, ceiling, preset, flag, leaf } = found;
  const origin = origins[leaf] ?? 'default';
  const asked = file?.stack === undefined ? {} : { asked: askedFor(file, `limits.${key}`) };
  return { subject, as: 'limit', class: policy.class.name, ceiling, origin, preset, flag, ...asked };
}

/** Pure. Throws `LW_USAGE` for what is no risk zone of the policy. */
export function explainRisk(
  { policy, origins }: ResolvedWithOrigins,
  subject: string,
  file: PolicyFile | null = null,
): ExplainedRisk {
  const zone = policy.risk.find(({ name }) => name === subject);
  if (zone === undefined)
    throw unknown(
      'risk zone',
      subject,
      policy.risk.map(({ name }) => name),
    );
  const at = file?.content.risk?.findIndex(({ name }) => name === subject) ?? -1;
  return {
    subject,
    as: 'risk',
    reason: zone.reason,
    origin: origins[`risk.${subject}`] ?? 'default',
    paths: zone.paths,
    readsDiff: zone.readsDiff === true,
    owners: zone.owners ?? [],
    approvals: zone.approvals ?? 1,
    from: zone.from ?? null,
    ...(file?.stack === undefined ? {} : { asked: askedFor(file, `risk.${at}`) }),
  };
}
