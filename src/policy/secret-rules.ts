/** The rules on secrets, from the file to what a run obeys, and what of them could never be. */
import { coversHost } from '../core/network.ts';
import { readHostName } from '../core/host-name.ts';
import type { SecretRule } from '../core/secret-rule.ts';
import type { PolicyContent, PolicyFile, SecretSection } from './content.ts';
import { allowedHosts } from './network-rules.ts';
import { fileOrigin, type Notes } from './origins.ts';
import type { SchemaProblem } from './schema-problems.ts';

function variableOf(name: string, section: SecretSection): string {
  return (
    section.variable ??
    name
      .toUpperCase()
      .replaceAll('-', '_')
      .replace(/^(?=[0-9])/, '_')
  );
}

function canonical(host: string): string {
  const reading = readHostName(host);
  return reading.ok ? reading.host : host;
}

/** Only the top of the file has them: what a secret is for does not depend on the task. */
export function resolveSecrets(notes: Notes, file: PolicyFile | null): readonly SecretRule[] {
  const sections = Object.entries(file?.content.secrets ?? {});
  return sections.map(([name, section]) => {
    if (file !== null) notes.origins[`secrets.${name}`] = fileOrigin(file, `secrets.${name}`);
    return {
      name,
      variable: variableOf(name, section),
      hosts: (section.for ?? []).map(canonical),
      checks: section.checks ?? [],
      reason: section.reason ?? null,
    };
  });
}

/** Hosts that some list of the file lets requests in TLS to: that of a class may be the only one. */
function reachable(content: PolicyContent): (host: string) => boolean {
  const sections = [content.network, ...Object.values(content.classes ?? {}).map(({ network }) => network)];
  const rules = sections.flatMap(allowedHosts).filter(({ tls }) => tls);
  return (host) => rules.some((rule) => coversHost(rule.host, canonical(host)));
}

export function secretProblems(content: PolicyContent): readonly SchemaProblem[] {
  const reaches = reachable(content);
  const taken = new Map(Object.keys(content.environment ?? {}).map((variable) => [variable, 'environment']));
  const problems: SchemaProblem[] = [];
  for (const [name, section] of Object.entries(content.secrets ?? {})) {
    const path = ['secrets', name];
    const say = (message: string, ...rest: readonly (string | number)[]): void => {
      problems.push({ path: [...path, ...rest], at: rest.length === 0 ? 'key' : 'value', message });
    };
    if (section.for === undefined && section.checks === undefined)
      say(`the secret \`${name}\` is for nothing; name hosts in \`for\`, or checks in \`checks\``);
    for (const [at, host] of (section.for ?? []).entries())
      if (!reaches(host))
        say(`no rule of \`network.allow\` lets TLS to ${host}, so the secret would never go there`, 'for', at);
    for (const [at, id] of (section.checks ?? []).entries())
      if (!Object.hasOwn(content.checks ?? {}, id)) say(`there is no check \`${id}\``, 'checks', at);
    const variable = variableOf(name, section);
    const other = taken.get(variable);
    if (other !== undefined)
      say(`the variable ${variable} is set by \`${other}\` already; name another in \`variable\``);
    taken.set(variable, `secrets.${name}`);
  }
  return problems;
}
