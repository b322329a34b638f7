/** What every forge gets of the host. Handed in by the composition root. */
import type { Clock } from '../ports/clock.ts';
import type { Secret } from '../ports/gateway.ts';

export interface ForgeHost {
  /** Where calls begin, without a slash at the end: `https://api.github.com`. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Address for git. */
  readonly remote: string;
  /** Read for each call and kept no longer. Rejects with `LW_KEY_UNAVAILABLE`. */
  readonly token: () => Promise<Secret>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly signal: AbortSignal;
}
