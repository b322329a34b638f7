/** What a policy says of a path that a change touches: scope, protection, zones, each with the glob or line that decides. */
import { LoopwrightError } from '../core/errors.ts';
import type { DetectorAction, ResolvedPolicy, RiskZone } from '../core/policy.ts';
import { owningRule } from './code-owners.ts';
import { workspacePath } from './commands/paths.ts';
import { compileGlobs, readPath, type CaseRule } from './globs.ts';
import type { CodeOwners } from './owned-paths.ts';
import type { PolicyOrigins } from './origins.ts';

export interface ExplainedZone {
  readonly name: string;
  readonly reason: string;
  /** The glob that takes the path in; for a zone by owner, the pattern of CODEOWNERS. */
  readonly by: string;
  /** `default`, `loopwright.yaml:12`, `CODEOWNERS:3`. */
  readonly origin: string;
  readonly approvals: number;
  /** Whose approvals count; null: anybody's. */
  readonly from: readonly string[] | null;
}

export interface ExplainedPath {
  readonly path: string;
  readonly as: 'change';
  readonly decision: 'accept' | 'hold' | 'refuse';
  readonly why: string;
  /** Where it exists on the base. */
  readonly protectedBy: string | null;
  /** What comes of an edit of it then; null where nothing protects it. */
  readonly protectedEdit: DetectorAction | null;
  readonly zones: readonly ExplainedZone[];
  /** By CODEOWNERS; empty where nobody is named. */
  readonly owners: readonly string[];
  /** Lines of CODEOWNERS that could not be read. */
  readonly problems: readonly string[];
}

/** The glob of an ordered list that decides for the path; null where none takes it in. */
function deciding(globs: readonly string[], path: string, rule: CaseRule): string | null {
  const readings = readPath(path);
  if (!compileGlobs(globs, rule)(readings)) return null;
  return globs.findLast((glob) => !glob.startsWith('!') && compileGlobs([glob], rule)(readings)) ?? null;
}

export interface PathQuestion {
  readonly path: string;
  readonly policy: ResolvedPolicy;
  readonly origins: PolicyOrigins;
  readonly codeOwners: CodeOwners | null;
}

function explainZone(zone: RiskZone, { path, origins, codeOwners }: PathQuestion): ExplainedZone | null {
  const { name, reason } = zone;
  const demands = { approvals: zone.approvals ?? 1, from: zone.from ?? null };
  const glob = deciding(zone.paths, path, 'folded');
  if (glob !== null) return { name, reason, by: glob, origin: origins[`risk.${name}`] ?? 'default', ...demands };
  if (codeOwners === null || deciding(zone.owned ?? [], path, 'exact') === null) return null;
  const rule = owningRule(codeOwners, path);
  return { name, reason, by: rule?.pattern ?? path, origin: `${codeOwners.fileName}:${rule?.line ?? 0}`, ...demands };
}

/** As a change would name it: relative to the top of the repository. Throws `LW_USAGE` for what no change can touch. */
function changedPath(written: string): string {
  const path = workspacePath(written);
  if (path !== null) return path;
  throw new LoopwrightError('LW_USAGE', {
    message: `${JSON.stringify(written)} is no path in the repository, and a change touches nothing else`,
    next: 'Write it from the top of the repository: `src/auth/login.ts`.',
  });
}

/** Pure. What lines of a change do is not known here: they may add zones. */
export function explainPath(asked: PathQuestion): ExplainedPath {
  const question = { ...asked, path: changedPath(asked.path) };
  const { path, policy, codeOwners } = question;
  const zones = policy.risk.flatMap((zone) => explainZone(zone, question) ?? []);
  const denied = deciding(policy.paths.deny, path, 'folded');
  const allowed = deciding(policy.paths.allow, path, 'exact');
  const protectedBy = deciding(policy.protect, path, 'folded');
  const ruling = ((): Pick<ExplainedPath, 'decision' | 'why'> => {
    if (denied !== null) return { decision: 'refuse', why: `\`paths.deny\` has ${denied}` };
    if (allowed === null) return { decision: 'refuse', why: '`paths.allow` does not have it' };
    if (zones.length > 0) return { decision: 'hold', why: `it lies in ${zones.map(({ name }) => name).join(', ')}` };
    return { decision: 'accept', why: 'it lies in no risk zone; what its lines do may still be one' };
  })();
  return {
    path,
    as: 'change',
    ...ruling,
    protectedBy,
    protectedEdit: protectedBy === null ? null : policy.detectors.protectedEdit,
    zones,
    owners: codeOwners === null ? [] : (owningRule(codeOwners, path)?.owners ?? []),
    problems: (codeOwners?.problems ?? []).map(({ line, message }) => `${codeOwners?.fileName}:${line} ${message}`),
  };
}
