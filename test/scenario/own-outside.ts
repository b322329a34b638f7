/** Whole runs whose egress proxy dials an outside on loopback: the composition of the command line, with that one part replaced. */
import { createContext } from '../../src/cli/context.ts';
import { planRun } from '../../src/cli/plan-run.ts';
import type { PlanRequest } from '../../src/cli/plan-run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { RecordedEvent } from '../../src/core/event.ts';
import type { RunState } from '../../src/core/state.ts';
import { createEgress } from '../../src/egress/index.ts';
import { driveLeg } from '../../src/engine/leg.ts';
import { startRun } from '../../src/engine/start.ts';
import { hideSecret } from '../../src/gateway/held-back.ts';
import type { Outside } from '../support/egress-room.ts';
import { scriptFile } from './harness.ts';
import type { Environment, Place } from './harness.ts';

export interface OutsideRun {
  readonly state: RunState;
  readonly events: readonly RecordedEvent[];
  /** What a person would have seen of the events as JSON. */
  readonly told: string;
}

/** Drives the scripted agent to the end of its run. */
export async function runWithOutside(
  place: Place,
  outside: Outside,
  { script, env = {} }: { readonly script: string; readonly env?: Environment },
): Promise<OutsideRun> {
  const terminal: Terminal = {
    out: () => undefined,
    err: () => undefined,
    status: () => undefined,
    columns: 100,
    errColours: false,
    outColours: false,
    env: {
      PATH: process.env['PATH'],
      HOME: place.home,
      LOOPWRIGHT_HOME: place.home,
      LOOPWRIGHT_OPERATOR: 'tester',
      ...env,
    },
    cwd: place.root,
  };
  const context = createContext(terminal);
  const request: PlanRequest = {
    directory: '.',
    revision: 'HEAD',
    goal: 'make it add',
    className: null,
    agent: 'scripted',
    model: null,
    argv: [],
    models: false,
    script: scriptFile(place, script),
    checks: [],
    sandbox: null,
    limits: {},
  };
  const events: RecordedEvent[] = [];
  try {
    const { plan, bench } = await planRun(terminal, context.composition(), request);
    const deps = {
      ...bench,
      egress: async () => createEgress({ hideSecret, dial: outside.dial, roots: outside.roots }),
    };
    const listener = (event: RecordedEvent): void => void events.push(event);
    const state = await driveLeg(deps, await startRun(deps, plan, listener), { listener });
    return { state, events, told: events.map((event) => JSON.stringify(event)).join('\n') };
  } finally {
    await context.close();
  }
}
