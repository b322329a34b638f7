/**
 * A leg: from the log until the run is done, waits for a person, or this process lets go. It asks `decide`, carries the
 * command out (intent, effect, finish), and asks again. Everything it knows is in the log, so any leg continues any other.
 */
import { decide, EMPTY_BLOB } from '../core/decide.ts';
import type { Command } from '../core/command.ts';
import { assert, isLoopwrightError, unreachable } from '../core/errors.ts';
import { branchOf } from '../core/fold-cloud.ts';
import type { CheckResult, CheckSpec } from '../core/check.ts';
import { rehearsedMigrations } from '../core/migration-undo.ts';
import { flakyIsTask } from '../core/repetition.ts';
import type { Execution } from '../core/repetition.ts';
import { currentIteration, newestChange } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { Lease } from '../ports/store.ts';
import type { Checkout, CollectedChange, Workspace } from '../ports/workspace.ts';
import { readChangedLines } from './changed-lines.ts';
import { cloudEvents } from './errand.ts';
import { leaseOwner } from './dependencies.ts';
import { executeCheck } from './execute-check.ts';
import { noticeExpired } from './expiry.ts';
import { noticeFreezes, noticeThaw } from './freezes.ts';
import type { EngineDependencies } from './dependencies.ts';
import { mutation, redFirst } from './experiments.ts';
import { LEASE_MS } from './heartbeat.ts';
import { letGo, openAgentOf, openEgressOf, openWorkspace, secretsOfCheck, workspaceRequest } from './held.ts';
import type { Leg } from './held.ts';
import { createRecorder } from './recorder.ts';
import type { EventListener, Recorder } from './recorder.ts';
import { recoverCharges } from './recover-charges.ts';
import { checkOnBase, checkOnHead } from './repeat-check.ts';
import { checkReverted } from './rehearse.ts';
import { sightOf } from './run-check.ts';
import { connectStops } from './stops.ts';
import type { StopSources } from './stops.ts';
import { tryMigrations } from './try-migrations.ts';

export interface LegOptions extends StopSources {
  readonly listener: EventListener;
  /** The person who asked for this leg; withdraws a stop that was asked for earlier and never came to its end. */
  readonly resumedBy?: string;
}

async function takeTurn(leg: Leg, command: Extract<Command, { type: 'takeTurn' }>): Promise<void> {
  const { iteration, prompt, carried, budget } = command;
  const agent = await openAgentOf(leg);
  const promptBlob = await leg.deps.store.putBlob(Buffer.from(prompt, 'utf8'));
  const told = carried.notes.length + carried.dropped.length > 0 ? { carried } : {};
  await leg.recorder.append({ type: 'turn.requested', iteration, prompt: promptBlob, ...told });
  const result = await agent.turn({ iteration, prompt, budget }, leg.effects.signal);
  const output = await leg.deps.store.putBlob(result.output);
  const { claims, wallTimeMs, outputBytes, end, claimedUsage, session, sightings } = result;
  if (session !== undefined) await leg.recorder.append({ type: 'session.named', iteration, ...session });
  // Where the gateway counts, its count is the truth and a claim beside it would only confuse.
  if (claimedUsage !== undefined && leg.recorder.state().policy.models.metering === 'agent-claims') {
    await leg.recorder.append({ type: 'usage.claimed', iteration, ...claimedUsage });
  }
  const seen = sightings.length > 0 ? { sightings } : {};
  const ended = { iteration, end, claims, wallTimeMs, outputBytes, output, ...seen };
  const finished = { type: 'turn.finished' as const, ...ended };
  await leg.recorder.append(...cloudEvents(iteration, result), finished);
}

/** Never cut short by a stop: it is what saves the agent's work. */
async function collect(leg: Leg, iteration: number): Promise<CollectedChange> {
  const workspace = await openWorkspace(leg);
  const { cloud } = leg.recorder.state();
  if (cloud === null) return workspace.collect(iteration, leg.killed.signal);
  return workspace.adopt(branchOf(cloud), iteration, leg.killed.signal);
}

interface ExecutionWanted {
  readonly spec: CheckSpec;
  readonly iteration: number;
  /** What it is compared with; null while the base itself is being measured. */
  readonly against: CheckResult | null;
  readonly checkout: (workspace: Workspace) => Promise<Checkout>;
}

async function execute(leg: Leg, { spec, iteration, against, checkout: make }: ExecutionWanted): Promise<Execution> {
  const { recorder } = leg;
  const { signal } = leg.effects;
  const checkout = await make(await openWorkspace(leg));
  try {
    const egress = spec.network === true ? await openEgressOf(leg) : null;
    const secrets = await secretsOfCheck(leg, spec.id);
    const change = against !== null && spec.ratchet !== undefined ? newestChange(recorder.state()) : null;
    const changed = change === null ? {} : { changed: await readChangedLines(leg.deps, change) };
    const run = { spec, checkout, baseline: against, signal, egress, secrets, iteration, ...changed };
    return await executeCheck(leg.deps, recorder, run);
  } finally {
    await checkout.dispose();
  }
}

/** What a check says of a tree that was reverted to. */
async function checkAgain(leg: Leg, spec: CheckSpec, against: CheckResult, commit: string): Promise<CheckResult> {
  const iteration = currentIteration(leg.recorder.state())?.number ?? 0;
  const { signal } = leg.effects;
  const checkout = (workspace: Workspace): Promise<Checkout> =>
    workspace.fresh(commit, 'protected-from-base', signal, sightOf(spec));
  return (await execute(leg, { spec, iteration, against, checkout })).result;
}

async function check(leg: Leg, command: Extract<Command, { type: 'runCheck' }>): Promise<void> {
  const { stage, iteration, checkId, revision } = command;
  const { policy, baseline } = leg.recorder.state();
  const { signal } = leg.effects;
  const spec = policy.checks.find((candidate) => candidate.id === checkId);
  assert(spec !== undefined, `check ${checkId} is in the policy`);
  await leg.recorder.append({ type: 'check.requested', stage, iteration, checkId, revision });
  const base = stage === 'baseline' ? undefined : baseline.find((result) => result.checkId === checkId);
  const once = (): Promise<Execution> =>
    execute(leg, {
      spec,
      iteration,
      against: base ?? null,
      checkout: (workspace) => workspace.fresh(revision, 'protected-from-base', signal, sightOf(spec)),
    });
  const rule = policy.class.baseline;
  const result =
    base === undefined
      ? await checkOnBase(leg.deps, spec, once)
      : await checkOnHead({ rule, base, flakyIsTask: flakyIsTask(rule, baseline) }, once);
  // A check that was cut short says nothing about the change.
  if (!signal.aborted) await leg.recorder.append({ type: 'check.finished', stage, iteration, result });
}

async function experiment(leg: Leg, command: Extract<Command, { type: 'runExperiment' }>): Promise<void> {
  const { recorder, deps } = leg;
  const { signal } = leg.effects;
  const { kind, iteration: number, head } = command;
  await recorder.append({ type: 'experiment.requested', kind, iteration: number, head });
  const state = recorder.state();
  const iteration = currentIteration(state);
  assert(iteration?.change != null, 'an experiment is about a change');
  const { change } = iteration;
  const lab = { deps, state, iteration, change, signal };
  if (kind === 'migrations') {
    const tried = await tryMigrations(lab, await openWorkspace(leg));
    if (!signal.aborted) await recorder.append({ type: 'experiment.finished', result: tried });
    return;
  }
  const result = await (kind === 'red-first' ? redFirst : mutation)({
    ...lab,
    execute: (spec, against, blend) =>
      execute(leg, {
        spec,
        iteration: number,
        against,
        checkout: (workspace) => workspace.blend(blend, signal, sightOf(spec)),
      }),
  });
  if (!signal.aborted) await recorder.append({ type: 'experiment.finished', result });
}

async function carryOut(leg: Leg, command: Exclude<Command, { type: 'wait' }>): Promise<void> {
  const { recorder, deps } = leg;
  switch (command.type) {
    case 'record':
      return recorder.append(...command.events);
    case 'prepareWorkspace': {
      await recorder.append({ type: 'workspace.requested' });
      leg.workspace = await deps.workspaces.create(await workspaceRequest(leg), leg.effects.signal);
      const { kind, dependencies, guarded } = leg.workspace;
      return recorder.append({ type: 'workspace.prepared', kind, dependencies, guarded });
    }
    case 'runCheck':
      return check(leg, command);
    case 'runExperiment':
      return experiment(leg, command);
    case 'takeTurn':
      return takeTurn(leg, command);
    case 'collectChange': {
      const { iteration } = command;
      await recorder.append({ type: 'change.requested', iteration });
      const { change, ref } = await collect(leg, iteration);
      const commit = change.checkpoint;
      return recorder.append(
        { type: 'change.collected', change },
        { type: 'checkpoint.created', iteration, ref, commit },
      );
    }
    case 'rehearseUndo': {
      const { head } = command.plan;
      await recorder.append({ type: 'rehearsal.requested', head });
      // Nor is this: the change is accepted already, and a rehearsal cut short would say that it cannot be undone.
      const played = await (await openWorkspace(leg)).rehearse(command.plan, leg.killed.signal);
      const reverted = await checkReverted({
        rehearsal: played,
        state: recorder.state(),
        check: (spec, base, commit) => checkAgain(leg, spec, base, commit),
      });
      leg.killed.signal.throwIfAborted();
      const rehearsal = rehearsedMigrations(recorder.state(), reverted);
      return recorder.append({ type: 'rehearsal.finished', head, rehearsal });
    }
    default:
      return unreachable(command, 'command');
  }
}

/** What a stop or a freeze cut short fails because of that, whatever it says, and the run then ends or waits. */
function wasCutShort(leg: Leg, command: Command): boolean {
  const { stopRequested, frozen } = leg.recorder.state();
  if (!leg.effects.signal.aborted || (stopRequested === null && frozen.length === 0)) return false;
  return ['runCheck', 'prepareWorkspace', 'runExperiment'].includes(command.type);
}

/** Asks and carries out until nothing is left to do here. Returns why the leg ends. */
async function loop(leg: Leg): Promise<'stopped' | 'waiting'> {
  for (;;) {
    const commands = decide(leg.recorder.state());
    if (commands.length === 0) return 'stopped';
    for (const command of commands) {
      if (command.type === 'wait') return 'waiting';
      leg.killed.signal.throwIfAborted();
      await carryOut(leg, command).catch((error: unknown) => {
        if (!wasCutShort(leg, command)) throw error;
      });
    }
  }
}

/** An operational failure ends the run in its own words, where the store still takes them. */
async function recordFailure(leg: Leg, error: unknown): Promise<void> {
  if (!isLoopwrightError(error) || error.kind === 'contradiction') return;
  if (error.code.startsWith('LW_STORE_') || leg.recorder.state().stop !== null) return;
  const detail = `${error.code}: ${error.message}. ${error.next}`;
  await leg.recorder.append({ type: 'run.stopped', reason: 'environment-failed', detail });
}

/** Whether the failure was to be expected or is in the log now; rejects with it otherwise. */
async function settle(leg: Leg, error: unknown): Promise<void> {
  const { killed, recorder } = leg;
  if (!killed.signal.aborted) await recordFailure(leg, error);
  if (recorder.state().stop !== null) return;
  // A person who ends everything at once wants exactly this; a lost lease is why the rest failed.
  if (!killed.signal.aborted) throw error;
  if (isLoopwrightError(killed.signal.reason)) throw killed.signal.reason;
}

/**
 * Drives a run under a lease this process already holds. Always releases the lease. The state it resolves to is stopped,
 * waiting, or, when a person ended everything at once, as far as it came.
 */
export async function driveLeg(deps: EngineDependencies, recorder: Recorder, options: LegOptions): Promise<RunState> {
  if (recorder.state().stop !== null) {
    await deps.store.release(recorder.lease);
    return recorder.state();
  }
  const [effects, killed] = [new AbortController(), new AbortController()];
  const leg: Leg = { deps, recorder, effects, killed, workspace: null, agent: null, egress: null, secrets: null };
  // What a lost turn's output refers to has to exist before a turn can be lost.
  assert((await deps.store.putBlob(new Uint8Array())) === EMPTY_BLOB, 'the empty blob has its known name');
  const by = options.resumedBy;
  // Sent while nobody drove the run: a kill was meant for a process that is gone, a stop is withdrawn by who resumes.
  const sent = await deps.store.takeSignals(recorder.lease);
  const { pid, host } = deps.process;
  await recorder.append({ type: 'leg.started', pid, host, ...(by === undefined ? {} : { by }) });
  await recoverCharges(deps.store, recorder);
  await noticeExpired(deps, recorder);
  await noticeThaw(deps, recorder);
  await noticeFreezes(deps, recorder);
  const disconnect = connectStops(leg, options, by === undefined ? sent : []);
  try {
    const why = await loop(leg);
    if (why === 'waiting') await recorder.append({ type: 'leg.ended', why });
  } catch (error) {
    await settle(leg, error);
  } finally {
    await disconnect();
    await letGo(leg);
    await deps.store.release(recorder.lease);
  }
  return recorder.state();
}

/** Takes a run that nobody drives. Rejects with `LW_RUN_BUSY` or `LW_RUN_UNKNOWN`. */
export async function takeRun(deps: EngineDependencies, runId: string, listener: EventListener): Promise<Recorder> {
  const lease: Lease = await deps.store.claim(runId, leaseOwner(deps), LEASE_MS);
  // Read after the claim: until then its last owner may still have written.
  const history = await deps.store.read(runId);
  return createRecorder({ store: deps.store, clock: deps.clock, lease, history, listener });
}

/** Continues a run from its log. */
export async function resumeRun(deps: EngineDependencies, runId: string, options: LegOptions): Promise<RunState> {
  const recorder = await takeRun(deps, runId, options.listener);
  return driveLeg(deps, recorder, options);
}
