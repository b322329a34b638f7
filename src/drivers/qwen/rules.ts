/** The policy in Qwen Code's own rules, which are written like Claude Code's and hold with `--yolo` too (measured). */
import { unreachable } from '../../core/errors.ts';
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
    case 'host':
      return [denied.domain === '*' ? 'WebFetch' : `WebFetch(${denied.domain})`];
    default:
      return unreachable(denied, 'kind of rule');
  }
}

/** For `--exclude-tools`, which takes rules apart at commas; none has one. null where there is nothing to say. */
export function rules({ rules: written }: CallPermissions): string | null {
  const denied = fence(written).denied.flatMap(ruleOf);
  return denied.length === 0 ? null : denied.join(',');
}
