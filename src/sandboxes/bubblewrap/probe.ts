/** What bubblewrap really enforces on this machine: by starting something in it that looks around. */
import { homedir } from 'node:os';
import { isLoopwrightError } from '../../core/errors.ts';
import type { SandboxReport } from '../../core/event.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import type { Cgroups } from '../../process/cgroups/groups.ts';
import { resourceGaps, resourcesInForce } from '../cgroup.ts';
import type { Environment, HostView } from '../host-view.ts';
import { baseEnvironment } from '../inside.ts';
import { findBroken, keptAlike, shownOfHome } from '../look-around.ts';
import type { Sights } from '../look-around.ts';
import { hostNamespace, lookInside } from '../look-inside.ts';
import type { OverlayMethod } from './overlay.ts';
import { doesNotConfine, doesNotStart, lookAtMachine, notInstalled } from './unavailable.ts';

export interface ProbedSandbox {
  /** null when it was not found. */
  readonly bwrap: string | null;
  readonly version: () => Promise<string>;
  readonly view: () => HostView;
  readonly overlayMethod: () => Promise<OverlayMethod | null>;
  readonly launch: Sandbox['launch'];
  readonly cgroups: () => Promise<Cgroups | null>;
  /** Whether there is a filter on system calls for this machine. */
  readonly filtered: boolean;
  readonly hostEnvironment: Environment;
}

const FILTERED =
  'filtered: no ptrace, mounts, namespaces, keys, bpf, io_uring, raw or strange sockets; another architecture ends the process';

const UNFILTERED = `no filter on system calls for ${process.arch}: every call the kernel offers to an unprivileged process can be tried`;

/** The kernel does not count processes of the user with the number 0, whoever that is inside. */
const UNCOUNTED = 'loopwright runs as root, so the kernel does not hold the number of processes: only the looks do';

interface Found {
  readonly sights: Sights;
  /** Of the home directory of the host. */
  readonly shown: readonly string[];
  readonly overlay: OverlayMethod | null;
  readonly cgroups: Cgroups | null;
}

function enforced(sandbox: ProbedSandbox, { sights, shown, overlay, cgroups }: Found): Record<string, string> {
  return {
    ...keptAlike(sights, shown),
    ...(sandbox.filtered ? { 'system calls': FILTERED } : {}),
    'user namespaces':
      sights['namespaces'] === 'refused' ? 'refused inside' : 'off inside; not tried, unshare is missing',
    resources: resourcesInForce(cgroups),
    terminal: 'none',
    'process tree': 'PID namespace: nothing survives the end',
    overlay: overlay === null ? 'not available: workspaces are clones' : `by ${overlay.kind}`,
  };
}

/** Rejects with `LW_SANDBOX_UNAVAILABLE` when it is missing, does not start, or does not keep a promise. */
export async function probeSandbox(sandbox: ProbedSandbox): Promise<SandboxReport> {
  const machine = lookAtMachine();
  if (sandbox.bwrap === null) throw notInstalled(machine);
  const home = sandbox.hostEnvironment['HOME'] ?? homedir();
  const sights = await lookInside(sandbox, home).catch((error: unknown) => {
    throw isLoopwrightError(error, 'LW_SANDBOX_LAUNCH') ? doesNotStart(machine, error) : error;
  });
  const view = sandbox.view();
  const broken = findBroken(sights, {
    view,
    home,
    hostVariables: Object.keys(sandbox.hostEnvironment),
    ownVariables: Object.keys(baseEnvironment(view)),
    hostNamespace: hostNamespace(),
    filtered: sandbox.filtered,
  });
  if (broken.length > 0) throw doesNotConfine(broken);
  const hidden = view.hiddenPath.map((entry) => `programs in ${entry} are on the PATH of the host and not inside`);
  const [overlay, cgroups] = [await sandbox.overlayMethod(), await sandbox.cgroups()];
  // With a group around it, the number of tasks is held whoever starts them.
  const uncounted = machine.isRoot && cgroups === null ? [UNCOUNTED] : [];
  return {
    id: 'bubblewrap',
    confines: true,
    version: await sandbox.version(),
    enforced: enforced(sandbox, { sights, shown: shownOfHome(view, home), overlay, cgroups }),
    gaps: [...(sandbox.filtered ? [] : [UNFILTERED]), ...resourceGaps(cgroups), ...uncounted, ...hidden],
  };
}
