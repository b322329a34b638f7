/** An agent that does not ask before it acts, under rules that it would have to ask about. */
import { hasRules } from '../core/command-rule.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { Driver } from '../ports/driver.ts';

/** What nothing enforces, in words. Throws `LW_AGENT_UNASKED` where the policy wants no such agent. */
export function unenforcedRules(driver: Driver, { agent, commands }: ResolvedPolicy): readonly string[] {
  const asks = driver.asks?.(agent.options, commands) ?? driver.capabilities.asksPermission;
  if (asks || !hasRules(commands)) return [];
  const asking = commands.ask.length;
  if (asking > 0 && commands.unasked === 'refuse') {
    throw new LoopwrightError('LW_AGENT_UNASKED', {
      message: `${driver.id} does not ask before it acts, and the policy has ${asking} rules to ask about (commands.unasked: refuse)`,
      next: driver.capabilities.asksPermission
        ? 'Let it ask: leave out `permissions: sandbox` of its options.'
        : 'Use an agent that asks (`loopwright agents`), or say `commands: { unasked: run }`.',
    });
  }
  const own = 'what its own rules can say of `deny` and `ask` is refused';
  return [`rules on commands: ${driver.id} does not ask before it acts; ${own}, the rest is left to the sandbox`];
}
