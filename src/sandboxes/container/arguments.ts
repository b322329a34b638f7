/** From a launch to the command line of podman. Pure. */
import { LoopwrightError, unreachable } from '../../core/errors.ts';
import type { LaunchSpec, Mount } from '../../ports/sandbox.ts';
import { gateScript } from '../../process/gate.ts';
import { planForwards } from '../forwards.ts';
import type { HostView, SystemPart } from '../host-view.ts';
import { baseEnvironment, INSIDE_USER, SYNTHETIC } from '../inside.ts';
import { kernelLimits, TASKS_PER_PROCESS } from '../kernel-limits.ts';
import type { Engine } from './engine.ts';
import { lockedSource } from './locked.ts';
import type { Skeleton, SkeletonPlan } from './skeleton.ts';

export interface ContainerContext {
  readonly engine: Engine;
  readonly view: HostView;
  /** Where something else is mounted on the host, absolute. */
  readonly mountPoints: readonly string[];
}

/** Above what a build needs, below what a fork bomb needs to hurt. For a launch that says nothing of it. */
const MOST_TASKS = 4_096;
const MOST_OPEN_FILES = 65_536;

/** Added to the wall time of a launch, seconds: podman's own end is for a machine where nobody else is left to end it. */
const GRACE_S = 30;

/** What a control group takes before it ends a process: above the ceiling, for what files in memory take counts there too. */
const MEMORY_SLACK = 2;

/** Of the kernel's files: the machine's devices, identity, firmware, and counters of what others do. */
const MASKED = '/sys:/proc/interrupts:/proc/kallsyms:/proc/kmsg:/proc/modules:/proc/slabinfo:/proc/schedstat';

/** Private directories in memory. */
const SCRATCH = ['/tmp', '/run', INSIDE_USER.home];

function refuse(message: string, next: string): never {
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', { message, next });
}

/** One field of the comma-separated form. Every path fits, also one with a comma, a quote or a line break. */
function field(name: string, value: string): string {
  return `"${name}=${value.replaceAll('"', '""')}"`;
}

function bind(source: string, target: string, writable: boolean): string {
  return ['type=bind', field('src', source), field('dst', target), ...(writable ? [] : ['ro'])].join(',');
}

function scratch(target: string, { resources }: LaunchSpec['limits']): string {
  const memory = resources?.memoryBytes ?? 'unlimited';
  const size = memory === 'unlimited' ? [] : [`tmpfs-size=${Math.ceil(memory / 4)}`];
  return ['type=tmpfs', field('dst', target), 'tmpfs-mode=1777', ...size].join(',');
}

/** A mount that is read-only leaves what else is mounted below it as it is, so that has to be said again for each. */
function readOnly(source: string, target: string, mountPoints: readonly string[]): readonly string[] {
  const below = mountPoints
    .filter((point) => point.startsWith(`${source}/`))
    .map((point) => point.slice(source.length));
  return [bind(source, target, false), ...below.map((path) => bind(`${source}${path}`, `${target}${path}`, false))];
}

/** Podman would copy what it covers into it, and its owner is root inside, who nobody can become. */
function covered(target: string): string {
  return ['type=tmpfs', field('dst', target), 'tmpfs-mode=0755', 'notmpcopyup'].join(',');
}

interface Covers {
  readonly mountPoints: readonly string[];
  /** An empty file of the host. */
  readonly emptyFile: string;
}

function systemMounts(part: SystemPart, { mountPoints, emptyFile }: Covers, spec: LaunchSpec): readonly string[] {
  switch (part.kind) {
    case 'hidden':
      return [covered(part.path)];
    case 'emptied':
      return [bind(emptyFile, part.path, false)];
    case 'link':
      return [];
    case 'scratch':
      return [scratch(part.path, spec.limits)];
    case 'read-only':
      return readOnly(part.path, part.path, mountPoints);
  }
  return unreachable(part, 'part of the system');
}

function mountOf(
  mount: Mount,
  index: number,
  all: readonly Mount[],
  mountPoints: readonly string[],
): readonly string[] {
  switch (mount.kind) {
    case 'link':
      return [];
    case 'writable':
      return [bind(mount.source, mount.target, true)];
    case 'read-only':
      return readOnly(mount.source, mount.target, mountPoints);
    case 'locked': {
      const source = lockedSource(all, index);
      return source === null ? [] : readOnly(source, mount.target, mountPoints);
    }
    case 'overlay':
      return refuse(
        `an overlay on ${mount.target} was asked for, and containers here offer none`,
        'This is a defect of loopwright: the workspace has to be a clone.',
      );
  }
  return unreachable(mount, 'kind of mount');
}

/** What cannot be made once the root is read-only lies in the layer below it. */
export function planSkeleton({ engine, view }: ContainerContext, spec: LaunchSpec): SkeletonPlan {
  const system = view.system.flatMap((part) => (part.kind === 'link' ? [[part.path, part.to] as const] : []));
  const own = spec.mounts.flatMap((mount) => (mount.kind === 'link' ? [[mount.target, mount.to] as const] : []));
  return {
    links: Object.fromEntries([['/var/tmp', '../tmp'], ...system, ...own]),
    files: Object.fromEntries(SYNTHETIC),
    filter: engine.filter,
  };
}

/** Descriptors of the container: its environment, and the gate. */
const [ENVIRONMENT_DESCRIPTOR, GATE_DESCRIPTOR] = [3, 4] as const;

/** A name a shell can set. Others are refused: half an environment would be worse. */
const VARIABLE = /^[A-Za-z_]\w*$/u;

/**
 * Sets the variables from a descriptor. As options of podman they would be in an argument list, which every user of the host
 * can read, and in the container's configuration on disk.
 */
function environmentScript(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!VARIABLE.test(name) || value.includes('\0'))
      refuse(`${JSON.stringify(name)} cannot be a variable of the environment in a container`, 'Correct the policy.');
    return `export ${name}='${value.replaceAll("'", `'\\''`)}'`;
  });
  return `unset HOSTNAME container\n${lines.join('\n')}\n`;
}

/**
 * Process 1. The kernel keeps most signals from it, its own too, and a program has to be able to die of them: so it waits for
 * the gate and what comes behind it. What the shell says of such a death is not for anybody.
 */
const FIRST = `
eval "$(cat <&${ENVIRONMENT_DESCRIPTOR})"
exec ${ENVIRONMENT_DESCRIPTOR}<&-
cd "$1" || exit 125
shift
exec 9>&2 2>/dev/null
/bin/sh -c "$@" 2>&9 9>&-
exit $?
`;

function identity({ isRoot }: Engine): readonly string[] {
  const { id, host } = INSIDE_USER;
  // Root of the host is the user inside, and root inside is nobody outside.
  const mapped = [`${id}:0:1`, `0:100000:${id}`];
  const maps = isRoot
    ? mapped.flatMap((map) => ['--uidmap', map, '--gidmap', map])
    : ['--userns', `keep-id:uid=${id},gid=${id}`];
  return [...maps, '--user', `${id}:${id}`, '--passwd=false', '--hostname', host];
}

function resourceOptions(engine: Engine, { wallTimeMs, resources }: LaunchSpec['limits']): readonly string[] {
  const seconds = wallTimeMs === 'unlimited' ? 0 : Math.ceil(wallTimeMs / 1_000) + GRACE_S;
  const memory = resources?.memoryBytes ?? 'unlimited';
  const processes = resources?.processes;
  const asked =
    processes === 'unlimited' ? Infinity : (processes ?? MOST_TASKS / TASKS_PER_PROCESS) * TASKS_PER_PROCESS;
  const tasks = Math.min(asked, engine.most.processes);
  const files = Math.min(MOST_OPEN_FILES, engine.most.openFiles);
  return [
    ['--timeout', String(seconds), '--ulimit', `nofile=${files}:${files}`, '--ulimit', `nproc=${tasks}:${tasks}`],
    // A control group is root's to make everywhere, and anyone else's only where it was delegated.
    engine.isRoot ? ['--pids-limit', String(tasks)] : [],
    memory === 'unlimited' ? [] : ['--shm-size', String(Math.ceil(memory / 4))],
    memory === 'unlimited' || !engine.isRoot ? [] : ['--memory', String(MEMORY_SLACK * memory)],
  ].flat();
}

function confinement(skeleton: Skeleton): readonly string[] {
  const filter = skeleton.filterFile === null ? [] : [`seccomp=${skeleton.filterFile}`];
  // Files of the host are shown as they are, so labels of containers would keep the program from all of them.
  const security = ['no-new-privileges', 'label=disable', `mask=${MASKED}`, ...filter];
  return [
    ['--network', 'none', '--ipc', 'private', '--uts', 'private', '--pid', 'private', '--cgroupns', 'private'],
    ['--read-only', '--read-only-tmpfs=false', '--cap-drop', 'all'],
    security.flatMap((option) => ['--security-opt', option]),
  ].flat();
}

/** podman refuses two mounts at one place; here, as elsewhere, the later one covers the earlier. */
function once(mounts: readonly string[]): readonly string[] {
  const byTarget = new Map(mounts.map((mount) => [/"dst=(?:[^"]|"")*"/u.exec(mount)?.[0] ?? mount, mount]));
  return [...byTarget.values()].flatMap((mount) => ['--mount', mount]);
}

export interface ContainerLaunch {
  readonly argv: readonly [string, ...string[]];
  /** Contents of the descriptor behind the standard three; the gate comes after it. */
  readonly handed: readonly Uint8Array[];
}

function requireValid(spec: LaunchSpec): void {
  for (const path of [spec.cwd, ...spec.mounts.map(({ target }) => target)]) {
    if (!path.startsWith('/') || path.split('/').includes('..'))
      refuse(`${JSON.stringify(path)} is not an absolute path inside the sandbox`, 'This is a defect of loopwright.');
  }
  const withNul = spec.argv.find((text) => text.includes('\0'));
  if (withNul !== undefined)
    refuse(`${JSON.stringify(withNul)} holds a NUL character`, 'Correct the policy or the task.');
}

/** Nothing of the launch but paths, limits and the program itself is in the argument list. */
export function planContainer(context: ContainerContext, spec: LaunchSpec, skeleton: Skeleton): ContainerLaunch {
  requireValid(spec);
  const [program] = spec.argv;
  if (program === undefined || program === '') refuse('no program was given', 'This is a defect of loopwright.');
  const { engine, view, mountPoints } = context;
  const { mounts, beside } = planForwards(spec.forwards ?? []);
  const also = beside.length === 0 ? null : { words: beside.length, ready: 'forwarding' };
  const limits = spec.limits.resources === undefined ? '' : kernelLimits(spec.limits.resources);
  const all = [...spec.mounts, ...mounts];
  const covers = { mountPoints, emptyFile: skeleton.emptyFile };
  const places = [
    ...view.system.flatMap((part) => systemMounts(part, covers, spec)),
    ...SCRATCH.map((place) => scratch(place, spec.limits)),
    ...view.toolchains.flatMap((part) => systemMounts(part, covers, spec)),
    ...all.flatMap((mount, index) => mountOf(mount, index, all, mountPoints)),
  ];
  const options = [
    ['run', '--rm', '--name', skeleton.name, '--pull', 'never', '--log-driver', 'passthrough', '--http-proxy=false'],
    ['--no-hosts', '--no-healthcheck', '--systemd=false', '--sdnotify', 'ignore', '--preserve-fds', '2'],
    ['--pidfile', skeleton.pidFile, ...identity(engine), ...confinement(skeleton)],
    [...resourceOptions(engine, spec.limits), ...once(places), '--workdir', '/', '--rootfs', `${skeleton.root}:O`],
  ].flat();
  const gate = gateScript(GATE_DESCRIPTOR, also, limits);
  const inside = ['/bin/sh', '-c', FIRST, 'sh', spec.cwd, gate, 'sh', ...beside, ...spec.argv];
  return {
    argv: [engine.podman, ...engine.global, ...options, ...inside],
    handed: [new TextEncoder().encode(environmentScript({ ...baseEnvironment(view), ...spec.env }))],
  };
}
