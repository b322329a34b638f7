/** Where the values of a resolved policy came from. */
import type { PolicyFile } from './content.ts';
import type { Place } from './place.ts';

/**
 * Where each value of a resolved policy came from: leaf path (`limits.wallTimeMs`) to `default`, `class fix`,
 * `loopwright.yaml:12` or `--max-time`. Several sources of a list are joined by `, `.
 */
export type PolicyOrigins = Readonly<Record<string, string>>;

/** Takes notes of origins while values are picked. */
export interface Notes {
  readonly origins: Record<string, string>;
}

/** `organisation.yaml:3, loopwright.yaml:12`. */
export function placesOrigin(places: readonly Place[]): string {
  return [...new Set(places.map(({ file, keyLine }) => `${file}:${keyLine}`))].join(', ');
}

/** `loopwright.yaml:12`; the file alone for a key that is not in it. */
export function fileOrigin(file: PolicyFile, key: string): string {
  const said = file.stack?.places.get(key);
  if (said !== undefined) return placesOrigin(said.holds);
  const line = file.lines.get(key);
  return line === undefined ? file.fileName : `${file.fileName}:${line}`;
}
