/** From a launch to the command line of bubblewrap. Pure. */
import { LoopwrightError, unreachable } from '../../core/errors.ts';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import { gateScript } from '../../process/gate.ts';
import { planForwards } from '../forwards.ts';
import type { HostView, SystemPart } from '../host-view.ts';
import { baseEnvironment, INSIDE_USER, SYNTHETIC } from '../inside.ts';
import { kernelLimits } from '../kernel-limits.ts';
import { overlayArguments, overlayPrefix } from './overlay.ts';
import type { OverlayMethod } from './overlay.ts';
import { isInEtc } from './skeleton.ts';

/**
 * `--disable-userns` needs `--unshare-user` spelled out. `--unshare-all` includes the network; bubblewrap brings the
 * loopback interface of the new, empty network up.
 */
const CONFINEMENT = [
  ['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', '--new-session'],
  ['--cap-drop', 'ALL', '--uid', String(INSIDE_USER.id), '--gid', String(INSIDE_USER.id)],
  ['--hostname', INSIDE_USER.host],
].flat();

/** Descriptor 3 holds the options. */
const FIRST_CONTENT = 4;

type Contents = readonly (readonly [target: string, content: string])[];

interface Descriptors {
  readonly contents: Contents;
  /** Files of the host that are shown empty; their descriptors are behind those of `contents`. */
  readonly emptied: Contents;
  readonly filter: number;
  readonly status: number;
  readonly gate: number;
}

/** The filter on system calls comes after the contents, then the status, then the gate. */
function descriptorsOf({ etc, view }: LaunchContext): Descriptors {
  const contents = etc === null ? SYNTHETIC : [];
  const emptied = view.toolchains.filter(({ kind }) => kind === 'emptied').map(({ path }) => [path, ''] as const);
  const filter = FIRST_CONTENT + contents.length + emptied.length;
  return { contents, emptied, filter, status: filter + 1, gate: filter + 2 };
}

/** The shell at the gate, and before the program what has to run beside it. */
function gate(descriptor: number, beside: readonly string[], { resources }: LaunchSpec['limits']): readonly string[] {
  const also = beside.length === 0 ? null : { words: beside.length, ready: 'forwarding' };
  const limits = resources === undefined ? '' : kernelLimits(resources);
  return ['/bin/sh', '-c', gateScript(descriptor, also, limits), 'sh', ...beside];
}

export interface Launch {
  readonly argv: readonly [string, ...string[]];
  /** Contents of descriptors 3, 4 and so on; the one after the last is where bubblewrap writes its status. */
  readonly handed: readonly Uint8Array[];
}

export interface LaunchContext {
  /** Absolute path of bubblewrap on the host. */
  readonly bwrap: string;
  readonly view: HostView;
  /** Directory that is shown as /etc, whole; null: its parts are mounted one by one. */
  readonly etc: string | null;
  /** null: a launch with an overlay is refused. */
  readonly overlay: OverlayMethod | null;
  /** The program that looks at every system call; null where none is known for this machine. */
  readonly filter: Uint8Array | null;
  /** What makes each `locked` mount, by target (`locked.ts`). */
  readonly locked: ReadonlyMap<string, readonly string[]>;
}

function refuse(message: string, next: string): never {
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', { message, next });
}

/** bubblewrap copies what the descriptor holds into a file of its own and puts that at the target. */
function contentArguments(contents: Contents, first: number): readonly string[] {
  return contents.flatMap(([target], index) => ['--perms', '0644', '--ro-bind-data', String(first + index), target]);
}

function systemArguments(part: SystemPart): readonly string[] {
  switch (part.kind) {
    case 'hidden':
    case 'scratch':
      return ['--tmpfs', part.path];
    case 'emptied':
      // By its descriptor, once all else of the system is there.
      return [];
    case 'link':
      return ['--symlink', part.to, part.path];
    case 'read-only':
      return ['--ro-bind', part.path, part.path];
  }
  return unreachable(part, 'part of the system');
}

function mountArguments(mount: Mount, { overlay, locked }: LaunchContext): readonly string[] {
  switch (mount.kind) {
    case 'read-only':
      return ['--ro-bind', mount.source, mount.target];
    case 'writable':
      return ['--bind', mount.source, mount.target];
    case 'link':
      return ['--symlink', mount.to, mount.target];
    case 'overlay':
      if (overlay === null) {
        refuse(
          `an overlay on ${mount.target} was asked for, and this machine offers none`,
          'Install bubblewrap 0.11 or newer, or let the workspace be a clone.',
        );
      }
      return overlayArguments(overlay, mount);
    case 'locked':
      return locked.get(mount.target) ?? [];
  }
  return unreachable(mount, 'kind of mount');
}

/** Private directories in memory. Each may take a quarter of what the launch may: what is written there is memory. */
function scratch({ resources }: LaunchSpec['limits']): readonly string[] {
  const memory = resources?.memoryBytes ?? 'unlimited';
  const size = memory === 'unlimited' ? [] : ['--size', String(Math.ceil(memory / 4))];
  const places = ['/tmp', '/run', INSIDE_USER.home].flatMap((place) => [...size, '--tmpfs', place]);
  // Everybody's, as on a host. What is around it is memory too, and needs no room for anything.
  const shared = ['--perms', '1777', ...size, '--tmpfs', '/dev/shm', '--remount-ro', '/dev'];
  return [...places, ...shared, '--symlink', '../tmp', '/var/tmp'];
}

/** The options, one per element. Everything of the launch itself comes last, over what is the same for every launch. */
function options(context: LaunchContext, spec: LaunchSpec, mounts: readonly Mount[]): readonly string[] {
  const variables = Object.entries({ ...baseEnvironment(context.view), ...spec.env });
  const { contents, emptied, filter, status } = descriptorsOf(context);
  const system = context.view.system.filter((part) => context.etc === null || !isInEtc(part));
  return [
    CONFINEMENT,
    ['--json-status-fd', String(status)],
    context.filter === null ? [] : ['--seccomp', String(filter)],
    // Named before what lies in them: bubblewrap makes the parents it has to invent readable by their owner alone.
    ['--dir', '/etc', '--dir', '/etc/ssl', '--dir', '/home', '--dir', '/var'],
    system.flatMap(systemArguments),
    context.etc === null ? [] : ['--ro-bind', context.etc, '/etc'],
    system.flatMap(({ kind, path }) => (kind === 'hidden' ? ['--remount-ro', path] : [])),
    contentArguments(contents, FIRST_CONTENT),
    ['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', '--dev', '/dev'],
    ['--ro-bind-try', '/sys/devices/system/cpu', '/sys/devices/system/cpu'],
    scratch(spec.limits),
    context.view.toolchains.flatMap(systemArguments),
    contentArguments(emptied, FIRST_CONTENT + contents.length),
    mounts.flatMap((mount) => mountArguments(mount, context)),
    // The root is a tmpfs of this launch; nobody needs to write there once all mount points exist.
    ['--remount-ro', '/', '--chdir', spec.cwd],
    variables.flatMap(([name, value]) => ['--setenv', name, value]),
  ].flat();
}

function requireValid(spec: LaunchSpec): void {
  for (const [name, value] of Object.entries(spec.env)) {
    const wrong = name === '' || name.includes('=') || `${name}${value}`.includes('\0');
    if (wrong) refuse(`${JSON.stringify(name)} cannot be a variable of the environment`, 'Correct the policy.');
  }
  const targets = spec.mounts.map((mount) => mount.target);
  for (const path of [spec.cwd, ...targets]) {
    if (!path.startsWith('/') || path.split('/').includes('..')) {
      refuse(`${JSON.stringify(path)} is not an absolute path inside the sandbox`, 'This is a defect of loopwright.');
    }
  }
}

/**
 * Options travel through a descriptor and not through argv: argv of every process is readable by every user of the host.
 * They are separated by NUL there, so a NUL in any of them would smuggle in an option and is refused.
 */
export function planLaunch(context: LaunchContext, spec: LaunchSpec): Launch {
  requireValid(spec);
  const [program] = spec.argv;
  if (program === undefined || program === '') refuse('no program was given', 'This is a defect of loopwright.');
  const { mounts, beside } = planForwards(spec.forwards ?? []);
  const descriptors = descriptorsOf(context);
  const given = options(context, spec, [...spec.mounts, ...mounts]);
  const withNul = [...given, ...spec.argv].find((text) => text.includes('\0'));
  if (withNul !== undefined)
    refuse(`${JSON.stringify(withNul)} holds a NUL character`, 'Correct the policy or the task.');
  const overlays = spec.mounts.filter((mount) => mount.kind === 'overlay');
  const prefix = context.overlay === null ? [] : overlayPrefix(context.overlay, overlays);
  const [first = context.bwrap, ...rest] = [
    ...prefix,
    context.bwrap,
    '--args',
    '3',
    '--',
    ...gate(descriptors.gate, beside, spec.limits),
    ...spec.argv,
  ];
  const encoder = new TextEncoder();
  return {
    argv: [first, ...rest],
    handed: [
      encoder.encode(given.map((option) => `${option}\0`).join('')),
      ...[...descriptors.contents, ...descriptors.emptied].map(([, text]) => encoder.encode(text)),
      context.filter ?? new Uint8Array(),
    ],
  };
}
