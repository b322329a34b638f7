/** What one run's proxy works with, shared by every connection of it. */
import type { EgressRoute } from '../core/egress-event.ts';
import type { NetworkRule, NetworkRules } from '../core/network.ts';
import type { EgressSecret } from '../ports/egress.ts';
import type { Authority } from './authority.ts';
import type { Dial } from './dialer.ts';
import type { HideSecret } from './secrets.ts';
import type { Window } from './window.ts';

export interface ProxyContext {
  readonly network: NetworkRules;
  readonly secrets: readonly EgressSecret[];
  readonly hideSecret: HideSecret;
  readonly dial: Dial;
  /** null where no host of this policy needs its requests seen. */
  readonly authority: Authority | null;
  /** Roots that servers outside are held to, PEM; null: those of Node. */
  readonly roots: readonly string[] | null;
  /** null between turns. */
  readonly window: () => Window | null;
  /** Longest silence within a connection, milliseconds. */
  readonly silenceMs: number;
}

/** Whether the requests to this host have to be seen, and TLS therefore opened. */
export function opensTls(rule: NetworkRule, secrets: readonly EgressSecret[], host: string): boolean {
  return rule.methods === 'read-only' || secrets.some(({ hosts }) => hosts.includes(host));
}

export interface Refusal {
  readonly status: number;
  readonly why: string;
}

/** What the client is told begins so, so that people who read its output know who spoke. */
export function said(why: string): string {
  return `loopwright: ${why}\n`;
}

export const FULL: Refusal = {
  status: 403,
  why: 'the limit of this run on what passes the proxy is reached (limits.egress-bytes, or too many different hosts)',
};

export const CLOSED: Refusal = { status: 403, why: 'no turn is under way' };

export function refusedRoute(route: Pick<EgressRoute, 'host' | 'port' | 'method'>, why: string): EgressRoute {
  return { ...route, allowed: false, rule: null, why };
}
