/** Errors in Anthropic's shape (platform.claude.com/docs/en/api/errors). */
import type { Refusal, RefusalAnswer } from '../dialect.ts';
import { refusalHeaders } from '../refusal-headers.ts';

/**
 * At 402 and 403 every client of this protocol that was measured stops after one call; at 400 Claude Code asks five times
 * more, and at 401 for minutes.
 */
const STATUS = { billing_error: 402, permission_error: 403 } as const;

const TYPES: Readonly<Record<Refusal['kind'], keyof typeof STATUS>> = {
  budget: 'billing_error',
  quota: 'billing_error',
  model: 'permission_error',
  request: 'permission_error',
  key: 'permission_error',
  stopped: 'permission_error',
  ledger: 'billing_error',
};

export function refusalOf({ kind, message }: Refusal): RefusalAnswer {
  const type = TYPES[kind];
  const body = JSON.stringify({ type: 'error', error: { type, message } });
  return { status: STATUS[type], headers: refusalHeaders(), body };
}
