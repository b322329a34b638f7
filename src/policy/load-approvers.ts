/**
 * Who may sign decisions: as the host says, or where it says nothing, as the base revision does. Never both, so that a
 * repository cannot add to what the host allows; never the tree of a change.
 */
import { LoopwrightError } from '../core/errors.ts';
import type { BaseReader } from '../ports/workspace.ts';
import { APPROVERS_FILE, parseApprovers, type ApproverKey } from './approvers.ts';
import { readHostFile, type Environment, type HostFile } from './host-file.ts';
import { decodeText, MAX_POLICY_BYTES } from './policy-bytes.ts';

export interface Approvers {
  readonly keys: readonly ApproverKey[];
  /** As named in messages; null where there is neither file. */
  readonly source: string | null;
}

function invalid(path: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_APPROVERS_INVALID', { message: `${path} ${problem}`, next, details: { path } });
}

const HOST_APPROVERS: HostFile = { variable: 'LOOPWRIGHT_APPROVERS', name: 'approvers', invalid };

function read(text: string, source: string): Approvers {
  const reading = parseApprovers(text);
  if (reading.ok) return { keys: reading.keys, source };
  throw invalid(`${source}:${reading.line}`, `cannot be read: ${reading.problem}`, 'docs/people.md shows one.');
}

/** Rejects with `LW_APPROVERS_INVALID`. Without any file nobody has a key. */
export async function loadApprovers(env: Environment, base: Pick<BaseReader, 'readFile'>): Promise<Approvers> {
  const host = await readHostFile(HOST_APPROVERS, env);
  if (host !== null) return read(host.text, host.path);
  const bytes = await base.readFile(APPROVERS_FILE, MAX_POLICY_BYTES);
  const source = `${APPROVERS_FILE} of the base revision`;
  if (bytes === null) return { keys: [], source: null };
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw invalid(source, decoded.problem, 'Save it as UTF-8 text.');
  return read(decoded.text, source);
}
