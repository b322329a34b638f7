/** The Linux sandbox: bubblewrap with nothing of the host but what a launch was given. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, LaunchSpec, Sandbox, SupervisedProcess } from '../../ports/sandbox.ts';
import { openCgroups } from '../../process/cgroups/groups.ts';
import type { Cgroup, Cgroups } from '../../process/cgroups/groups.ts';
import { createPipeStash } from '../../process/descriptors.ts';
import type { PipeSource } from '../../process/descriptors.ts';
import { supervise } from '../../process/supervise.ts';
import type { SuperviseRequest } from '../../process/supervise.ts';
import { supervisedProcess } from '../../process/supervised-process.ts';
import type { Heard } from '../../process/supervised-process.ts';
import { SYNTHETIC } from '../inside.ts';
import { planLaunch } from './arguments.ts';
import type { Launch, LaunchContext } from './arguments.ts';
import { lookAtHost } from '../host-view.ts';
import type { Environment, HostView } from '../host-view.ts';
import { lockedParts } from './locked.ts';
import { presentMounts, requireRealMountPoints } from '../mount-points.ts';
import { once } from '../once.ts';
import { namespaceTree, readStatus, withCgroup } from './namespace.ts';
import { interpretEnd } from './outcome.ts';
import { hasOwnOverlay } from './overlay.ts';
import type { OverlayMethod } from './overlay.ts';
import { overlayWorks } from './overlay-trial.ts';
import { probeSandbox } from './probe.ts';
import { findProgram } from '../programs.ts';
import { cgroupFor } from '../cgroup.ts';
import { watchResources } from '../watch-resources.ts';
import { skeletonIn } from './skeleton.ts';
import type { KeptPlace } from './skeleton.ts';
import { filterBytes } from './seccomp/program.ts';
import { knownArchitecture } from '../system-calls.ts';

export interface BubblewrapOptions {
  /** Path of bubblewrap. Default: found on the PATH of `hostEnvironment`. */
  readonly bwrap?: string;
  /** Read for PATH and the places of toolchains; nothing else of it gets inside. */
  readonly hostEnvironment: Environment;
  /** For what is made once and shown to many launches; nobody else may write there. Default: nothing is kept. */
  readonly keptIn?: KeptPlace;
}

/** How much of standard error is looked at for bubblewrap's own words, in bytes. They are one line. */
const WORDS_BYTES = 4_096;

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** What the operating system says when the first program of the launch cannot be started at all. */
function launchFailure(error: unknown, launch: Launch): LoopwrightError {
  const { message } = asError(error);
  const tooLong = message.includes('E2BIG');
  return new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: tooLong
      ? `the arguments are longer than the system allows (${launch.argv.join(' ').length} characters): ${message}`
      : `${launch.argv[0]} could not be started: ${message}`,
    next: tooLong
      ? 'Pass large inputs through standard input or a file.'
      : 'Run `loopwright doctor` to see what works here.',
    cause: error,
  });
}

function watchingOver(spec: LaunchSpec, cgroup: Cgroup | null): Pick<SuperviseRequest, 'watching'> {
  const { resources } = spec.limits;
  if (resources === undefined) return {};
  return {
    watching: (running) =>
      watchResources({ spec, resources, running, cgroup, first: () => readStatus(running.status()).init }),
  };
}

interface Given extends Heard {
  readonly signal: AbortSignal;
  readonly pipes: PipeSource;
  readonly cgroup: Cgroup | null;
}

async function runToEnd(
  context: Omit<LaunchContext, 'locked'>,
  asked: LaunchSpec,
  given: Given,
): Promise<FinishedProcess> {
  const spec = { ...asked, mounts: presentMounts(asked.mounts) };
  requireRealMountPoints(spec.mounts);
  const launch = planLaunch({ ...context, locked: lockedParts(spec.mounts, context.overlay) }, spec);
  let words = '';
  const onOutput: Heard['onOutput'] = (stream, bytes) => {
    if (stream === 'stderr' && words.length < WORDS_BYTES)
      words += Buffer.from(bytes.subarray(0, WORDS_BYTES)).toString('latin1');
    given.onOutput(stream, bytes);
  };
  const supervised = await supervise(
    {
      argv: launch.argv,
      cwd: '/',
      // Empty, because the environment bubblewrap was started with can be read inside, in /proc/1/environ.
      env: {},
      stdin: spec.stdin,
      limits: spec.limits,
      grace: spec.grace,
      tree: given.cgroup === null ? namespaceTree : withCgroup(namespaceTree, given.cgroup),
      pipes: given.pipes,
      handed: launch.handed,
      readsStatus: true,
      asksToBegin: true,
      onOutput,
      onWatch: given.onWatch,
      ...watchingOver(spec, given.cgroup),
    },
    given.signal,
  ).catch((error: unknown) => {
    throw isLoopwrightError(error) ? error : launchFailure(error, launch);
  });
  const { status, asked: _asked, missing, failed, ...finished } = supervised;
  if (failed !== null) {
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: `the way out of the sandbox could not be opened: ${failed}`,
      next: 'Run `loopwright doctor` to see what works here.',
    });
  }
  const program = spec.argv[0] ?? '';
  return { ...finished, end: interpretEnd(finished.end, status, { words, program, missing }) };
}

/** The same in a control group of its own, where one can be made. */
async function runInGroup(
  context: Omit<LaunchContext, 'locked'>,
  spec: LaunchSpec,
  given: Omit<Given, 'cgroup'> & { readonly cgroups: () => Promise<Cgroups | null> },
): Promise<FinishedProcess> {
  const cgroup = await cgroupFor(spec.limits.resources, given.cgroups);
  try {
    return await runToEnd(context, spec, { ...given, cgroup });
  } finally {
    await cgroup?.remove();
  }
}

function keptEtc({ keptIn }: BubblewrapOptions, { system }: HostView): string | null {
  return keptIn === undefined ? null : skeletonIn(keptIn, { parts: system, files: SYNTHETIC });
}

export function createBubblewrapSandbox(options: BubblewrapOptions): Sandbox {
  const environment = options.hostEnvironment;
  const bwrap = options.bwrap ?? findProgram('bwrap', environment);
  const view = once((): HostView => lookAtHost(environment));
  const etc = once(() => keptEtc(options, view()));
  const pipes = createPipeStash();
  const architecture = knownArchitecture(process.arch);
  const filter = architecture === null ? null : filterBytes(architecture);

  function requireBwrap(): string {
    if (bwrap !== null) return bwrap;
    throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
      message: 'bubblewrap (bwrap) is not on PATH',
      next: 'Install it: `apt-get install bubblewrap`.',
    });
  }

  const version = once(async (): Promise<string> => {
    const { stdout } = await promisify(execFile)(requireBwrap(), ['--version'], { env: {} });
    return /\d+(\.\d+)+/u.exec(stdout)?.[0] ?? stdout.trim();
  });

  async function overlayCandidates(): Promise<readonly OverlayMethod[]> {
    const [unshare, mount, shell] = ['unshare', 'mount', 'sh'].map((name) => findProgram(name, environment));
    const own = hasOwnOverlay(await version()) ? [{ kind: 'bubblewrap' as const }] : [];
    if (!unshare || !mount || !shell) return own;
    return [...own, { kind: 'unshare', unshare, mount, shell }];
  }

  const cgroups = once((): Promise<Cgroups | null> => openCgroups());

  function start(
    overlay: LaunchContext['overlay'],
    spec: LaunchSpec,
    given: Heard & { signal: AbortSignal },
  ): Promise<FinishedProcess> {
    const context = { bwrap: requireBwrap(), view: view(), etc: etc(), overlay, filter };
    return runInGroup(context, spec, { ...given, pipes, cgroups });
  }

  /** The first method that really works here, tried once per sandbox. */
  const overlayMethod = once(async (): Promise<OverlayMethod | null> => {
    for (const method of await overlayCandidates()) {
      if (
        await overlayWorks((spec, signal) =>
          start(method, spec, { signal, onOutput: () => undefined, onWatch: () => undefined }),
        )
      )
        return method;
    }
    return null;
  });

  function launch(spec: LaunchSpec, signal: AbortSignal): SupervisedProcess {
    const needsOverlay = spec.mounts.some((mount) => mount.kind === 'overlay');
    return supervisedProcess(async (heard) =>
      start(needsOverlay ? await overlayMethod() : null, spec, { signal, ...heard }),
    );
  }

  return {
    id: 'bubblewrap',
    network: 'own',
    probe: () =>
      probeSandbox({
        bwrap,
        version,
        view,
        overlayMethod,
        launch,
        cgroups,
        filtered: filter !== null,
        hostEnvironment: environment,
      }),
    offersOverlay: async () => (await overlayMethod()) !== null,
    launch,
  };
}
