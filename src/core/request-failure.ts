/** Why a request over HTTP has no answer. */
import { systemCode } from './system-code.ts';

/** Of what `fetch` rejects with. Never the address and never a header: what fails may hold either. */
export function requestFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer (the connection ended)';
  if (error.name === 'TimeoutError') return 'no answer in time';
  return `no answer (${systemCode(error.cause) ?? 'the connection ended'})`;
}
