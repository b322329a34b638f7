/** Which hosts a run may reach besides its models, as a run obeys it. Plain JSON data. */
import type { Ceiling } from './limit.ts';

/** `read-only`: GET, HEAD and OPTIONS without a body. */
export type NetworkMethods = 'read-only' | 'any';

export interface NetworkRule {
  /** In the form of `readHostName`; `*.` before it covers every name below it, and not the name itself. */
  readonly host: string;
  readonly port: number;
  /** Whether requests are made in TLS. A rule says which: a port for one is never used for the other. */
  readonly tls: boolean;
  readonly methods: NetworkMethods;
  /** The name of the list of hosts this one is from; null where the policy names the host itself. */
  readonly preset: string | null;
  readonly reason: string | null;
}

export interface NetworkRules {
  readonly allow: readonly NetworkRule[];
  /** Bytes of one run through the proxy, both ways together. What comes after is refused. */
  readonly egressBytes: Ceiling;
}

export const NO_NETWORK: NetworkRules = { allow: [], egressBytes: 0 };

/** Methods that are meant to change nothing (RFC 9110, section 9.2.1), without TRACE, which repeats headers. */
export const READ_ONLY_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface Destination {
  /** In the form of `readHostName`. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export function coversHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.')
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : host === pattern;
}

/** The rule for a destination: the most generous of those that cover it, for a rule only ever allows. */
export function networkRuleFor(rules: NetworkRules, to: Destination): NetworkRule | null {
  const covering = rules.allow.filter(
    (rule) => rule.port === to.port && rule.tls === to.tls && coversHost(rule.host, to.host),
  );
  return covering.find(({ methods }) => methods === 'any') ?? covering[0] ?? null;
}

/** `registry.npmjs.org`, `*.example.com:8443`, `http://deb.debian.org`. */
export function showNetworkRule({ host, port, tls }: Pick<NetworkRule, 'host' | 'port' | 'tls'>): string {
  const usual = tls ? 443 : 80;
  return `${tls ? '' : 'http://'}${host}${port === usual ? '' : `:${port}`}`;
}
