/** The rules on commands, from the file to what a run obeys. */
import type { CommandRule, CommandRules } from '../core/command-rule.ts';
import type { PolicyFile } from './content.ts';
import { fileOrigin, type Notes } from './origins.ts';

/** Only the top of the file has them: what may run does not depend on the task. */
export function resolveCommands(notes: Notes, file: PolicyFile | null): CommandRules {
  const of = (list: keyof CommandRules): readonly CommandRule[] => {
    const rules = file?.content.commands?.[list] ?? [];
    const origin = (key: string): string => (file === null ? 'default' : fileOrigin(file, `commands.${key}`));
    notes.origins[`commands.${list}`] = rules.length === 0 ? 'default' : origin(list);
    for (const at of rules.keys()) notes.origins[`commands.${list}.${at}`] = origin(`${list}.${at}`);
    return rules.map(({ rule, reason }) => ({ rule, reason: reason ?? null }));
  };
  return { deny: of('deny'), ask: of('ask'), allow: of('allow') };
}
