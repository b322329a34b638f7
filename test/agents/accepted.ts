/** That a run of a real agent was accepted. */
import { expect } from 'vitest';
import { endsOf } from './driven.ts';
import type { Ran, Stage } from './driven.ts';

/** With what the agent printed where it did not do it. */
export async function expectAccepted({ place }: Stage, ran: Ran): Promise<void> {
  const last = ran.events.at(-1);
  const reason = last?.type === 'run.stopped' ? last.reason : ran.err;
  if (reason === 'accepted') return;
  const detail = last?.type === 'run.stopped' ? last.detail : '';
  const { out } = await place.cli('log', 'last', '--full');
  expect(`${reason}: ${detail}\n${JSON.stringify(endsOf(ran.events))}\n${out.slice(-6_000)}`).toBe('accepted');
}
