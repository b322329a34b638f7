/** The agent's home of one run. The agent writes there, so nothing of it is believed when the next turn is prepared. */
import { lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { assert } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { AgentHome } from '../ports/workspace.ts';
import type { Site } from './checkouts.ts';
import type { Room } from './room.ts';
import { workspaceLost } from './run-directory.ts';

function directoryOf(site: Site): string {
  return path.join(site.directory, 'home');
}

/** Rejects with `LW_WORKSPACE_LOST` where something else is in its place. */
async function ownDirectory(site: Site, directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (!hasSystemCode(error, 'EEXIST')) throw error;
  }
  if ((await lstat(directory)).isDirectory()) return;
  throw workspaceLost(site, `${directory} is not a directory: the agent put something else there`);
}

/** Makes it, where it is not there yet. */
export function makeHome(site: Site): Promise<void> {
  return ownDirectory(site, directoryOf(site));
}

/**
 * No process of the agent is alive between turns, so what was looked at is still so a moment later. The last name is never
 * opened for writing: a new file takes its place, whatever is there.
 */
async function put(site: Site, name: string, text: string): Promise<void> {
  const parts = name.split('/');
  assert(
    parts.every((part) => part !== '' && part !== '.' && part !== '..'),
    `${JSON.stringify(name)} is a path below the home`,
  );
  let directory = directoryOf(site);
  for (const part of parts.slice(0, -1)) {
    directory = path.join(directory, part);
    await ownDirectory(site, directory);
  }
  const draft = path.join(directory, `.loopwright-${randomBytes(8).toString('hex')}`);
  await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
  try {
    await rename(draft, path.join(directory, parts.at(-1) ?? ''));
  } catch (error) {
    if (!hasSystemCode(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
    throw workspaceLost(site, `${name} in the agent's home is a directory: the agent put it there`);
  }
}

export function homeOf(room: Room, site: Site): AgentHome {
  const directory = directoryOf(site);
  const target = room.stage.at('home', directory);
  return {
    path: target,
    mounts: [{ kind: 'writable', source: directory, target }],
    seed: async (files) => {
      await makeHome(site);
      for (const [name, text] of Object.entries(files)) await put(site, name, text);
    },
  };
}
