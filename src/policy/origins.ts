/** Where the values of a resolved policy came from. */
import type { PolicyFile } from './content.ts';

/**
 * Where each value of a resolved policy came from: leaf path (`limits.wallTimeMs`) to `default`, `class fix`,
 * `loopwright.yaml:12` or `--max-time`. Several sources of a list are joined by `, `.
 */
export type PolicyOrigins = Readonly<Record<string, string>>;

/** Takes notes of origins while values are picked. */
export interface Notes {
  readonly origins: Record<string, string>;
}

/** `loopwright.yaml:12`; the file alone for a key that is not in it. */
export function fileOrigin(file: PolicyFile, key: string): string {
  const line = file.lines.get(key);
  return line === undefined ? file.fileName : `${file.fileName}:${line}`;
}
