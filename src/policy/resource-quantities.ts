/** How each resource is written and shown. Loads no schema library: resolving a policy needs this too. */
import type { ResourceLimits } from '../core/resource.ts';
import type { ResourcesSection } from './content.ts';
import { formatBytes, formatDuration, parseBytes, parseCount, parseDuration, type Parsed } from './quantities.ts';

interface Form {
  readonly key: keyof ResourcesSection;
  readonly expects: string;
  readonly kind: string;
  readonly parse: (written: string | number) => Parsed;
  readonly write: (value: number) => string | number;
}

/** A share of all tracked files, from `50%` or `50`. */
function parsePercent(written: string | number): Parsed {
  const digits = /^(\d{1,3})\s*%?$/.exec(String(written).trim())?.[1];
  const value = Number(digits ?? 0);
  if (digits !== undefined && value >= 1 && value <= 100) return { ok: true, value };
  return { ok: false, problem: `"${written}" is not a share; write a whole number from 1% to 100%` };
}

const BYTES = { expects: 'a size such as `4 GiB`', kind: 'size', parse: parseBytes, write: formatBytes };
const COUNT = { expects: 'a whole number', kind: 'count', parse: parseCount, write: (value: number): number => value };

export const RESOURCE_FORMS: Readonly<Record<keyof ResourceLimits, Form>> = {
  memoryBytes: { key: 'memory', ...BYTES },
  processes: { key: 'processes', ...COUNT },
  writtenBytes: { key: 'disk', ...BYTES },
  writtenFiles: { key: 'files', ...COUNT },
  deletedFiles: { key: 'deleted-files', ...COUNT },
  deletedPercent: {
    key: 'deleted-share',
    expects: 'a share such as `50%`',
    kind: 'share',
    parse: parsePercent,
    write: (value) => `${value}%`,
  },
  openFiles: { key: 'open-files', ...COUNT },
  fileBytes: { key: 'file-size', ...BYTES },
  cpuTimeMs: {
    key: 'cpu-time',
    expects: 'a duration such as `30m`',
    kind: 'duration',
    parse: parseDuration,
    write: formatDuration,
  },
};
