/** Rules on commands, files and hosts in the form `Tool(specifier)`, as a run obeys them. Plain JSON data. */

export interface CommandRule {
  /** `Bash(npm test *)`, `Edit(src/**)`, `Read(.env)`, `WebFetch(domain:docs.example.com)`. */
  readonly rule: string;
  /** Why it is there; shown when it decides. */
  readonly reason: string | null;
}

/** `deny` over `ask` over `allow`; what no rule speaks of is asked about. */
export interface CommandRules {
  readonly deny: readonly CommandRule[];
  readonly ask: readonly CommandRule[];
  readonly allow: readonly CommandRule[];
}
