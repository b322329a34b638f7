/** The rules on commands, from the file to what a run obeys. */
import type { CommandPolicy, CommandRule, CommandRules } from '../core/command-rule.ts';
import type { SandboxName } from '../core/policy.ts';
import type { PolicyFile } from './content.ts';
import { pick } from './layers.ts';
import { fileOrigin, type Notes } from './origins.ts';

/** Only the top of the file has them: what may run does not depend on the task. */
export function resolveRules(notes: Notes, file: PolicyFile | null): CommandRules {
  const of = (list: keyof CommandRules): readonly CommandRule[] => {
    const rules = file?.content.commands?.[list] ?? [];
    const origin = (key: string): string => (file === null ? 'default' : fileOrigin(file, `commands.${key}`));
    notes.origins[`commands.${list}`] = rules.length === 0 ? 'default' : origin(list);
    for (const at of rules.keys()) notes.origins[`commands.${list}.${at}`] = origin(`${list}.${at}`);
    return rules.map(({ rule, reason }) => ({ rule, reason: reason ?? null }));
  };
  return { deny: of('deny'), ask: of('ask'), allow: of('allow') };
}

/** A policy that allows nothing by name leaves it to the sandbox; one that does means that the rest is not allowed. */
function presetUnmatched({ allow }: CommandRules, sandbox: SandboxName): CommandPolicy['unmatched'] {
  return allow.length === 0 && sandbox !== 'none' ? 'allow' : 'hold';
}

export function resolveCommands(notes: Notes, file: PolicyFile | null, sandbox: SandboxName): CommandPolicy {
  const rules = resolveRules(notes, file);
  const section = file?.content.commands;
  const origin = (key: string): string => (file === null ? 'default' : fileOrigin(file, `commands.${key}`));
  const preset = presetUnmatched(rules, sandbox);
  return {
    ...rules,
    unmatched: pick<CommandPolicy['unmatched']>(notes, 'commands.unmatched', { value: preset, origin: 'default' }, [
      { value: section?.unmatched, origin: origin('unmatched') },
    ]),
    unasked: pick<CommandPolicy['unasked']>(notes, 'commands.unasked', { value: 'run', origin: 'default' }, [
      { value: section?.unasked, origin: origin('unasked') },
    ]),
  };
}
