/** What has to hold before a run whose agent works in a vendor's cloud: a login, and the base where the vendor sees it. */
import type { CloudFacts } from '../core/cloud-event.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { BaseRevision } from '../core/task.ts';
import type { Driver } from '../ports/driver.ts';
import type { Repositories } from '../ports/workspace.ts';

/**
 * null for an agent that works in the sandbox. Rejects with `LW_KEY_UNAVAILABLE` when the host has no key for the vendor, and
 * with `LW_BASE_NOT_ON_REMOTE` when the branch the agent would start from is elsewhere. Nothing is ever pushed to make it so.
 */
export async function planCloud(
  driver: Driver,
  options: Readonly<Record<string, unknown>>,
  base: BaseRevision,
  repositories: Pick<Repositories, 'remoteHead'>,
): Promise<CloudFacts | null> {
  if (driver.cloud === undefined) return null;
  const { login } = driver.cloud;
  if (!login.set) {
    throw new LoopwrightError('LW_KEY_UNAVAILABLE', {
      message: `${driver.id} needs a login: the variable ${login.variable} is not set`,
      next: `Set ${login.variable}, or ${login.variable}_FILE to the path of a file that holds it.`,
      details: { variable: login.variable },
    });
  }
  const { vendor, remote, branch: wanted, limit, gaps } = driver.cloud.terms(options);
  const { branch, commit } = await repositories.remoteHead(remote, wanted);
  if (commit !== base.commit) {
    throw new LoopwrightError('LW_BASE_NOT_ON_REMOTE', {
      message: `${vendor} would start from ${branch} of ${remote}, which is at ${commit.slice(0, 12)}, and the base is ${base.commit.slice(0, 12)} (${base.name})`,
      next: `Bring them together yourself (loopwright pushes nothing): push the base, or fetch and give \`--base\`, or name a branch at the base as \`branch\` in the options of the agent.`,
      details: { remote, branch, commit, base: base.commit },
    });
  }
  return { vendor, remote, branch, limit, gaps };
}
