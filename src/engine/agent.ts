/** The agent of a leg: its session, its way to models where it has one, and one turn of both. */
import type { TurnEnd } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { LimitName, TurnBudget } from '../core/limit.ts';
import { isResource } from '../core/resource.ts';
import type { ResourceLimits } from '../core/resource.ts';
import type { RunState } from '../core/state.ts';
import type { AgentHost, AgentSession, Driver, TurnResult } from '../ports/driver.ts';
import type { EgressRun } from '../ports/egress.ts';
import type { Brake, GatewayRun } from '../ports/gateway.ts';
import type { SupervisedProcess } from '../ports/sandbox.ts';
import type { Workspace } from '../ports/workspace.ts';
import type { EngineDependencies } from './dependencies.ts';
import { guardProgram } from './pinned-program.ts';
import { openQuestions } from './questions.ts';
import type { Questions } from './questions.ts';
import { errandOf } from './errand.ts';
import type { Recorder } from './recorder.ts';
import { replayOf } from './replay.ts';
import { shownFiles } from './shown-files.ts';

export interface AgentContext {
  readonly deps: EngineDependencies;
  readonly recorder: Recorder;
  readonly workspace: Workspace;
  /** null: nothing but models can be reached. */
  readonly egress: EgressRun | null;
}

/** `sightings`: what detectors over the steps of the turn saw. */
export type WatchedTurn = TurnResult & { readonly sightings: readonly Finding[] };

export interface Agent {
  turn(
    request: { readonly iteration: number; readonly prompt: string; readonly budget: TurnBudget },
    signal: AbortSignal,
  ): Promise<WatchedTurn>;
  close(): Promise<void>;
}

/** null where the agent calls no models, or where its own login is left alone. */
async function openGateway({ deps, recorder }: AgentContext, driver: Driver): Promise<GatewayRun | null> {
  const { task, policy, replay } = recorder.state();
  if (!driver.usesModels(policy.agent.options) || policy.models.metering !== 'gateway') return null;
  const gateway = await deps.gateway();
  return gateway.open({
    lease: recorder.lease,
    repository: task.repository,
    className: policy.class.name,
    models: policy.models,
    daily: policy.dailyCostUsd,
    steps: policy.detectors.steps ?? {},
    now: () => recorder.state(),
    record: (events, references) => recorder.appendWith(references, ...events),
    network: deps.sandbox.network,
    replay: replay === null ? null : await replayOf(deps.store, replay),
  });
}

/** What the driver may use. `running` is told of every process, so that calls under way count as its life. */
function hostOf(
  { deps, recorder, workspace, egress }: AgentContext,
  given: { readonly gateway: GatewayRun | null; readonly questions: Questions },
  running: (process: SupervisedProcess) => void,
): AgentHost {
  const { gateway, questions } = given;
  const { checkout, home } = workspace;
  const access = gateway === null ? { env: {}, forwards: [] } : gateway.access;
  const way = egress === null ? { env: {}, forwards: [], files: {} } : egress.access;
  const errand = errandOf(recorder);
  return {
    workspacePath: checkout.workspacePath,
    home: home.path,
    models: gateway === null ? null : { env: access.env },
    rules: recorder.state().policy.commands,
    permit: (question) => questions.permit(question),
    earlier: recorder.state().session,
    base: deps.base(recorder.state().task.repository, recorder.state().base.commit),
    ...(errand === null ? {} : { errand }),
    seed: (given) => home.seed(given),
    launch({ files = {}, ...spec }, signal) {
      const env = { ...recorder.state().policy.environment, ...way.env, ...access.env, ...spec.env };
      const mounts = [...checkout.mounts, ...home.mounts, ...shownFiles({ ...way.files, ...files })];
      const forwards = [...access.forwards, ...way.forwards];
      const limits = { ...spec.limits, ...resourcesOf(recorder.state()) };
      const tracked = { root: checkout.workspacePath, files: workspace.tracked };
      const process = deps.sandbox.launch(
        { ...spec, limits, env, cwd: checkout.workspacePath, mounts, forwards, tracked },
        signal,
      );
      running(process);
      return process;
    },
  };
}

function resourcesOf({ policy: { resources } }: RunState): { readonly resources?: ResourceLimits } {
  return resources === undefined ? {} : { resources };
}

function endBy(brake: Brake): TurnEnd {
  if (brake.kind === 'limit' || brake.kind === 'detector') return brake;
  return brake.kind === 'quota' ? brake : { kind: 'crashed', detail: brake.detail };
}

/** However the agent took the refusal, its turn ended because a person has to decide, unless something stronger ended it. */
function heldEnd(end: TurnEnd, held: readonly string[], signal: AbortSignal): TurnEnd {
  const byItself = end.kind === 'ended' || end.kind === 'crashed' || (end.kind === 'cancelled' && !signal.aborted);
  return held.length > 0 && byItself ? { kind: 'held', questions: held } : end;
}

/** A turn knows what was left for it; people know what the policy says. */
export function againstPolicy(end: TurnEnd, state: RunState): TurnEnd {
  if (end.kind !== 'limit' || isResource(end.breach.limit)) return end;
  const { limit, value } = end.breach;
  const before: Partial<Record<LimitName, number>> = {
    wallTimeMs: state.usage.wallTimeMs,
    outputBytes: state.usage.outputBytes,
    idleMs: 0,
  };
  const used = before[limit];
  const ceiling = state.limits[limit];
  // What the gateway found is said against its own ceiling already.
  if (used === undefined || ceiling === 'unlimited') return end;
  return { kind: 'limit', breach: { limit, value: used + value, ceiling } };
}

/** Requests pass while the work is done, and what came of them is on the record when it is. */
export async function withEgress<T>(
  { egress, recorder }: Pick<AgentContext, 'egress' | 'recorder'>,
  iteration: number,
  work: () => Promise<T>,
): Promise<T> {
  const window = egress?.begin(iteration, recorder.state().egress) ?? null;
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await window?.end();
    throw error;
  }
  await window?.end();
  return result;
}

/** Opens the session, and the gateway first: the agent is told where it is. Rejects as drivers and gateways do. */
export async function openAgent(context: AgentContext): Promise<Agent> {
  const { deps, recorder } = context;
  const { agent } = recorder.state().policy;
  const driver = await deps.driver(agent.driver);
  const gateway = await openGateway(context, driver);
  let process: SupervisedProcess | null = null;
  const questions = await openQuestions(deps, recorder, context.workspace.checkout.workspacePath);
  const host = hostOf(context, { gateway, questions }, (started) => {
    process = started;
  });
  let session: AgentSession;
  try {
    session = await driver.open(agent.options, host);
  } catch (error) {
    await gateway?.close();
    throw error;
  }

  async function turnThrough(
    way: GatewayRun,
    request: Parameters<Agent['turn']>[0],
    signal: AbortSignal,
  ): Promise<WatchedTurn> {
    const braked = new AbortController();
    const turn = way.beginTurn(request.iteration, {
      brake: () => braked.abort('gateway'),
      activity: () => process?.sawLife(),
    });
    let result: TurnResult;
    try {
      result = await session.turn(request, AbortSignal.any([signal, braked.signal]));
    } catch (error) {
      await turn.end();
      throw error;
    }
    const brake = await turn.end();
    // A person who ends the turn is why it ended, whatever the gateway wanted by then.
    const end = brake === null || signal.aborted ? result.end : endBy(brake);
    return { ...result, end, sightings: turn.sightings() };
  }

  const unavailable = guardProgram(recorder, session);
  return {
    async turn(request, signal) {
      const detail = await unavailable();
      if (detail !== null) {
        return {
          end: { kind: 'unavailable', detail },
          claims: [],
          wallTimeMs: 0,
          outputBytes: 0,
          output: new Uint8Array(),
          sightings: [],
        };
      }
      questions.begin(request.iteration);
      const take = async (): Promise<WatchedTurn> =>
        gateway === null
          ? { ...(await session.turn(request, signal)), sightings: [] }
          : turnThrough(gateway, request, signal);
      // Also where the turn failed: nothing of it may be recorded after its end.
      const result = await withEgress(context, request.iteration, take).catch(async (error: unknown) => {
        await questions.end();
        throw error;
      });
      const end = heldEnd(result.end, await questions.end(), signal);
      return { ...result, end: againstPolicy(end, recorder.state()) };
    },
    async close() {
      await session.close();
      await gateway?.close();
    },
  };
}
