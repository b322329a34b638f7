/** Where loopwright keeps what. Every path of the room is made here, from the home directory and checked names. */
import { mkdir, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '../core/errors.ts';

export interface StateDirectory {
  /** Absolute, symlinks resolved. */
  readonly home: string;
  readonly mirrors: string;
  readonly bases: string;
  readonly runs: string;
  readonly bundles: string;
  /** Directories being made, to be renamed into their place. */
  readonly drafts: string;
  /** Things on their way out; nothing in it is ever mounted anywhere. */
  readonly trash: string;
  /** Stands for HOME of git; stays empty. */
  readonly empty: string;
  /** A file without content; shown in place of secrets. */
  readonly nothing: string;
  run(runId: string): string;
  bundle(runId: string): string;
}

/** A run id becomes a directory name, a ref name and part of a branch name. */
export function isRunId(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(text);
}

export async function openStateDirectory(home: string): Promise<StateDirectory> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const real = await realpath(home);
  const inside = (name: string): string => path.join(real, name);
  const state: StateDirectory = {
    home: real,
    mirrors: inside('mirrors'),
    bases: inside('bases'),
    runs: inside('runs'),
    bundles: inside('bundles'),
    drafts: inside('drafts'),
    trash: inside('trash'),
    empty: inside('empty'),
    nothing: inside('nothing'),
    run: (runId) => path.join(inside('runs'), checked(runId)),
    bundle: (runId) => path.join(inside('bundles'), `${checked(runId)}.bundle`),
  };
  const directories = [state.mirrors, state.bases, state.runs, state.bundles, state.drafts, state.trash, state.empty];
  await Promise.all(directories.map((directory) => mkdir(directory, { recursive: true, mode: 0o700 })));
  await (await open(state.nothing, 'a', 0o444)).close();
  return state;
}

function checked(runId: string): string {
  assert(isRunId(runId), `a run id is lower-case letters, digits and dashes, not ${JSON.stringify(runId)}`);
  return runId;
}
