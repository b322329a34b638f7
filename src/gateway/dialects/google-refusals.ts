/** Errors in the shape of Google's services, `google.rpc.Status` (google.aip.dev/193). */
import type { Refusal, RefusalAnswer } from './dialect.ts';
import { refusalHeaders } from './refusal-headers.ts';

/**
 * Gemini CLI stops after one call at 400, 402 and 403, and asks for minutes at 429 and above 500 (measured). The status in
 * words is never RESOURCE_EXHAUSTED, which clients take for a reason to wait.
 */
const FULL = { code: 402, status: 'FAILED_PRECONDITION' };
const FORBIDDEN = { code: 403, status: 'PERMISSION_DENIED' };
const INVALID = { code: 400, status: 'INVALID_ARGUMENT' };

const ERRORS: Readonly<Record<Refusal['kind'], typeof FULL>> = {
  budget: FULL,
  quota: FULL,
  ledger: FULL,
  model: FORBIDDEN,
  key: FORBIDDEN,
  stopped: FORBIDDEN,
  request: INVALID,
};

export function googleRefusal({ kind, message }: Refusal): RefusalAnswer {
  const { code, status } = ERRORS[kind];
  const body = JSON.stringify({ error: { code, message, status } });
  return { status: code, headers: refusalHeaders(), body };
}
