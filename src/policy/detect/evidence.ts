/** What detection looks at: the files of a commit, never of a work tree, and nothing is run. */
import type { CheckSpec, ReportFormat } from '../../core/check.ts';
import type { BaseReader } from '../../ports/workspace.ts';
import { DEFAULT_CHECK_TIMEOUT_MS } from '../classes.ts';

/** A check the repository already describes, and where it says so. */
export interface DetectedCheck {
  readonly spec: CheckSpec;
  /** For people: `package.json: scripts.test is "vitest run"`. */
  readonly evidence: string;
  /** The same check by another way, for where the first can not be started: tried in this order, the report as in `spec`. */
  readonly instead?: readonly string[];
}

export interface RepositoryFacts {
  readonly paths: ReadonlySet<string>;
  /** Text of a file at the root, or null. Files over the ceiling or not UTF-8 count as absent: evidence is optional. */
  text(path: string): Promise<string | null>;
  has(...paths: readonly string[]): boolean;
  any(pattern: RegExp): boolean;
}

/** Larger manifests are generated, and nothing a person wrote hides that deep. */
const MAX_EVIDENCE_BYTES = 512 * 1024;

export async function readFacts(reader: BaseReader): Promise<RepositoryFacts> {
  const list = await reader.listFiles();
  const paths = new Set(list);
  const decoder = new TextDecoder('utf-8');
  return {
    paths,
    has: (...wanted) => wanted.some((path) => paths.has(path)),
    any: (pattern) => list.some((path) => pattern.test(path)),
    text: async (path) => {
      if (!paths.has(path)) return null;
      const bytes = await reader.readFile(path, MAX_EVIDENCE_BYTES);
      return bytes === null ? null : decoder.decode(bytes);
    },
  };
}

/** Where detected commands write their report: the root of a fresh checkout that is thrown away after the check. */
export const REPORT_FILE = 'loopwright-report.xml';

export function detected(
  id: string,
  run: string,
  evidence: string,
  plan: { readonly report: ReportFormat; readonly reportFile: string | null } = {
    report: 'exit-code',
    reportFile: null,
  },
): DetectedCheck {
  return { spec: { id, run, ...plan, timeoutMs: DEFAULT_CHECK_TIMEOUT_MS }, evidence };
}
