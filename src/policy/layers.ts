/** The layers of settings a file gives, and how one value is picked from them. */
import type { ClassChain } from './class-chain.ts';
import type { PolicyFile, SharedSections } from './content.ts';
import { fileOrigin, type Notes } from './origins.ts';

/** One layer of settings, with the way to say where a key of it stands. */
export interface Layer {
  readonly sections: SharedSections;
  readonly originOf: (key: string) => string;
}

/** The file itself, then its class sections from general to special. */
export function fileLayers(file: PolicyFile | null, chain: ClassChain): readonly Layer[] {
  if (file === null) return [];
  return [
    { sections: file.content, originOf: (key) => fileOrigin(file, key) },
    ...chain.sections.map(({ name, section }) => ({
      sections: section,
      originOf: (key: string) => fileOrigin(file, `classes.${name}.${key}`),
    })),
  ];
}

export interface Candidate<T> {
  readonly value: T | undefined;
  readonly origin: string;
}

export function pick<T>(
  notes: Notes,
  path: string,
  first: Candidate<T> & { value: T },
  later: readonly Candidate<T>[],
): T {
  let chosen: { value: T; origin: string } = first;
  for (const { value, origin } of later) if (value !== undefined) chosen = { value, origin };
  notes.origins[path] = chosen.origin;
  return chosen.value;
}
