/**
 * Which repository on which forge, and with what. Addresses and tokens are the host's, by variables; a policy names the forge and the
 * repository on it, and can lead a token nowhere else (docs/decisions/0011, 0024).
 */
import { LoopwrightError } from '../core/errors.ts';
import { DEFAULT_PUBLISH } from '../core/policy.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { FORGE_REPOSITORY } from '../core/publish-event.ts';
import type { ForgeName } from '../core/publish-event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secret } from '../ports/gateway.ts';
import type { Remotes } from '../ports/remotes.ts';
import { systemClock } from './system.ts';
import { forgePlace, forgeToken } from './vendor-access.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ForgeWanted {
  readonly policy: ResolvedPolicy;
  /** Top of the user's repository. */
  readonly repository: string;
}

export interface ForgeAround {
  readonly env: Environment;
  readonly remotes: Pick<Remotes, 'origin'>;
  readonly signal: AbortSignal;
}

/** What an adapter needs of this host. */
export interface ForgeReach {
  /** Where calls begin. */
  readonly api: string;
  readonly repository: string;
  /** Address for git. */
  readonly remote: string;
  readonly token: () => Promise<Secret>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

function unconfigured(message: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_FORGE_UNCONFIGURED', { message, next });
}

/**
 * `owner/name` of an address of git, by host: `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name`. null for
 * every other form, and for another host.
 */
export function repositoryOf(origin: string, host: string): string | null {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/)(.+)$/.exec(origin);
  const isUrl = URL.canParse(origin) && /^(?:https?|ssh|git):\/\//.test(origin);
  const [there, path] = isUrl ? [new URL(origin).hostname, new URL(origin).pathname] : [scp?.[1], scp?.[2] ?? ''];
  if (there?.toLowerCase() !== host.toLowerCase()) return null;
  const name = path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return FORGE_REPOSITORY.test(name) ? name : null;
}

async function repositoryFor(
  { policy, repository }: ForgeWanted,
  { remotes }: ForgeAround,
  { name, url }: { readonly name: ForgeName; readonly url: string },
): Promise<string> {
  const named = policy.publish?.repository ?? null;
  if (named !== null) return named;
  const origin = await remotes.origin(repository);
  const found = origin === null ? null : repositoryOf(origin, new URL(url).hostname);
  if (found !== null) return found;
  const seen = origin === null ? 'has no remote `origin`' : `has the remote \`origin\` ${origin}`;
  throw unconfigured(
    `${repository} ${seen}, which names no repository on ${url} (${name})`,
    'Name it in loopwright.yaml, and commit that: `publish: { repository: owner/name }`.',
  );
}

/** Rejects with `LW_FORGE_UNCONFIGURED`, and with `LW_KEY_UNAVAILABLE` where the host has no token. */
export async function forgeHost(
  wanted: ForgeWanted,
  around: ForgeAround,
): Promise<{ readonly name: ForgeName; readonly host: ForgeReach }> {
  const { forge: name } = wanted.policy.publish ?? DEFAULT_PUBLISH;
  if (name === 'none') {
    throw unconfigured(
      'the policy of the run names no forge, so nothing is published',
      'Say so in loopwright.yaml on the base revision: `publish: { forge: github }` or gitlab; a run keeps the policy it began with.',
    );
  }
  const { env, signal } = around;
  const { url, api, keyVariable } = forgePlace(env, name);
  const repository = await repositoryFor(wanted, around, { name, url });
  const token: ForgeReach['token'] = async () => {
    const secret = await forgeToken(env, name);
    if (secret !== null) return secret;
    throw new LoopwrightError('LW_KEY_UNAVAILABLE', {
      message: `publishing on ${url} needs a token: the variable ${keyVariable} is not set`,
      next: `Set ${keyVariable}, or ${keyVariable}_FILE to the path of a file that holds it; docs/landing.md says what it may do.`,
      details: { variable: keyVariable },
    });
  };
  const remote = `${url}/${repository}.git`;
  return { name, host: { api, repository, remote, token, clock: systemClock, signal } };
}
