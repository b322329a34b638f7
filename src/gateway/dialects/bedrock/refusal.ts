/** Errors in the shape of AWS' REST services: the type in a header, the message in the body. */
import type { Refusal, RefusalAnswer } from '../dialect.ts';
import { refusalHeaders } from '../refusal-headers.ts';

/**
 * The clients of this protocol are Claude Code and the AWS SDK. The first stops after one call at 402 and 403 (measured); the
 * second retries by type (throttling) and above 500.
 */
const FULL = { status: 402, type: 'ServiceQuotaExceededException' };
const FORBIDDEN = { status: 403, type: 'AccessDeniedException' };

const ERRORS: Readonly<Record<Refusal['kind'], typeof FULL>> = {
  budget: FULL,
  quota: FULL,
  ledger: FULL,
  model: FORBIDDEN,
  request: FORBIDDEN,
  key: FORBIDDEN,
  stopped: FORBIDDEN,
};

export function refusalOf({ kind, message }: Refusal): RefusalAnswer {
  const { status, type } = ERRORS[kind];
  return { status, headers: { ...refusalHeaders(), 'x-amzn-errortype': type }, body: JSON.stringify({ message }) };
}
