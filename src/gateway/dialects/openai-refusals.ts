/** Errors in OpenAI's shape (platform.openai.com/docs/guides/error-codes). */
import type { Refusal, RefusalAnswer } from './dialect.ts';
import { refusalHeaders } from './refusal-headers.ts';

/** What clients show beside the message; `billing_hard_limit_reached` is what the vendor itself says of a full budget. */
const CODES: Readonly<Record<Refusal['kind'], string>> = {
  budget: 'billing_hard_limit_reached',
  quota: 'billing_hard_limit_reached',
  model: 'model_not_allowed',
  request: 'invalid_request',
  key: 'invalid_api_key',
  stopped: 'run_stopped',
  ledger: 'ledger_unavailable',
};

export function openaiRefusal({ kind, message }: Refusal, status: number): RefusalAnswer {
  const error = { message, type: 'invalid_request_error', param: null, code: CODES[kind] };
  return { status, headers: refusalHeaders(), body: JSON.stringify({ error }) };
}
