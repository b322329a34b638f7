/** From a launch to what a seatbelt profile is about, and to the command line of `sandbox-exec`. Pure. */
import { LoopwrightError } from '../../core/errors.ts';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import { gateScript } from '../../process/gate.ts';
import { planForwards } from '../forwards.ts';
import type { HostView, SystemPart } from '../host-view.ts';
import { baseEnvironment } from '../inside.ts';
import { hostPath } from '../places.ts';
import type { ProfilePlan } from './profile.ts';

/** By its full name: whoever could put another program before it on PATH would be the sandbox. */
const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

const GATE_DESCRIPTOR = 3;

export interface SeatbeltContext {
  readonly view: HostView;
  /** Absolute and real. */
  readonly privateHome: string;
  readonly privateTmp: string;
  /** Of the Node that runs the forwarder. */
  readonly node: string;
  /** Where a path really is, links resolved. */
  readonly real: (path: string) => string;
}

function refuse(message: string, next: string): never {
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', { message, next });
}

function isCover(mount: Mount): boolean {
  return mount.kind === 'read-only' && mount.ifPresent === true;
}

/** Nothing can be somewhere else than it is; what is to be is refused, for a program would look there in vain. */
function requireInPlace(mounts: readonly Mount[]): void {
  for (const mount of mounts) {
    const moved = mount.kind === 'writable' || (mount.kind === 'read-only' && !isCover(mount));
    if (moved && mount.source !== mount.target) {
      refuse(
        `${mount.source} cannot be shown as ${mount.target}: macOS mounts nothing for one process`,
        'This part of the policy needs `sandbox: bubblewrap` or `sandbox: container`, on Linux.',
      );
    }
  }
}

function pathsOf(parts: readonly SystemPart[], kind: SystemPart['kind']): readonly string[] {
  return parts.filter((part) => part.kind === kind).map(({ path }) => path);
}

/** `spec.mounts` without those that cover nothing. Throws `LW_SANDBOX_LAUNCH` for what cannot be had without mounts. */
export function planProfile(context: SeatbeltContext, spec: LaunchSpec): ProfilePlan {
  const { view, real } = context;
  requireInPlace(spec.mounts);
  const forwards = spec.forwards ?? [];
  const targets = (wanted: (mount: Mount) => boolean): readonly string[] =>
    spec.mounts.filter(wanted).map(({ target }) => real(target));
  const hidden = pathsOf(view.system, 'hidden');
  const isBelowHidden = (path: string): boolean => hidden.some((root) => path.startsWith(`${root}/`));
  return {
    readable: [
      ...pathsOf(view.toolchains, 'read-only').map(real),
      ...targets((mount) => mount.kind === 'read-only' && !isCover(mount)),
      ...(forwards.length > 0 ? [real(context.node)] : []),
    ],
    writable: [real(context.privateHome), real(context.privateTmp), ...targets((mount) => mount.kind === 'writable')],
    // A read-only one may lie in a writable one.
    locked: targets((mount) => mount.kind === 'locked' || (mount.kind === 'read-only' && !isCover(mount))),
    hidden: [...hidden.map(real), ...pathsOf(view.toolchains, 'emptied').map(real), ...targets(isCover)],
    shown: pathsOf(view.system, 'read-only').filter(isBelowHidden).map(real),
    sockets: forwards.map(({ socket }) => real(socket)),
    ports: forwards.map(({ port }) => port),
  };
}

export interface SeatbeltLaunch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment, which no argument list holds. */
  readonly env: Readonly<Record<string, string>>;
}

/** `profile`: path of the file that holds the text. */
export function planSeatbelt(context: SeatbeltContext, spec: LaunchSpec, profile: string): SeatbeltLaunch {
  const [program] = spec.argv;
  if (program === undefined || program === '') refuse('no program was given', 'This is a defect of loopwright.');
  const withNul = [...spec.argv, ...Object.entries(spec.env).flat()].find((text) => text.includes('\0'));
  if (withNul !== undefined)
    refuse(`${JSON.stringify(withNul)} holds a NUL character`, 'Correct the policy or the task.');
  const [node, ...rest] = planForwards(spec.forwards ?? []).beside;
  const beside = node === undefined ? [] : [context.node, ...rest];
  const also = beside.length === 0 ? null : { words: beside.length, ready: 'forwarding' };
  const gate = gateScript(GATE_DESCRIPTOR, also);
  return {
    argv: [SANDBOX_EXEC, '-f', profile, '/bin/sh', '-c', gate, 'sh', ...beside, ...spec.argv],
    cwd: hostPath(spec.mounts, spec.cwd),
    env: { ...baseEnvironment(context.view), HOME: context.privateHome, TMPDIR: context.privateTmp, ...spec.env },
  };
}
