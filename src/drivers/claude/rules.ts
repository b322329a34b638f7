/** The policy in Claude Code's own rules. They hold in every mode, also where it is told to skip permissions (measured). */
import { unreachable } from '../../core/errors.ts';
import type { CallPermissions } from '../definition.ts';
import { fence } from '../fence.ts';
import type { Fenced } from '../fence.ts';

/** What it would else do without asking, or ask about only sometimes. */
const ASKED = ['Bash', 'Edit', 'Write', 'NotebookEdit', 'Read', 'Glob', 'Grep', 'WebFetch', 'WebSearch'];

function ruleOf(denied: Fenced): readonly string[] {
  switch (denied.kind) {
    case 'command': {
      const words = denied.words.join(' ');
      return [`Bash(${words}${denied.exact ? '' : ':*'})`];
    }
    case 'edit':
      return [`Edit(./${denied.glob})`];
    case 'read':
      // Writing back what was read would show it.
      return [`Read(./${denied.glob})`, `Edit(./${denied.glob})`];
    case 'host':
      return [denied.domain === '*' ? 'WebFetch' : `WebFetch(domain:${denied.domain})`];
    default:
      return unreachable(denied, 'kind of rule');
  }
}

/**
 * Settings of its own form; null where there is nothing to say. One that asks is made to ask about everything: a rule of its
 * own that denies would keep the question from us, and the reason from it (measured).
 */
export function settings({ asks, rules }: CallPermissions): object | null {
  if (asks) return { permissions: { ask: ASKED } };
  const deny = fence(rules).denied.flatMap(ruleOf);
  return deny.length === 0 ? null : { permissions: { deny } };
}
