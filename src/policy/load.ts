/** Reads the policy of a repository from a commit. Light to import: the parser is loaded when there is a file. */
import type { BaseReader } from '../ports/workspace.ts';
import type { CodeOwners } from './owned-paths.ts';
import type { PolicyFile } from './content.ts';
import { decodePolicy, MAX_POLICY_BYTES } from './policy-bytes.ts';
import { POLICY_FILE } from './protected-files.ts';

/**
 * The policy on the base revision; null where there is none. Never read from a work tree: an agent could have written
 * it. Rejects with `LW_POLICY_INVALID` or `LW_POLICY_UNREADABLE`.
 */
export async function loadPolicy(reader: BaseReader): Promise<PolicyFile | null> {
  const bytes = await reader.readFile(POLICY_FILE, MAX_POLICY_BYTES);
  if (bytes === null) return null;
  const { parsePolicy } = await import('./parse.ts');
  return parsePolicy(decodePolicy(bytes, POLICY_FILE), POLICY_FILE);
}

/** CODEOWNERS on the same revision, from the first place that has one; null where none has. Bad lines are in `problems`. */
export async function loadCodeOwners(reader: Pick<BaseReader, 'readFile'>): Promise<CodeOwners | null> {
  const { CODEOWNERS_FILES, MAX_CODEOWNERS_BYTES, parseCodeOwners } = await import('./code-owners.ts');
  for (const path of CODEOWNERS_FILES) {
    const bytes = await reader.readFile(path, MAX_CODEOWNERS_BYTES);
    if (bytes !== null) return parseCodeOwners(new TextDecoder().decode(bytes), path);
  }
  return null;
}
