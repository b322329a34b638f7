/** What a container really enforces on this machine: by starting something in it that looks around. */
import { homedir } from 'node:os';
import { isLoopwrightError } from '../../core/errors.ts';
import type { SandboxReport } from '../../core/event.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import type { Environment, HostView } from '../host-view.ts';
import { baseEnvironment } from '../inside.ts';
import { findBroken, keptAlike, shownOfHome } from '../look-around.ts';
import type { Sights } from '../look-around.ts';
import { hostNamespace, lookInside } from '../look-inside.ts';
import type { Engine } from './engine.ts';
import { doesNotConfine, doesNotWork } from './unavailable.ts';

export interface ProbedContainer {
  readonly engine: () => Promise<Engine>;
  readonly view: () => HostView;
  readonly launch: Sandbox['launch'];
  readonly hostEnvironment: Environment;
}

/** Variables podman sets for process 1, whatever it is told. */
const OF_PODMAN = ['HOSTNAME', 'container'];

const TIGHTENED =
  "podman's own list of what is allowed, without ptrace, mounts, namespaces, keys, bpf, io_uring, raw or strange sockets; another architecture ends the process";

const NOT_TIGHTENED =
  "podman's own filter on system calls was not found in a file, so it is in force as it is: io_uring, tracing of one's own processes and sockets of strange kinds may be open";

const GAPS = [
  'workspaces are clones: a container shows no overlay',
  'paths of mounts are in the argument list of podman, which other users of the machine can read, and with the program in its records until it ends',
  'each launch takes about half a second',
];

/** Where there is no control group of ours, what many processes do between two looks is not held. */
const NO_GROUP =
  'podman does not run as root, so no control group holds memory and processes of a launch: they are looked at four times a second, and one process alone is held by the kernel';

/** `npm run test:container` runs as whoever starts it, and in continuous integration that is root. */
const UNTRIED = 'podman of an ordinary user is tried by hand only, not by every test of loopwright';

function enforced(engine: Engine, sights: Sights, shown: readonly string[]): Record<string, string> {
  const held = engine.isRoot
    ? 'memory, processes, disk and deletions of a launch are watched; a control group holds processes and twice the memory; memory, open files, file size and processor time of a process are held by the kernel (rlimits)'
    : 'memory, processes, disk and deletions of a launch are watched; memory, open files, file size and processor time of a process are held by the kernel (rlimits)';
  return {
    ...keptAlike(sights, shown),
    'system calls': engine.filter === null ? "podman's own filter" : TIGHTENED,
    'user namespaces': sights['namespaces'] === 'refused' ? 'refused inside' : 'not tried, unshare is missing',
    resources: held,
    terminal: 'none',
    'process tree': 'PID namespace: nothing survives the end, or the supervisor',
    overlay: 'not available: workspaces are clones',
  };
}

/** Rejects with `LW_SANDBOX_UNAVAILABLE` when podman is missing, starts nothing, or does not keep a promise. */
export async function probeContainer(sandbox: ProbedContainer): Promise<SandboxReport> {
  const engine = await sandbox.engine();
  const home = sandbox.hostEnvironment['HOME'] ?? homedir();
  const sights = await lookInside(sandbox, home).catch((error: unknown) => {
    throw isLoopwrightError(error, 'LW_SANDBOX_LAUNCH') ? doesNotWork(error.message, error) : error;
  });
  const view = sandbox.view();
  const broken = findBroken(sights, {
    view,
    home,
    hostVariables: Object.keys(sandbox.hostEnvironment),
    ownVariables: [...Object.keys(baseEnvironment(view)), ...OF_PODMAN],
    hostNamespace: hostNamespace(),
    filtered: true,
  });
  if (broken.length > 0) throw doesNotConfine(broken);
  const hidden = view.hiddenPath.map((entry) => `programs in ${entry} are on the PATH of the host and not inside`);
  return {
    id: 'container',
    confines: true,
    version: `podman ${engine.version}, ${engine.runtime}`,
    enforced: enforced(engine, sights, shownOfHome(view, home)),
    gaps: [
      ...(engine.filter === null ? [NOT_TIGHTENED] : []),
      ...GAPS,
      ...(engine.isRoot ? [] : [NO_GROUP, UNTRIED]),
      ...hidden,
    ],
  };
}
