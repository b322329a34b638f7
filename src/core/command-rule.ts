/** Rules on commands, files and hosts in the form `Tool(specifier)`, as a run obeys them. Plain JSON data. */

export interface CommandRule {
  /** `Bash(npm test *)`, `Edit(src/**)`, `Read(.env)`, `WebFetch(domain:docs.example.com)`. */
  readonly rule: string;
  /** Why it is there; shown when it decides. */
  readonly reason: string | null;
}

/** `deny` over `ask` over `allow`. */
export interface CommandRules {
  readonly deny: readonly CommandRule[];
  readonly ask: readonly CommandRule[];
  readonly allow: readonly CommandRule[];
}

export interface CommandPolicy extends CommandRules {
  /** What an agent is told about what no rule decides. */
  readonly unmatched: 'hold' | 'deny' | 'allow';
  /** An agent that does not ask, under rules of `ask`: it is run and refused all of that, or not run at all. */
  readonly unasked: 'run' | 'refuse';
}

/** Whether a policy says anything about what an agent may do. */
export function hasRules({ deny, ask, allow }: CommandRules): boolean {
  return deny.length + ask.length + allow.length > 0;
}
