/** The policy in Qwen Code's own rules, which are written like Claude Code's and hold with `--yolo` too (measured). */
import type { CallPermissions } from '../definition.ts';
import { fence } from '../fence.ts';
import type { Fenced } from '../fence.ts';

function ruleOf(denied: Fenced): readonly string[] {
  switch (denied.kind) {
    case 'command': {
      const line = denied.words.join(' ');
      return denied.exact ? [`Bash(${line})`] : [`Bash(${line})`, `Bash(${line} *)`];
    }
    case 'edit':
      return [`Edit(./${denied.glob})`];
    case 'read':
      // Writing back what was read would show it.
      return [`Read(./${denied.glob})`, `Edit(./${denied.glob})`];
    default:
      return [denied.domain === '*' ? 'WebFetch' : `WebFetch(${denied.domain})`];
  }
}

/** For `permissions` of its settings; null where there is nothing to say. */
export function rules({ rules: written }: CallPermissions): { readonly deny: readonly string[] } | null {
  const deny = fence(written).denied.flatMap(ruleOf);
  return deny.length === 0 ? null : { deny };
}
