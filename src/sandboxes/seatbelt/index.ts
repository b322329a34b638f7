/**
 * The macOS sandbox: Apple's seatbelt by `sandbox-exec`, for a person who asks for it by name. It has never been run by those
 * who wrote it; `probe` tries what can be tried and refuses where anything gets through.
 */
import { realpathSync, statSync } from 'node:fs';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, LaunchSpec, Sandbox } from '../../ports/sandbox.ts';
import { createPipeStash } from '../../process/descriptors.ts';
import type { PipeSource } from '../../process/descriptors.ts';
import { supervise } from '../../process/supervise.ts';
import { supervisedProcess } from '../../process/supervised-process.ts';
import type { Heard } from '../../process/supervised-process.ts';
import { lookAtHost } from '../host-view.ts';
import type { Environment, HostView } from '../host-view.ts';
import { presentMounts, requireRealMountPoints } from '../mount-points.ts';
import { planProfile, planSeatbelt } from './arguments.ts';
import type { SeatbeltLaunch } from './arguments.ts';
import { groupTree } from './namespace.ts';
import { interpretEnd } from './outcome.ts';
import { probeSeatbelt } from './probe.ts';
import { profileText } from './profile.ts';
import { makeSkeleton } from './skeleton.ts';
import type { PrivatePlace, Skeleton } from './skeleton.ts';
import { onlyOnMacOs } from './unavailable.ts';

export interface SeatbeltOptions {
  /** Read for PATH and the places of toolchains; nothing else of it gets inside. */
  readonly hostEnvironment: Environment;
  readonly places: PrivatePlace;
  /** As Node names it. Default: of this process. */
  readonly platform?: string;
}

/** How much of standard error is looked at for the words of sandbox-exec, in bytes. */
const WORDS_BYTES = 4_096;

interface Given extends Heard {
  readonly signal: AbortSignal;
  readonly pipes: PipeSource;
}

async function runToEnd(launch: SeatbeltLaunch, spec: LaunchSpec, given: Given): Promise<FinishedProcess> {
  let words = '';
  const onOutput: Heard['onOutput'] = (stream, bytes) => {
    if (stream === 'stderr' && words.length < WORDS_BYTES)
      words += Buffer.from(bytes.subarray(0, WORDS_BYTES)).toString('latin1');
    given.onOutput(stream, bytes);
  };
  // Asked beforehand: a missing working directory looks like a missing program to whoever starts it.
  if (statSync(launch.cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `${launch.cwd} is not a directory`,
      next: 'This is a defect of loopwright.',
    });
  const supervised = await supervise(
    {
      ...launch,
      stdin: spec.stdin,
      limits: spec.limits,
      grace: spec.grace,
      tree: groupTree,
      pipes: given.pipes,
      handed: [],
      readsStatus: false,
      asksToBegin: true,
      onOutput,
      onWatch: given.onWatch,
    },
    given.signal,
  ).catch((error: unknown) => {
    if (isLoopwrightError(error)) throw error;
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `sandbox-exec could not be started: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Run `loopwright doctor --sandbox seatbelt` to see what works here.',
      cause: error,
    });
  });
  const { status: _status, asked, missing, failed, ...finished } = supervised;
  if (failed !== null) {
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `the way out of the sandbox could not be opened: ${failed}`,
      next: 'Its port may be taken: on macOS two launches with a way out share the loopback of the host. Run one at a time.',
    });
  }
  return { ...finished, end: interpretEnd(finished.end, { program: spec.argv[0] ?? '', words, asked, missing }) };
}

/** Of what exists; another path is left as it is, and a rule about it matches nothing until it does. */
function realPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync.native(path);
}

async function runIn(skeleton: Skeleton, view: HostView, asked: LaunchSpec, given: Given): Promise<FinishedProcess> {
  const spec = { ...asked, mounts: presentMounts(asked.mounts) };
  requireRealMountPoints(spec.mounts);
  const context = {
    view,
    privateHome: skeleton.home,
    privateTmp: skeleton.tmp,
    node: process.execPath,
    real: realPath,
  };
  const launch = planSeatbelt(context, spec, skeleton.profile);
  await skeleton.write(profileText(planProfile(context, spec)));
  return runToEnd(launch, spec, given);
}

export function createSeatbeltSandbox(options: SeatbeltOptions): Sandbox {
  const platform = options.platform ?? process.platform;
  const pipes = createPipeStash();
  let view: HostView | null = null;

  async function start(spec: LaunchSpec, given: Heard & { signal: AbortSignal }): Promise<FinishedProcess> {
    if (platform !== 'darwin') {
      const { message, next } = onlyOnMacOs(platform);
      throw new LoopwrightError('LW_SANDBOX_LAUNCH', { message, next });
    }
    view ??= lookAtHost(options.hostEnvironment);
    const skeleton = await makeSkeleton(options.places);
    try {
      return await runIn(skeleton, view, spec, { ...given, pipes });
    } finally {
      await skeleton.remove();
    }
  }

  const launch: Sandbox['launch'] = (spec, signal) => supervisedProcess((heard) => start(spec, { signal, ...heard }));
  return {
    id: 'seatbelt',
    network: 'own',
    places: 'real',
    probe: () => probeSeatbelt(platform, launch),
    offersOverlay: () => Promise.resolve(false),
    launch,
  };
}
