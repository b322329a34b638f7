/**
 * The secrets of this host by name: where each is, and what it may be used for. Said by a file of the host and never by a
 * repository, which could otherwise send the secrets of whoever runs it anywhere (docs/decisions/0011).
 */
import { LoopwrightError } from '../core/errors.ts';
import type { SecretRule } from '../core/secret-rule.ts';
import type { KeySource } from '../ports/gateway.ts';
import { placedSource, readHostFile, type Environment, type HostFile } from './host-file.ts';

export interface HostSecret {
  readonly source: KeySource;
  /** In the form of `readHostName`. It goes to no other, whatever a policy says. */
  readonly hosts: readonly string[];
  /** Whether checks may be given the value. */
  readonly checks: boolean;
  /** Absolute paths; null: of every repository. */
  readonly repositories: readonly string[] | null;
}

function invalid(path: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_SECRETS_INVALID', { message: `${path} ${problem}`, next, details: { path } });
}

const SECRETS_FILE: HostFile = { variable: 'LOOPWRIGHT_SECRETS', name: 'secrets.yaml', invalid };

/** Values are not read. Rejects with `LW_SECRETS_INVALID`, which names line and column. */
export async function loadHostSecrets(env: Environment): Promise<ReadonlyMap<string, HostSecret>> {
  const read = await readHostFile(SECRETS_FILE, env);
  if (read === null) return new Map();
  const { parseHostSecrets } = await import('./parse-host-secrets.ts');
  const entries = Object.entries(parseHostSecrets(read.text, read.path)).map(([name, secret]) => {
    const source = placedSource(SECRETS_FILE, secret.source, read.path, env);
    return [name, { ...secret, source }] as const;
  });
  return new Map(entries);
}

function refused(rule: SecretRule, problem: string): LoopwrightError {
  return new LoopwrightError('LW_SECRET_REFUSED', {
    message: `the policy names the secret \`${rule.name}\`, but ${problem}`,
    next: 'Say so in secrets.yaml of this host (docs/secrets.md shows one), or take the secret out of the policy.',
    details: { secret: rule.name },
  });
}

/** What the host has for a rule of a policy. Throws `LW_SECRET_REFUSED` where the host does not agree. */
export function agreedSecret(known: ReadonlyMap<string, HostSecret>, rule: SecretRule, repository: string): HostSecret {
  const secret = known.get(rule.name);
  if (secret === undefined) throw refused(rule, 'this host has no secret of that name');
  if (secret.repositories !== null && !secret.repositories.includes(repository))
    throw refused(rule, `this host does not give it to the repository ${repository}`);
  const foreign = rule.hosts.find((host) => !secret.hosts.includes(host));
  if (foreign !== undefined) throw refused(rule, `this host does not let it go to ${foreign}`);
  if (rule.checks.length > 0 && !secret.checks) throw refused(rule, 'this host does not give it to checks');
  return secret;
}
