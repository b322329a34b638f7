/** Attempts to reach the network, in words. Names of hosts are what the sandbox asked for: neutralise them before showing. */
import type { EgressCount, EgressRoute } from '../core/egress-event.ts';
import { bytes, count } from './words.ts';

export function destinationWords({ host, port, method }: Pick<EgressRoute, 'host' | 'port' | 'method'>): string {
  return `${method === null ? '' : `${method} `}${host}${port === null ? '' : `:${port}`}`;
}

/** `GET api.example.com:443: allowed by npm`. */
export function attemptWords(route: EgressRoute): string {
  const ruling = route.allowed ? `allowed by ${route.rule ?? 'a rule'}` : `refused: ${route.why ?? 'no rule'}`;
  return `${destinationWords(route)}: ${ruling}`;
}

export interface EgressTotals {
  readonly allowed: number;
  readonly refused: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** `unnamed` are refused or allowed, nobody knows which; they count as refused, which asks for a look. */
export function egressTotals(routes: readonly EgressCount[], unnamed: number): EgressTotals {
  let totals: EgressTotals = { allowed: 0, refused: unnamed, sentBytes: 0, receivedBytes: 0 };
  for (const { allowed, attempts, sentBytes, receivedBytes } of routes) {
    totals = {
      allowed: totals.allowed + (allowed ? attempts : 0),
      refused: totals.refused + (allowed ? 0 : attempts),
      sentBytes: totals.sentBytes + sentBytes,
      receivedBytes: totals.receivedBytes + receivedBytes,
    };
  }
  return totals;
}

export function totalsWords({ allowed, refused, sentBytes, receivedBytes }: EgressTotals): string {
  const traffic = `${bytes(sentBytes)} sent, ${bytes(receivedBytes)} received`;
  return `${count(allowed, 'request')} let out, ${refused} refused; ${traffic}`;
}
