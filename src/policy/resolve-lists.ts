/** The lists of a resolved policy: protected files, paths and risk zones. What restricts only adds up. */
import type { ResolvedPolicy, RiskZone } from '../core/policy.ts';
import type { ClassChain } from './class-chain.ts';
import { DEFAULT_DEPENDENCIES } from './classes.ts';
import { ownedGlobs, type CodeOwners } from './owned-paths.ts';
import type { ZoneSection } from './content.ts';
import { pick, type Layer } from './layers.ts';
import type { Notes } from './origins.ts';
import { POLICY_FILE } from './protected-files.ts';
import { DEFAULT_ZONES, hasDiffRules } from './risk-zones.ts';

/**
 * Globs that add up, then the exceptions (`!glob`), then the policy itself, which no exception reaches. The last match
 * wins, see `globs.ts`.
 */
export function resolveProtect(notes: Notes, chain: ClassChain, layers: readonly Layer[]): readonly string[] {
  const globs = [...chain.builtIn.protect];
  const except: string[] = [];
  const origins = [`class ${chain.builtIn.name}`];
  for (const { sections, originOf } of layers) {
    if (sections.protect === undefined) continue;
    globs.push(...(sections.protect.files ?? []));
    except.push(...(sections.protect.except ?? []).map((glob) => `!${glob}`));
    origins.push(originOf('protect'));
  }
  notes.origins['protect'] = origins.join(', ');
  const last = except.length > 0 ? [...except, POLICY_FILE] : [];
  return [...new Set(globs), ...last];
}

/** The scope: a class of the file replaces; otherwise what the file allows narrows what the built-in class allows. */
export function resolvePaths(notes: Notes, chain: ClassChain, layers: readonly Layer[]): ResolvedPolicy['paths'] {
  const [top, ...special] = layers;
  const classAllow = special.findLast(({ sections }) => sections.paths?.allow !== undefined);
  const deny: string[] = [];
  const denyOrigins: string[] = [];
  let allow: readonly string[] = chain.builtIn.allow ?? ['**'];
  notes.origins['paths.allow'] = chain.builtIn.allow === null ? 'default' : `class ${chain.builtIn.name}`;
  const topAllow = top?.sections.paths?.allow;
  if (classAllow?.sections.paths?.allow !== undefined) {
    allow = classAllow.sections.paths.allow;
    notes.origins['paths.allow'] = classAllow.originOf('paths.allow');
  } else if (top !== undefined && topAllow !== undefined) {
    if (chain.builtIn.allow === null) {
      allow = topAllow;
      notes.origins['paths.allow'] = top.originOf('paths.allow');
    } else {
      // Both have to allow: everything is denied but what the file allows.
      deny.push('**', ...topAllow.map((glob) => `!${glob}`));
      denyOrigins.push(top.originOf('paths.allow'));
    }
  }
  for (const { sections, originOf } of layers) {
    if (sections.paths?.deny === undefined) continue;
    deny.push(...sections.paths.deny);
    denyOrigins.push(originOf('paths.deny'));
  }
  notes.origins['paths.deny'] = denyOrigins.length === 0 ? 'default' : denyOrigins.join(', ');
  const dependencies = pick<readonly string[]>(
    notes,
    'paths.dependencies',
    { value: DEFAULT_DEPENDENCIES, origin: 'default' },
    layers.map(({ sections, originOf }) => ({
      value: sections.paths?.dependencies,
      origin: originOf('paths.dependencies'),
    })),
  );
  const shown = layers.filter(({ sections }) => sections.paths?.unmask !== undefined);
  const unmask = shown.flatMap(({ sections }) => sections.paths?.unmask ?? []);
  notes.origins['paths.unmask'] =
    shown.length === 0 ? 'default' : shown.map(({ originOf }) => originOf('paths.unmask')).join(', ');
  return { allow, deny, dependencies, unmask };
}

export function resolveZones(
  notes: Notes,
  layers: readonly Layer[],
  codeOwners: CodeOwners | null,
): readonly RiskZone[] {
  const zones = new Map<string, RiskZone>(DEFAULT_ZONES.map((zone) => [zone.name, zone]));
  for (const zone of DEFAULT_ZONES) notes.origins[`risk.${zone.name}`] = 'default';
  for (const { sections, originOf } of layers) {
    for (const [index, zone] of (sections.risk ?? []).entries()) {
      notes.origins[`risk.${zone.name}`] = originOf(`risk.${index}`);
      const changed = changeZone(zones.get(zone.name), zone, codeOwners);
      if (changed === null) zones.delete(zone.name);
      else zones.set(zone.name, changed);
    }
  }
  return [...zones.values()];
}

const NEW_ZONE: Pick<RiskZone, 'paths' | 'reason'> = { paths: [], reason: 'Named in the policy.' };

/** What restricts adds up: owned paths and approvals grow, who may approve only shrinks. */
function changeZone(known: RiskZone | undefined, zone: ZoneSection, codeOwners: CodeOwners | null): RiskZone | null {
  if (zone.paths === 'off') return null;
  const before: Omit<RiskZone, 'name'> = known ?? NEW_ZONE;
  const owners = [...new Set([...(before.owners ?? []), ...(zone.owners ?? [])])];
  const approvals = Math.max(zone.approvals ?? 1, before.approvals ?? 1);
  const from = narrowed(before.from, zone.from);
  return {
    name: zone.name,
    paths: zone.paths ?? before.paths,
    reason: zone.reason ?? before.reason,
    readsDiff: hasDiffRules(zone.name),
    ...(owners.length === 0 ? {} : { owners, owned: codeOwners === null ? [] : ownedGlobs(codeOwners, owners) }),
    ...(approvals === 1 ? {} : { approvals }),
    ...(from === undefined ? {} : { from }),
  };
}

/** Who is in both; undefined is everybody. */
function narrowed(one: readonly string[] | undefined, other: readonly string[] | undefined): RiskZone['from'] {
  if (one === undefined) return other;
  return other?.filter((name) => one.includes(name)) ?? one;
}
