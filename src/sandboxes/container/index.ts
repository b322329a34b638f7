/** A sandbox of containers: podman, with nothing of the host but what a launch was given. No image is needed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, LaunchSpec, Sandbox } from '../../ports/sandbox.ts';
import { createPipeStash } from '../../process/descriptors.ts';
import type { PipeSource } from '../../process/descriptors.ts';
import { supervise } from '../../process/supervise.ts';
import type { Supervised } from '../../process/supervise.ts';
import { supervisedProcess } from '../../process/supervised-process.ts';
import type { Heard } from '../../process/supervised-process.ts';
import { lookAtHost } from '../host-view.ts';
import type { Environment } from '../host-view.ts';
import { presentMounts, requireRealMountPoints } from '../mount-points.ts';
import { once } from '../once.ts';
import { watchResources } from '../watch-resources.ts';
import { planContainer, planSkeleton } from './arguments.ts';
import type { ContainerContext } from './arguments.ts';
import { engineEnvironment, findEngine } from './engine.ts';
import { postGuard, removal } from './guard.ts';
import { readMountPoints } from './mount-table.ts';
import { containerTree } from './namespace.ts';
import { interpretEnd } from './outcome.ts';
import { probeContainer } from './probe.ts';
import { makeSkeleton } from './skeleton.ts';
import type { Skeleton } from './skeleton.ts';

export interface ContainerOptions {
  /** Read for PATH, the places of toolchains and what podman needs to find its files; nothing of it gets inside. */
  readonly hostEnvironment: Environment;
}

/** How much of standard error is looked at for podman's own words, in bytes. */
const WORDS_BYTES = 4_096;

/** Longest a container may take to be taken away, in ms. It takes some 200. */
const REMOVAL_MS = 60_000;

interface Given extends Heard {
  readonly signal: AbortSignal;
  readonly pipes: PipeSource;
  readonly env: Readonly<Record<string, string>>;
}

function launchFailure(error: unknown): LoopwrightError {
  const message = error instanceof Error ? error.message : String(error);
  const tooLong = message.includes('E2BIG');
  return new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: tooLong ? `the arguments are longer than the system allows: ${message}` : `podman: ${message}`,
    next: tooLong
      ? 'Pass large inputs through standard input or a file.'
      : 'Run `loopwright doctor --sandbox container` to see what works here.',
    cause: error,
  });
}

/** Runs it, and leaves no container behind: podman takes away only what it saw the end of itself. */
async function superviseContainer(
  { engine, ...context }: ContainerContext,
  skeleton: Skeleton,
  spec: LaunchSpec,
  given: Given,
): Promise<Supervised> {
  const launch = planContainer({ engine, ...context }, spec, skeleton);
  const tree = containerTree(skeleton.pidFile);
  const { resources } = spec.limits;
  const guard = await postGuard(engine, skeleton, given.env);
  let gone = false;
  try {
    const supervised = await supervise(
      {
        argv: launch.argv,
        cwd: '/',
        env: given.env,
        stdin: spec.stdin,
        limits: spec.limits,
        grace: spec.grace,
        tree,
        pipes: given.pipes,
        handed: launch.handed,
        readsStatus: false,
        asksToBegin: true,
        onOutput: given.onOutput,
        onWatch: given.onWatch,
        ...(resources === undefined
          ? {}
          : {
              watching: (running) =>
                watchResources({ spec, resources, running, cgroup: null, first: () => tree.first() }),
            }),
      },
      given.signal,
    );
    gone = supervised.end.kind === 'exited';
    return supervised;
  } finally {
    const [file, ...argv] = removal(engine, skeleton.name);
    if (!gone) await promisify(execFile)(file, argv, { env: given.env, cwd: '/', timeout: REMOVAL_MS });
    guard.dismiss();
  }
}

async function runOn(
  context: ContainerContext,
  skeleton: Skeleton,
  spec: LaunchSpec,
  given: Given,
): Promise<FinishedProcess> {
  let words = '';
  const onOutput: Heard['onOutput'] = (stream, bytes) => {
    if (stream === 'stderr' && words.length < WORDS_BYTES)
      words += Buffer.from(bytes.subarray(0, WORDS_BYTES)).toString('latin1');
    given.onOutput(stream, bytes);
  };
  const supervised = await superviseContainer(context, skeleton, spec, { ...given, onOutput }).catch(
    (error: unknown) => {
      throw isLoopwrightError(error) ? error : launchFailure(error);
    },
  );
  const { status: _status, asked, missing, failed, ...finished } = supervised;
  if (failed !== null) {
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `the way out of the container could not be opened: ${failed}`,
      next: 'Run `loopwright doctor --sandbox container` to see what works here.',
    });
  }
  return { ...finished, end: interpretEnd(finished.end, { program: spec.argv[0] ?? '', words, asked, missing }) };
}

export function createContainerSandbox({ hostEnvironment }: ContainerOptions): Sandbox {
  const engine = once(() => findEngine(hostEnvironment));
  const view = once(() => lookAtHost(hostEnvironment));
  const pipes = createPipeStash();
  const env = engineEnvironment(hostEnvironment);

  async function start(asked: LaunchSpec, given: Heard & { signal: AbortSignal }): Promise<FinishedProcess> {
    const spec = { ...asked, mounts: presentMounts(asked.mounts) };
    requireRealMountPoints(spec.mounts);
    const context = { engine: await engine(), view: view(), mountPoints: readMountPoints() };
    const skeleton = makeSkeleton(planSkeleton(context, spec));
    try {
      return await runOn(context, skeleton, spec, { ...given, pipes, env });
    } finally {
      skeleton.remove();
    }
  }

  const launch: Sandbox['launch'] = (spec, signal) => supervisedProcess((heard) => start(spec, { signal, ...heard }));
  return {
    id: 'container',
    network: 'own',
    probe: () => probeContainer({ engine, view, launch, hostEnvironment }),
    offersOverlay: () => Promise.resolve(false),
    launch,
  };
}
