/** How each limit is written and shown: the one place that joins a limit's name, its key and its unit. */
import { LoopwrightError } from '../core/errors.ts';
import type { Ceiling, LimitName } from '../core/limit.ts';
import type { LimitsSection } from './content.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatUsd,
  parseBytes,
  parseCount,
  parseDuration,
  parseUsd,
  UNLIMITED,
  type Parsed,
} from './quantities.ts';

export interface LimitForm {
  /** Key under `limits` in `loopwright.yaml`. */
  readonly key: Exclude<keyof LimitsSection, 'daily-cost-usd' | 'egress-bytes'>;
  readonly flag: string;
  /** For a table of limits. */
  readonly label: string;
  /** How to write it, after "expected". */
  readonly expects: string;
  /** The kind of quantity, for the reference. */
  readonly kind: string;
  readonly parse: (written: string | number) => Parsed;
  readonly format: (value: number) => string;
  /** As it is written in a policy file. */
  readonly write: (ceiling: Ceiling) => string | number;
}

function asNumber(ceiling: Ceiling): string | number {
  return ceiling;
}

function asDuration(ceiling: Ceiling): string {
  return ceiling === UNLIMITED ? UNLIMITED : formatDuration(ceiling);
}

function asBytes(ceiling: Ceiling): string {
  return ceiling === UNLIMITED ? UNLIMITED : formatBytes(ceiling);
}

export const LIMIT_FORMS: Readonly<Record<LimitName, LimitForm>> = {
  iterations: {
    key: 'iterations',
    flag: '--max-iterations',
    label: 'iterations',
    expects: 'a whole number',
    kind: 'count',
    parse: parseCount,
    format: formatCount,
    write: asNumber,
  },
  wallTimeMs: {
    key: 'wall-time',
    flag: '--max-time',
    label: 'wall time',
    expects: 'a duration such as `30m`',
    kind: 'duration',
    parse: parseDuration,
    format: formatDuration,
    write: asDuration,
  },
  idleMs: {
    key: 'idle',
    flag: '--max-idle',
    label: 'idle',
    expects: 'a duration such as `10m`',
    kind: 'duration',
    parse: parseDuration,
    format: formatDuration,
    write: asDuration,
  },
  changedFiles: {
    key: 'changed-files',
    flag: '--max-files',
    label: 'changed files',
    expects: 'a whole number',
    kind: 'count',
    parse: parseCount,
    format: formatCount,
    write: asNumber,
  },
  changedLines: {
    key: 'changed-lines',
    flag: '--max-lines',
    label: 'changed lines',
    expects: 'a whole number',
    kind: 'count',
    parse: parseCount,
    format: formatCount,
    write: asNumber,
  },
  outputBytes: {
    key: 'output',
    flag: '--max-output',
    label: 'output',
    expects: 'a size such as `16 MiB`',
    kind: 'size',
    parse: parseBytes,
    format: formatBytes,
    write: asBytes,
  },
  tokens: {
    key: 'tokens',
    flag: '--max-tokens',
    label: 'tokens',
    expects: 'a whole number such as `2M`',
    kind: 'count',
    parse: parseCount,
    format: formatCount,
    write: asNumber,
  },
  costUsd: {
    key: 'cost-usd',
    flag: '--max-cost',
    label: 'cost',
    expects: 'an amount in US dollars',
    kind: 'US dollars',
    parse: parseUsd,
    format: formatUsd,
    write: asNumber,
  },
};

export function formatCeiling(limit: LimitName, ceiling: Ceiling): string {
  return ceiling === UNLIMITED ? UNLIMITED : LIMIT_FORMS[limit].format(ceiling);
}

/** A limit as written, in the policy or on the command line. */
export function parseCeiling(limit: LimitName, written: string | number): Parsed<Ceiling> {
  if (typeof written === 'string' && written.trim() === UNLIMITED) return { ok: true, value: UNLIMITED };
  const parsed = LIMIT_FORMS[limit].parse(written);
  return parsed.ok ? parsed : { ok: false, problem: `${parsed.problem} (or the word \`unlimited\` for no ceiling)` };
}

/** Reads the value of a limit's command-line flag. Throws `LW_USAGE` with the value seen and how to write it. */
export function parseLimitFlag(limit: LimitName, text: string): Ceiling {
  const form = LIMIT_FORMS[limit];
  const parsed = parseCeiling(limit, text);
  if (parsed.ok) return parsed.value;
  throw new LoopwrightError('LW_USAGE', {
    message: `${form.flag}: ${parsed.problem}`,
    next: `Give ${form.flag} ${form.expects} above zero, or the word \`unlimited\`.`,
    details: { flag: form.flag, value: text },
  });
}
