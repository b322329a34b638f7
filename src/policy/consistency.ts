/** Rules between keys, which a schema of single values cannot say. */
import { MEASURE_REPORT_FORMATS } from '../core/check.ts';
import { BUILT_IN_CLASSES } from './classes.ts';
import type { CheckSection, ClassSection, PolicyContent, SharedSections, ZoneSection } from './content.ts';
import { hasWildcard } from './file-rules.ts';
import { compileModelGlobs } from './model-globs.ts';
import { nearest } from './nearest.ts';
import { networkProblems } from './network-rules.ts';
import { DEFAULT_ZONES } from './risk-zones.ts';
import { ruleProblems } from './rule-problems.ts';
import { secretProblems } from './secret-rules.ts';
import type { SchemaProblem } from './schema-problems.ts';
import type { Path } from './yaml-tree.ts';

function hint(word: string, known: readonly string[]): string {
  const close = nearest(word, known);
  if (close !== null) return `did you mean \`${close}\`?`;
  return known.length === 0 ? 'there is none' : `known are ${known.map((name) => `\`${name}\``).join(', ')}`;
}

const MEASURES: ReadonlySet<string> = new Set(MEASURE_REPORT_FORMATS);

function ratchetProblems(id: string, { report, ratchet }: CheckSection): SchemaProblem[] {
  if (ratchet === undefined) return [];
  const path = ['checks', id, 'ratchet'];
  if (!MEASURES.has(report ?? '')) {
    const known = MEASURE_REPORT_FORMATS.map((format) => `\`${format}\``).join(', ');
    return [{ path, at: 'value', message: `\`ratchet\` needs a \`report\` that measures something: ${known}` }];
  }
  if (report === 'number' || ratchet === 'higher') return [];
  return [{ path, at: 'value', message: 'coverage that may only get lower guards nothing; say `ratchet: higher`' }];
}

function checkProblems(id: string, check: CheckSection): SchemaProblem[] {
  return [...reportFileProblems(id, check), ...ratchetProblems(id, check)];
}

function reportFileProblems(id: string, check: CheckSection): SchemaProblem[] {
  const path = ['checks', id, 'report-file'];
  const file = check['report-file'];
  if (file === undefined) return [];
  if (check.report === 'exit-code') {
    return [
      { path, at: 'value', message: '`report: exit-code` reads no file; remove `report-file`, or say `report: junit`' },
    ];
  }
  if (check.report === undefined) {
    return [
      {
        path,
        at: 'value',
        message: '`report-file` needs a `report` beside it that says how to read it, such as `junit`',
      },
    ];
  }
  if (check.report === 'tap' && hasWildcard(file)) {
    return [
      { path, at: 'value', message: `"${file}" is a glob; a TAP report is one file (globs are for other formats)` },
    ];
  }
  return [];
}

const ZONE_SETTINGS = ['paths', 'reason', 'owners', 'approvals', 'from', 'checks'] as const;

/** What is known where a zone is written: the zones above it, and the file around it. */
interface ZoneSurroundings {
  readonly around: Path;
  readonly inherited: ReadonlySet<string>;
  readonly content: PolicyContent;
}

function knownZoneProblems(zone: ZoneSection, path: Path): SchemaProblem[] {
  if (ZONE_SETTINGS.some((key) => zone[key] !== undefined)) return [];
  const message = `the zone \`${zone.name}\` changes nothing; give \`paths\` or \`reason\`, or remove it`;
  return [{ path, at: 'value', message }];
}

function newZoneProblems(zone: ZoneSection, path: Path, inherited: ReadonlySet<string>): SchemaProblem[] {
  if (zone.paths === 'off') {
    const advice = hint(zone.name, [...inherited]);
    const message = `there is no zone \`${zone.name}\` to turn off; ${advice}`;
    return [{ path: [...path, 'name'], at: 'value', message }];
  }
  const missing = zone.paths === undefined && zone.owners === undefined ? 'paths' : 'reason';
  if (missing === 'reason' && zone.reason !== undefined) return [];
  return [{ path, at: 'value', message: `the new zone \`${zone.name}\` needs \`${missing}\`` }];
}

/** Approvals that nobody could give. `above`: the zone of this name in the file, where `zone` is in a class. */
function approvalProblems(zone: ZoneSection, above: ZoneSection | undefined, path: Path): SchemaProblem[] {
  const most = above?.from;
  const strangers = most === undefined ? [] : (zone.from ?? []).filter((name) => !most.includes(name));
  const problems = strangers.map((name): SchemaProblem => ({
    path: [...path, 'from'],
    at: 'value',
    message: `\`${name}\` may not approve here: the file lets only ${most?.join(', ')} do so, and a class can only leave names out`,
  }));
  const from = zone.from ?? most;
  const approvals = Math.max(zone.approvals ?? 1, above?.approvals ?? 1);
  const people = new Set(from).size;
  if (from === undefined || people >= approvals) return problems;
  const key = zone.approvals === undefined ? 'from' : 'approvals';
  const message = `${approvals} approvals are asked for, and only ${people} may give one`;
  return [...problems, { path: [...path, key], at: 'value', message }];
}

function zoneDemandProblems(zone: ZoneSection, path: Path, { around, content }: ZoneSurroundings): SchemaProblem[] {
  const above = around.length === 0 ? undefined : content.risk?.find(({ name }) => name === zone.name);
  const ids = Object.keys(content.checks ?? {});
  const unknown = (zone.checks ?? []).filter((id) => !ids.includes(id));
  return [
    ...approvalProblems(zone, above, path),
    ...unknown.map((id): SchemaProblem => ({
      path: [...path, 'checks'],
      at: 'value',
      message: `there is no check \`${id}\`; ${hint(id, ids)}`,
    })),
  ];
}

function zoneProblems(sections: SharedSections, surroundings: ZoneSurroundings): SchemaProblem[] {
  const { around, inherited } = surroundings;
  const problems: SchemaProblem[] = [];
  const seen = new Set<string>();
  for (const [index, zone] of (sections.risk ?? []).entries()) {
    const path = [...around, 'risk', index];
    if (seen.has(zone.name)) {
      const message = `the zone \`${zone.name}\` is here twice; join their paths`;
      problems.push({ path: [...path, 'name'], at: 'value', message });
    }
    seen.add(zone.name);
    problems.push(
      ...(inherited.has(zone.name) ? knownZoneProblems(zone, path) : newZoneProblems(zone, path, inherited)),
      ...zoneDemandProblems(zone, path, surroundings),
    );
  }
  return problems;
}

function classProblems(name: string, entry: ClassSection, content: PolicyContent): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const known = [...new Set([...BUILT_IN_CLASSES.keys(), ...Object.keys(content.classes ?? {})])];
  if (entry.extends !== undefined && !known.includes(entry.extends)) {
    const advice = hint(entry.extends, known);
    problems.push({
      path: ['classes', name, 'extends'],
      at: 'value',
      message: `there is no class \`${entry.extends}\`; ${advice}`,
    });
  }
  const ids = Object.keys(content.checks ?? {});
  for (const [index, id] of (entry.checks ?? []).entries()) {
    if (ids.includes(id)) continue;
    problems.push({
      path: ['classes', name, 'checks', index],
      at: 'value',
      message: `there is no check \`${id}\`; ${hint(id, ids)}`,
    });
  }
  return problems;
}

/** A class that reaches itself by way of `extends`. One of the name of a built-in class may extend that one. */
function circularProblems(content: PolicyContent): SchemaProblem[] {
  const classes = content.classes ?? {};
  return Object.keys(classes).flatMap((name): SchemaProblem[] => {
    const seen: string[] = [];
    let current: string | undefined = name;
    while (current !== undefined && !seen.includes(current)) {
      seen.push(current);
      const parent: string | undefined = Object.hasOwn(classes, current) ? classes[current]?.extends : undefined;
      current = parent === current && BUILT_IN_CLASSES.has(current) ? undefined : parent;
    }
    if (current !== name) return [];
    const circle = [...seen, name].map((word) => `\`${word}\``).join(' -> ');
    return [
      { path: ['classes', name, 'extends'], at: 'value', message: `classes extend each other in a circle: ${circle}` },
    ];
  });
}

/** What only the gateway can keep is refused where it does not see the calls: a guard that cannot guard is no guard. */
export const GATEWAY_KEYS = ['allow', 'hosted-tools', 'max-output-tokens', 'quota-attempts'] as const;

function modelProblems({ models }: PolicyContent): SchemaProblem[] {
  if (models === undefined) return [];
  const unkept = models.metering === 'agent-claims' ? GATEWAY_KEYS.filter((key) => models[key] !== undefined) : [];
  const mayUse = compileModelGlobs(models.allow ?? ['**']);
  const refused = Object.keys(models.prices ?? {}).filter((model) => !mayUse(model));
  return [
    ...unkept.map((key): SchemaProblem => ({
      path: ['models', key],
      at: 'key',
      message: `\`${key}\` needs \`metering: gateway\`; with \`agent-claims\` nothing here sees the calls`,
    })),
    ...refused.map((model): SchemaProblem => ({
      path: ['models', 'prices', model],
      at: 'key',
      message: `the price of \`${model}\` is never used, because \`models.allow\` refuses that model; allow it, or remove the price`,
    })),
  ];
}

export function consistencyProblems(content: PolicyContent): readonly SchemaProblem[] {
  const builtIn = new Set(DEFAULT_ZONES.map((zone) => zone.name));
  const inFile = new Set([...builtIn, ...(content.risk ?? []).map((zone) => zone.name)]);
  const classes = Object.entries(content.classes ?? {});
  return [
    ...Object.entries(content.checks ?? {}).flatMap(([id, check]) => checkProblems(id, check)),
    ...zoneProblems(content, { around: [], inherited: builtIn, content }),
    ...classes.flatMap(([name, entry]) =>
      zoneProblems(entry, { around: ['classes', name], inherited: inFile, content }),
    ),
    ...classes.flatMap(([name, entry]) => classProblems(name, entry, content)),
    ...circularProblems(content),
    ...modelProblems(content),
    ...ruleProblems(content),
    ...networkProblems(content),
    ...secretProblems(content),
  ];
}
