/**
 * Calls through the real gateway, by 64 callers of which half are killed, over a vendor that is late, breaks off and lies:
 * how far the bill ends from the ceiling, beside the way others keep a budget (look, call, add what the answer says).
 */
import { checkedBefore, seeded, throughGateway } from '../test/support/overshoot.ts';
import type { CrowdOptions, Ended } from '../test/support/overshoot.ts';
import { median, row, timed } from './measure.ts';
import type { Row } from './measure.ts';

const CEILINGS = 200;
const CALLERS = 64;
/** The same ceilings each time. */
const SEED = 3;

interface Measured {
  readonly passed: number;
  readonly ms: number;
  readonly note: string;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function measure(ceilings: readonly number[], way: (options: CrowdOptions) => Promise<Ended>): Promise<Measured> {
  const ended: { readonly ceilingUsd: number; readonly one: Ended }[] = [];
  const ms = await timed(async () => {
    for (const [seed, ceilingUsd] of ceilings.entries())
      ended.push({ ceilingUsd, one: await way({ ceilingUsd, callers: CALLERS, seed }) });
  });
  const shares = (of: (one: Ended) => number): readonly number[] =>
    ended.map(({ ceilingUsd, one }) => of(one) / ceilingUsd);
  const worst = shares(({ worstUsd }) => worstUsd);
  const passed = worst.filter((share) => share > 1).length;
  const sum = (of: (one: Ended) => number): number => ended.reduce((total, { one }) => total + of(one), 0);
  const killed = sum((one) => one.killed);
  if (killed === 0) throw new Error('nobody was killed in the middle of a call');
  const note = [
    `${passed} of ${ceilings.length} ceilings passed`,
    `dearest bill ${percent(Math.max(...worst))} of its ceiling`,
    `billed ${percent(median(shares(({ billedUsd }) => billedUsd)))}`,
    `if the vendor writes on ${percent(median(worst))}`,
    // Who believes every claim has charged anything at all.
    ...(way === throughGateway ? [`charged ${percent(median(shares(({ chargedUsd }) => chargedUsd)))}`] : []),
    'all medians',
    `${sum(({ calls }) => calls)} calls`,
    `${killed} callers killed`,
  ].join(', ');
  return { passed, ms: ms / ceilings.length, note };
}

export async function overshoot(): Promise<readonly Row[]> {
  const random = seeded(SEED);
  const ceilings = Array.from({ length: CEILINGS }, () => (30 + random(400)) / 1_000);
  const ours = await measure(ceilings, throughGateway);
  const peers = await measure(ceilings, checkedBefore);
  const words = `a ceiling shared by ${CALLERS}, half killed`;
  const measured = row('overshoot', `through the gateway, ${words}`, ours.ms, { samples: CEILINGS, note: ours.note });
  return [
    // Milliseconds are not what this target is about.
    { ...measured, targetMs: 0, targetWords: 'no ceiling passed', met: ours.passed === 0 },
    row('overshoot', `the peers' way, ${words}`, peers.ms, { samples: CEILINGS, note: peers.note }),
  ];
}
