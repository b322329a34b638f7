/**
 * What the lines of a change do that is risky, whatever file they are in. Said with every line: the hold itself comes from the
 * zones of the files, which name the same zones.
 */
import type { Finding } from '../finding.ts';
import { riskPlace, type RiskFinding } from '../risk.ts';
import type { RunState } from '../state.ts';
import { newestChange } from '../state.ts';
import type { Detector } from './detector.ts';

/** Enough to look at; the whole list is in the log. */
const MAX_FINDINGS = 20;

/** The first of each zone and file before the others of the same. */
function inTurn(risks: readonly RiskFinding[]): readonly RiskFinding[] {
  const seen = new Set<string>();
  const first: RiskFinding[] = [];
  const others: RiskFinding[] = [];
  for (const risk of risks) {
    const key = `${risk.zone} ${risk.path}`;
    (seen.has(key) ? others : first).push(risk);
    seen.add(key);
  }
  return [...first, ...others];
}

export const riskLines: Detector = {
  id: 'risk-lines',
  summary:
    'Lines of the change do what a risk zone stands for: change a schema, drop a check of who may, add a credential.',
  detect(state: RunState): readonly Finding[] {
    const risks = newestChange(state)?.risks ?? [];
    return inTurn(risks)
      .slice(0, MAX_FINDINGS)
      .map((risk) => ({
        detector: 'risk-lines',
        severity: 'note',
        message: `${riskPlace(risk)} ${risk.message} (risk zone ${risk.zone}${risk.side === 'removed' ? ', line of the base' : ''})`,
        location: risk.path,
      }));
  },
};
