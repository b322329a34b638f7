/** One request the proxy can read: in plain HTTP, or in TLS that it opened. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { networkRuleFor, READ_ONLY_METHODS, showNetworkRule } from '../core/network.ts';
import type { Destination, NetworkRule } from '../core/network.ts';
import { CLOSED } from './context.ts';
import type { ProxyContext, Refusal } from './context.ts';
import { answer, forward, refuse } from './forward.ts';
import type { Exchange } from './forward.ts';
import { ambiguity, hasBody } from './headers.ts';
import { readAbsolute, readAuthority, shownHost } from './target.ts';

/** Why a rule does not let this very request pass; null where it does. */
export function objection(rule: NetworkRule, request: IncomingMessage): Refusal | null {
  if (rule.methods === 'any') return null;
  const method = request.method ?? 'GET';
  if (!READ_ONLY_METHODS.has(method))
    return { status: 403, why: `${showNetworkRule(rule)} is read-only, and ${method} is not` };
  return hasBody(request.headers)
    ? { status: 403, why: `${showNetworkRule(rule)} is read-only, and the request has a body` }
    : null;
}

/** The `Host` of a request has to be the host it was sent to: a server believes the header. */
function hostProblem(request: IncomingMessage, { host, port, tls }: Destination): string | null {
  const ambiguous = ambiguity(request.rawHeaders);
  if (ambiguous !== null) return `the request cannot be passed: ${ambiguous}`;
  const named = readAuthority(request.headers.host ?? '', tls ? 443 : 80);
  return named.ok && named.host === host && named.port === port
    ? null
    : `the request is sent to ${host} and says that it is for another host`;
}

export function uncovered(to: Destination): Refusal {
  return { status: 403, why: `no rule of \`network.allow\` covers ${showNetworkRule(to)}` };
}

async function judged(
  context: ProxyContext,
  exchange: Exchange,
  to: Destination & { readonly path: string },
): Promise<void> {
  const { request } = exchange;
  const route = { host: to.host, port: to.port, method: request.method ?? null };
  const problem = hostProblem(request, to);
  if (problem !== null) return refuse(exchange, route, { status: 421, why: problem });
  const rule = networkRuleFor(context.network, to);
  if (rule === null) return refuse(exchange, route, uncovered(to));
  const against = objection(rule, request);
  if (against !== null) return refuse(exchange, route, against);
  return forward(context, exchange, { ...to, rule });
}

/** Runs the work under the window of now, and ends the connection of a request whose fate could not be written down. */
function within(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  work: (exchange: Exchange) => Promise<void>,
): void {
  const window = context.window();
  if (window === null || window.over.aborted) return answer(response, CLOSED);
  window.hold(request.socket);
  window.follow(
    work({ request, response, window }).catch((error: unknown) => {
      response.destroy();
      throw error;
    }),
  );
}

/** `GET http://host/path`, as clients ask a proxy. */
export function plainRequest(context: ProxyContext, request: IncomingMessage, response: ServerResponse): void {
  within(context, request, response, (exchange) => {
    const url = request.url ?? '';
    const target = readAbsolute(url);
    if (target.ok) return judged(context, exchange, { ...target, tls: false });
    const host = shownHost(/^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? url);
    const why = `what was asked for ${target.problem}`;
    return refuse(exchange, { host, port: null, method: request.method ?? null }, { status: 403, why });
  });
}

/** `GET /path` within TLS that was opened for this very host. */
export function openedRequest(
  context: ProxyContext,
  to: Destination,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  within(context, request, response, (exchange) => {
    const path = request.url ?? '/';
    if (path.startsWith('/')) return judged(context, exchange, { ...to, path });
    const route = { host: to.host, port: to.port, method: request.method ?? null };
    return refuse(exchange, route, { status: 400, why: 'the request cannot be passed: it does not begin with a path' });
  });
}
