/** An agent in a vendor's cloud in words. May hold text from outside: neutralise it before showing it. */
import type { ClaimedSpend, CloudEvent, CloudFacts } from '../core/cloud-event.ts';
import { short } from './words.ts';

type Of<T extends CloudEvent['type']> = Extract<CloudEvent, { type: T }>;

/** Two digits are enough for a claim. */
export function spendAmount({ unit, amount }: ClaimedSpend): string {
  return `${Number(amount.toFixed(2))} ${unit}`;
}

export function cloudWords({
  vendor,
  remote,
  branch,
  limit,
}: Pick<CloudFacts, 'vendor' | 'remote' | 'branch' | 'limit'>): string {
  const ceiling =
    limit === null ? 'the vendor is given no limit on spend' : `the vendor is told to stop at ${spendAmount(limit)}`;
  return `it works in the cloud of ${vendor}, on ${branch} of ${remote}; ${ceiling}`;
}

export function askedWords({ vendor, id, url }: Of<'session.asked'>): string {
  return `session ${id} of ${vendor}${url === null ? '' : `, ${url}`}`;
}

export function endedWords({ id, how, detail }: Of<'session.ended'>): string {
  return how === 'terminated' ? `session ${id} was terminated: ${detail}` : `session ${id} MAY GO ON: ${detail}`;
}

export function offeredWords({ ref, remote, commit }: Of<'branch.offered'>): string {
  return `${ref} of ${remote}${commit === null ? '' : `, said to be at ${short(commit)}`}`;
}

export function spendWords(spend: ClaimedSpend): string {
  return `${spendAmount(spend)}, as the vendor says; not measured here`;
}
