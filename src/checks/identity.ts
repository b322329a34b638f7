/**
 * Identities of tests: names that stay the same from one execution to the next.
 *
 * Equal names are common (parameterised tests, the same name in two files, reruns). All are kept: the first keeps the name,
 * the others get `#2`, `#3`. The numbers are handed out by status (failed, passed, skipped), not by position, so a
 * parallel runner that writes equal names in another order moves nothing, and one more failure among them is one more
 * failing id. The price: two tests of equal name that swap a failure between them look unmoved.
 */
import type { TestOutcome, TestStatus } from '../core/check.ts';
import { cleanName } from './excerpt.ts';
import type { RawOutcome } from './reading.ts';

export const UNNAMED = '(unnamed)';

const RANK: Readonly<Record<TestStatus, number>> = { failed: 0, passed: 1, skipped: 2 };

function baseId(raw: RawOutcome): string {
  const parts = raw.path.map(cleanName).filter((part) => part !== '');
  return parts.length === 0 ? UNNAMED : parts.join(' > ');
}

function outcome(id: string, raw: RawOutcome): TestOutcome {
  const message = raw.message ?? '';
  return message === '' ? { id, status: raw.status } : { id, status: raw.status, message };
}

/** Gives every outcome an id of its own. Keeps the order in which names first appear. */
export function nameOutcomes(raws: readonly RawOutcome[]): readonly TestOutcome[] {
  const groups = new Map<string, RawOutcome[]>();
  for (const raw of raws) {
    const id = baseId(raw);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [raw]);
    else group.push(raw);
  }
  const named: TestOutcome[] = [];
  for (const [id, group] of groups) {
    let number = 1;
    for (const raw of group.toSorted((a, b) => RANK[a.status] - RANK[b.status])) {
      if (number === 1) named.push(outcome(id, raw));
      else {
        // A test may really be called "x #2"; its own name goes first.
        while (groups.has(`${id} #${number}`)) number += 1;
        named.push(outcome(`${id} #${number}`, raw));
      }
      number += 1;
    }
  }
  return named;
}
