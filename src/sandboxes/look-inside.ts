/** Starting something in a sandbox that looks around, with something of the host's there that must not be seen. */
import { mkdirSync, mkdtempSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import type { LaunchSpec, Sandbox } from '../ports/sandbox.ts';
import { LOOK_AROUND, readSights } from './look-around.ts';
import type { Sights } from './look-around.ts';

/** Longest it may take, in ms. It takes some 40 in bubblewrap and some 700 in a container. */
const PROBE_MS = 60_000;

const MARKER = '.loopwright-probe';

/** `cause`: why no directory could be made in `place`, where a trial launch keeps its few files. */
export function noRoomToTry(place: string, cause: Error): LoopwrightError {
  const full = 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  return new LoopwrightError(full ? 'LW_DISK_FULL' : 'LW_SANDBOX_UNAVAILABLE', {
    message: `the sandbox cannot be tried: no directory can be made in ${place}: ${cause.message}`,
    next: `${full ? `Make room in ${place}` : `Make ${place} writable`}, or set TMPDIR to a directory with some megabytes: \`TMPDIR=DIRECTORY loopwright doctor\`.`,
    details: { place },
    cause,
  });
}

function scratchDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'loopwright-probe-'));
  } catch (error) {
    throw error instanceof Error ? noRoomToTry(tmpdir(), error) : error;
  }
}

export function hostNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

/** `home`: of the user on the host. Rejects as a launch does, and where nothing can be written to try it with. */
export async function lookInside(sandbox: Pick<Sandbox, 'launch'>, home: string): Promise<Sights> {
  const root = scratchDirectory();
  const [workspace, canary] = [join(root, 'workspace'), join(root, 'canary')];
  try {
    mkdirSync(workspace);
    writeFileSync(canary, '');
    const spec: LaunchSpec = {
      argv: ['/bin/sh', '-c', LOOK_AROUND, 'look-around', home, canary, MARKER],
      cwd: '/workspace',
      env: {},
      mounts: [{ kind: 'writable', source: workspace, target: '/workspace' }],
      stdin: null,
      limits: { wallTimeMs: PROBE_MS, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 65_536 },
    };
    const { stdout } = await sandbox.launch(spec, new AbortController().signal).finished;
    return readSights(Buffer.from(stdout).toString('utf8'));
  } finally {
    for (const file of [join(workspace, MARKER), canary]) rmSync(file, { force: true });
    rmdirSync(workspace);
    rmdirSync(root);
  }
}
