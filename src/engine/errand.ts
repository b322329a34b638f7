/** The run as a session in a vendor's cloud works for it, and what a turn there tells the log. */
import type { RunEvent } from '../core/event.ts';
import { branchOf } from '../core/fold-cloud.ts';
import type { CloudState } from '../core/fold-cloud.ts';
import type { RunState } from '../core/state.ts';
import type { Errand, KnownSession } from '../ports/cloud.ts';
import type { TurnResult } from '../ports/driver.ts';
import type { Recorder } from './recorder.ts';

function newestSession({ iterations }: RunState, { sessions }: CloudState): KnownSession | null {
  const newest = sessions.at(-1);
  if (newest === undefined) return null;
  const { vendor, id, url, ended, iteration } = newest;
  const turn = iterations.find(({ number }) => number === iteration)?.turn ?? null;
  return { vendor, id, url, ended, lost: turn?.end.kind === 'lost' };
}

/** null for an agent in the sandbox. */
export function errandOf(recorder: Recorder): Errand | null {
  const { runId, startedAt, base, cloud } = recorder.state();
  if (cloud === null) return null;
  const now = (): CloudState => recorder.state().cloud ?? cloud;
  return {
    runId,
    startedAt,
    remote: cloud.remote,
    branch: cloud.branch,
    base: base.commit,
    sessions: () => now().sessions.length,
    newest: () => newestSession(recorder.state(), now()),
    offered: () => branchOf(now()),
    record: (iteration, { vendor, id, url }) => recorder.append({ type: 'session.asked', iteration, vendor, id, url }),
  };
}

/** Before the turn is over in the log: what it offered has to be known when it is collected. */
export function cloudEvents(iteration: number, { cloud }: TurnResult): readonly RunEvent[] {
  if (cloud === undefined) return [];
  const { sessionId: id, branch, spend, ended } = cloud;
  return [
    ...(spend === null ? [] : [{ type: 'spend.claimed' as const, iteration, id, ...spend }]),
    ...(ended === null ? [] : [{ type: 'session.ended' as const, iteration, id, ...ended }]),
    ...(branch === null ? [] : [{ type: 'branch.offered' as const, iteration, ...branch }]),
  ];
}
