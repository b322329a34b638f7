/** The way of a run to hosts besides its models, where its policy opens one. */
import { LoopwrightError } from '../core/errors.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { EgressRun } from '../ports/egress.ts';
import type { OpenSecret } from '../ports/secrets.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { EngineDependencies } from './dependencies.ts';
import type { Recorder } from './recorder.ts';

/** A fence that cannot be held is refused, not pretended. Throws `LW_NETWORK_UNENFORCEABLE`. */
export function requireFence({ network }: ResolvedPolicy, sandbox: Pick<Sandbox, 'network' | 'id'>): void {
  // Secrets for hosts are named only where hosts are.
  if (sandbox.network === 'own' || (network?.allow ?? []).length === 0) return;
  throw new LoopwrightError('LW_NETWORK_UNENFORCEABLE', {
    message: `the policy names the hosts that may be reached (network.allow), but with the sandbox ${sandbox.id} every host can be`,
    next: 'Leave out --sandbox none, or use a class with `network: { allow: [] }`.',
  });
}

/** null where the policy names no host. Rejects as the proxy does, and with `LW_NETWORK_UNENFORCEABLE`. */
export async function openEgress(
  deps: EngineDependencies,
  recorder: Recorder,
  secrets: () => Promise<readonly OpenSecret[]>,
): Promise<EgressRun | null> {
  const { policy } = recorder.state();
  requireFence(policy, deps.sandbox);
  const { network } = policy;
  if (network === undefined || network.allow.length === 0) return null;
  const egress = await deps.egress();
  const given = (await secrets()).filter(({ hosts }) => hosts.length > 0);
  const run = await egress.open({ network, secrets: given, record: (events) => recorder.append(...events) });
  const placeholders = given.map(({ variable, placeholder }) => [variable, placeholder] as const);
  const env = { ...run.access.env, ...Object.fromEntries(placeholders) };
  return { ...run, access: { ...run.access, env } };
}
