/** The rules on hosts, from the file to what a run obeys, and what of them would never decide. */
import type { Ceiling } from '../core/limit.ts';
import { coversHost, showNetworkRule } from '../core/network.ts';
import type { NetworkRule, NetworkRules } from '../core/network.ts';
import { DEFAULT_EGRESS_BYTES } from './classes.ts';
import type { NetworkRuleSection, NetworkSection, PolicyContent } from './content.ts';
import { pick, type Layer } from './layers.ts';
import { readHosts } from './network-hosts.ts';
import type { Notes } from './origins.ts';
import type { SchemaProblem } from './schema-problems.ts';
import type { Path } from './yaml-tree.ts';

function rulesOf({ host: written, methods = 'read-only', reason }: NetworkRuleSection): readonly NetworkRule[] {
  const reading = readHosts(written);
  if (!reading.ok) return [];
  return reading.hosts.map(({ host, port, tls }) => ({
    host,
    port,
    tls,
    methods,
    preset: reading.preset,
    reason: reason ?? null,
  }));
}

export function allowedHosts(section: NetworkSection | undefined): readonly NetworkRule[] {
  return (section?.allow ?? []).flatMap(rulesOf);
}

/** The list of the most special class that has one, else that of the file. A grant never adds up by itself. */
export function resolveNetwork(notes: Notes, layers: readonly Layer[]): NetworkRules {
  const layer = layers.findLast(({ sections }) => sections.network?.allow !== undefined);
  notes.origins['network.allow'] = layer?.originOf('network.allow') ?? 'default';
  const rules = (layer?.sections.network?.allow ?? []).flatMap((section, at) =>
    rulesOf(section).map((rule) => ({ rule, origin: layer?.originOf(`network.allow.${at}`) ?? 'default' })),
  );
  for (const [at, { origin }] of rules.entries()) notes.origins[`network.allow.${at}`] = origin;
  const egressBytes = pick<Ceiling>(
    notes,
    'network.egressBytes',
    { value: DEFAULT_EGRESS_BYTES, origin: 'default' },
    layers.map(({ sections, originOf }) => ({
      value: sections.limits?.['egress-bytes'],
      origin: originOf('limits.egress-bytes'),
    })),
  );
  return { allow: rules.map(({ rule }) => rule), egressBytes };
}

export function coversRuleOfHost(wide: NetworkRule, narrow: NetworkRule): boolean {
  if (wide.port !== narrow.port || wide.tls !== narrow.tls) return false;
  if (wide.methods === 'read-only' && narrow.methods === 'any') return false;
  if (wide.host === narrow.host) return true;
  return wide.host.startsWith('*.') && coversHost(wide.host, narrow.host.replace(/^\*\./, 'x.'));
}

function idleProblem(sections: readonly NetworkRuleSection[], at: number, path: Path): SchemaProblem | null {
  const [section, rules] = [sections[at], sections.map(rulesOf)];
  const own = rules[at] ?? [];
  if (section === undefined || own.length === 0) return null;
  const here: Path = [...path, at];
  if (own[0]?.preset !== null && section.methods === 'any') {
    const message = `\`${section.host}\` is a list of registries, which are read-only; name the host itself to allow more`;
    return { path: [...here, 'methods'], at: 'value', message };
  }
  const shadow = sections.find((_, other) => {
    if (other === at) return false;
    const wider = rules[other] ?? [];
    if (!own.every((rule) => wider.some((wide) => coversRuleOfHost(wide, rule)))) return false;
    // Of two that say the same, the second is the idle one.
    return other < at || !wider.every((rule) => own.some((wide) => coversRuleOfHost(wide, rule)));
  });
  if (shadow === undefined) return null;
  const message = `\`${section.host}\` never decides: \`${shadow.host}\` allows everything it allows; remove one of the two`;
  return { path: here, at: 'value', message };
}

/** Every list of a file: its own, and those of its classes. */
function lists({ network, classes }: PolicyContent): readonly { path: Path; section: NetworkSection }[] {
  const top = network === undefined ? [] : [{ path: ['network', 'allow'], section: network }];
  const inClasses = Object.entries(classes ?? {}).flatMap(([name, entry]) =>
    entry.network === undefined ? [] : [{ path: ['classes', name, 'network', 'allow'], section: entry.network }],
  );
  return [...top, ...inClasses];
}

export function networkProblems(content: PolicyContent): readonly SchemaProblem[] {
  const all = lists(content);
  const granted = all.filter(({ section }) => (section.allow ?? []).length > 0);
  const unheld = content.sandbox === 'none' ? granted : [];
  const unfenced = Object.entries(content.checks ?? {}).filter(([, { network }]) => network === true);
  return [
    ...all.flatMap(({ path, section }) =>
      (section.allow ?? []).flatMap((_, at) => idleProblem(section.allow ?? [], at, path) ?? []),
    ),
    ...unheld.map(({ path }): SchemaProblem => ({
      path,
      at: 'key',
      message:
        '`network.allow` needs a sandbox: with `sandbox: none` every host can be reached, and nothing here sees it',
    })),
    ...(granted.length > 0 ? [] : unfenced).map(([id]): SchemaProblem => ({
      path: ['checks', id, 'network'],
      at: 'key',
      message: `\`network: true\` opens nothing, because no \`network.allow\` names a host`,
    })),
  ];
}

/** For a screen: what is allowed, a list of hosts by its name. */
export function networkWords({ allow }: NetworkRules): readonly string[] {
  const words = allow.map(
    (rule) => rule.preset ?? `${showNetworkRule(rule)}${rule.methods === 'any' ? ' (any method)' : ''}`,
  );
  return [...new Set(words)];
}
