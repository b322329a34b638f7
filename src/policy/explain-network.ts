/** What `network.allow` of a policy file decides about a host, with the line of the rule that decides. */
import { networkRuleFor, showNetworkRule } from '../core/network.ts';
import { classChain } from './class-chain.ts';
import { DEFAULT_CLASS } from './classes.ts';
import type { PolicyFile } from './content.ts';
import type { Explanation } from './explain-rules.ts';
import { fileLayers } from './layers.ts';
import { readHosts } from './network-hosts.ts';
import { resolveNetwork } from './network-rules.ts';

/** Pure. Throws `LW_CLASS_UNKNOWN`. `subject`: a host as in the policy, without a wildcard. */
export function explainNetwork(file: PolicyFile | null, className: string | null, subject: string): Explanation {
  const origins: Record<string, string> = {};
  const layers = fileLayers(file, classChain(className ?? DEFAULT_CLASS, file));
  const rules = resolveNetwork({ origins }, layers);
  const refused = (why: string): Explanation => ({
    subject,
    as: 'host',
    decision: 'deny',
    why,
    rule: null,
    runs: [],
  });
  const reading = readHosts(subject);
  if (!reading.ok) return refused(reading.problem);
  const [to, ...more] = reading.hosts;
  if (to === undefined || more.length > 0 || to.host.startsWith('*.')) return refused(`"${subject}" is not one host`);
  const rule = networkRuleFor(rules, to);
  if (rule === null) return refused(`no rule of \`network.allow\` covers ${showNetworkRule(to)}`);
  const at = rules.allow.indexOf(rule);
  const shown = rule.preset ?? showNetworkRule(rule);
  const methods = rule.methods === 'any' ? 'any method, TLS passes unopened' : 'GET, HEAD and OPTIONS without a body';
  return {
    subject,
    as: 'host',
    decision: 'allow',
    why: `\`network.allow\` names it: ${methods}, where it resolves to a public address`,
    rule: { list: 'allow', at, rule: shown, reason: rule.reason, origin: origins[`network.allow.${at}`] ?? 'default' },
    runs: [],
  };
}
