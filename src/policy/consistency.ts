/** Rules between keys, which a schema of single values cannot say. */
import { BUILT_IN_CLASSES } from './classes.ts';
import type { CheckSection, ClassSection, PolicyContent, SharedSections } from './content.ts';
import { hasWildcard } from './file-rules.ts';
import { compileModelGlobs } from './model-globs.ts';
import { nearest } from './nearest.ts';
import { networkProblems } from './network-rules.ts';
import { DEFAULT_ZONES } from './risk-zones.ts';
import { ruleProblems } from './rule-problems.ts';
import type { SchemaProblem } from './schema-problems.ts';
import type { Path } from './yaml-tree.ts';

function hint(word: string, known: readonly string[]): string {
  const close = nearest(word, known);
  if (close !== null) return `did you mean \`${close}\`?`;
  return known.length === 0 ? 'there is none' : `known are ${known.map((name) => `\`${name}\``).join(', ')}`;
}

function checkProblems(id: string, check: CheckSection): SchemaProblem[] {
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

function zoneProblems(sections: SharedSections, around: Path, inherited: ReadonlySet<string>): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const seen = new Set<string>();
  for (const [index, zone] of (sections.risk ?? []).entries()) {
    const path = [...around, 'risk', index];
    if (seen.has(zone.name)) {
      problems.push({
        path: [...path, 'name'],
        at: 'value',
        message: `the zone \`${zone.name}\` is here twice; join their paths`,
      });
    }
    seen.add(zone.name);
    if (inherited.has(zone.name)) {
      if (zone.paths === undefined && zone.reason === undefined) {
        problems.push({
          path,
          at: 'value',
          message: `the zone \`${zone.name}\` changes nothing; give \`paths\` or \`reason\`, or remove it`,
        });
      }
    } else if (zone.paths === 'off') {
      const advice = hint(zone.name, [...inherited]);
      problems.push({
        path: [...path, 'name'],
        at: 'value',
        message: `there is no zone \`${zone.name}\` to turn off; ${advice}`,
      });
    } else if (zone.paths === undefined || zone.reason === undefined) {
      const missing = zone.paths === undefined ? 'paths' : 'reason';
      problems.push({ path, at: 'value', message: `the new zone \`${zone.name}\` needs \`${missing}\`` });
    }
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
const GATEWAY_KEYS = ['allow', 'hosted-tools', 'max-output-tokens', 'quota-attempts'] as const;

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
    ...zoneProblems(content, [], builtIn),
    ...classes.flatMap(([name, entry]) => zoneProblems(entry, ['classes', name], inFile)),
    ...classes.flatMap(([name, entry]) => classProblems(name, entry, content)),
    ...circularProblems(content),
    ...modelProblems(content),
    ...ruleProblems(content),
    ...networkProblems(content),
  ];
}
