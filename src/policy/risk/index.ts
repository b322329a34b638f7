/** Reads the lines of a change for what they do, whatever file they do it in. */
import type { RiskZone } from '../../core/policy.ts';
import { UNREAD_ZONE, type DiffLine, type FileDiff, type RiskFinding } from '../../core/risk.ts';
import type { RiskReader } from '../../ports/workspace.ts';
import { ACCESS_RULES } from './access.ts';
import { DATA_RULES } from './data.ts';
import { OUTSIDE_RULES } from './outside.ts';
import { PUBLIC_API_RULES } from './public-api.ts';
import type { DiffRule, ReadFile } from './rule.ts';
import { SUPPLY_RULES } from './supply.ts';

/** Every rule, by zone. */
export const DIFF_RULES: readonly DiffRule[] = [
  ...SUPPLY_RULES,
  ...ACCESS_RULES,
  ...OUTSIDE_RULES,
  ...DATA_RULES,
  ...PUBLIC_API_RULES,
];

const MOST_SHOWN = 160;

function shown(what: string, text: string | null): string {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return what;
  return `${what}: ${trimmed.length > MOST_SHOWN ? `${trimmed.slice(0, MOST_SHOWN)} [...]` : trimmed}`;
}

function counts(lines: readonly DiffLine[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { text } of lines) found.set(text, (found.get(text) ?? 0) + 1);
  return found;
}

/** Without the lines that are on the other side as well: those were moved. */
function without(lines: readonly DiffLine[], others: readonly DiffLine[]): readonly DiffLine[] {
  const left = counts(others);
  return lines.filter(({ text }) => {
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    return count === 0;
  });
}

function readFile({ path, added, removed }: FileDiff): ReadFile {
  return { path, added: without(added, removed), removed: without(removed, added) };
}

/** Findings by file, then by rule. Only for zones of the policy that read diffs. Pure. */
export function riskReader(zones: readonly RiskZone[]): RiskReader {
  const reading = new Set(zones.filter(({ readsDiff }) => readsDiff === true).map(({ name }) => name));
  const rules = DIFF_RULES.filter(({ zone }) => reading.has(zone));
  if (rules.length === 0) return () => [];
  return (files) =>
    files.flatMap((file): readonly RiskFinding[] => {
      const { path } = file;
      const read = readFile(file);
      const findings = rules.flatMap((rule) =>
        rule.find(read).map(({ side, line, text }) => ({
          zone: rule.zone,
          rule: rule.id,
          path,
          side,
          line,
          message: shown(rule.what, text),
        })),
      );
      if (file.complete) return findings;
      const message = 'is too long to be read to its end';
      return [...findings, { zone: UNREAD_ZONE, rule: UNREAD_ZONE, path, side: 'added', line: null, message }];
    });
}
