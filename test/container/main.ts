/**
 * Makes sure that podman is there and starts anything at all, without a word of ours about how. Ends with 2 where it can not
 * be had: a suite that skipped everything would look like one that passed.
 */
import { spawnSync } from 'node:child_process';

const ABSENT = 2;

/** The machine as it is, below a layer that is thrown away. Small limits, because podman asks for more than some may have. */
const TRIAL = [
  'run',
  '--rm',
  '--network',
  'none',
  '--ulimit',
  'nofile=256:256',
  '--ulimit',
  'nproc=256:256',
  '--rootfs',
  '/:O',
  '/bin/true',
];

/** What podman does by itself, and what it has to be told where control groups are of two versions and no systemd is. */
const WAYS = [[], ['--cgroup-manager', 'cgroupfs'], ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs']];

function whyNot(): string | null {
  const setup = spawnSync('sh', ['scripts/setup.sh', 'container'], { encoding: 'utf8' });
  if (setup.status !== 0) return setup.stderr.trim();
  const tried = WAYS.map((way) => spawnSync('podman', [...way, ...TRIAL], { encoding: 'utf8' }));
  return tried.some(({ status }) => status === 0) ? null : (tried[0]?.stderr.trim() ?? '');
}

const why = whyNot();
if (why !== null) {
  console.error(
    `Skipped: podman can not be had on this machine, so nothing is known of \`sandbox: container\` here.\n${why}`,
  );
  process.exitCode = ABSENT;
}
