/** The private directory of a launch: its home, its temporary files, and the profile, which the launch itself cannot reach. */
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where private directories are made, and taken away by whoever may delete: what lies in them is the agent's. */
export interface PrivatePlace {
  /** Absolute path of a new, empty directory that nobody else has. */
  make(): Promise<string>;
  /** Removes one that was made, with all below it. */
  remove(directory: string): Promise<void>;
}

export interface Skeleton {
  readonly home: string;
  readonly tmp: string;
  /** Path of the file that holds the profile, once it was written. */
  readonly profile: string;
  write(profile: string): Promise<void>;
  remove(): Promise<void>;
}

export async function makeSkeleton(place: PrivatePlace): Promise<Skeleton> {
  const directory = await place.make();
  const real = await realpath(directory);
  const [home, tmp, profile] = [join(real, 'home'), join(real, 'tmp'), join(real, 'profile.sb')];
  for (const path of [home, tmp]) await mkdir(path, { mode: 0o700 });
  return {
    home,
    tmp,
    profile,
    write: (text) => writeFile(profile, text, { flag: 'wx', mode: 0o600 }),
    remove: () => place.remove(directory),
  };
}
