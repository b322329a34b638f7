/** The policy in Codex's own rules: prefixes of commands that are forbidden, also where approvals are bypassed (measured). */
import type { CallPermissions } from '../definition.ts';
import { fence } from '../fence.ts';

/** For `.codex/rules/`; null where there is nothing to say. It knows no rules on files and hosts. */
export function rules({ rules: written }: CallPermissions): string | null {
  const lines = fence(written).denied.flatMap((denied) =>
    // A prefix is all it can say: a command without further words is forbidden with them too.
    denied.kind === 'command' ? [`prefix_rule(pattern = ${JSON.stringify(denied.words)}, decision = "forbidden")`] : [],
  );
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}
