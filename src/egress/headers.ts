/** Headers at the proxy: what goes on, and what would be read differently by two readers. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { HOP_BY_HOP } from '../core/hop-by-hop.ts';

const NOT_PASSED: ReadonlySet<string> = new Set(HOP_BY_HOP);

export type PassedHeaders = Record<string, string | string[]>;

/** Without what is for one connection only, and what `connection` names as such. */
export function passedHeaders(headers: IncomingHttpHeaders): PassedHeaders {
  const named = (headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const passed: PassedHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_PASSED.has(name) && !named.includes(name)) passed[name] = value;
  }
  return passed;
}

function countOf(rawHeaders: readonly string[], wanted: string): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === wanted).length;
}

/** Of these a second one, or both, make it unclear where a request ends or whom it is for (RFC 9112, section 11.2). */
export function ambiguity(rawHeaders: readonly string[]): string | null {
  for (const name of ['host', 'content-length', 'transfer-encoding']) {
    if (countOf(rawHeaders, name) > 1) return `it has more than one \`${name}\``;
  }
  if (countOf(rawHeaders, 'host') === 0) return 'it names no host';
  const both = countOf(rawHeaders, 'content-length') + countOf(rawHeaders, 'transfer-encoding');
  if (both > 1) return 'it has both `content-length` and `transfer-encoding`';
  return countOf(rawHeaders, 'upgrade') > 0 ? 'it asks for another protocol' : null;
}

export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
