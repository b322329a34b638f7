/** Which provider and which protocol a request line is for. Pure but for nothing: it only looks. */
import type { OpenProvider } from './call.ts';
import type { Dialect, Route } from './dialects/dialect.ts';

export interface Routed {
  readonly open: OpenProvider;
  readonly dialect: Dialect;
  readonly route: Route;
  /** Without the prefix that names the provider. */
  readonly path: string;
}

function routeIn(open: OpenProvider, method: string, path: string): Routed | null {
  for (const dialect of open.dialects) {
    const route = dialect.route(method, path);
    if (route !== null) return { open, dialect, route, path };
  }
  return null;
}

/**
 * `/NAME/...` is for the provider of that name; a bare path is for the first provider that speaks its protocol. null where
 * nobody does, and for everything that is no path.
 */
export function routeRequest(providers: readonly OpenProvider[], method: string, target: string): Routed | null {
  if (!target.startsWith('/')) return null;
  const name = /^\/([^/?]*)/.exec(target)?.[1] ?? '';
  const named = providers.find(({ provider }) => provider.name === name);
  if (named !== undefined) {
    const rest = target.slice(name.length + 1);
    return routeIn(named, method, rest.startsWith('/') ? rest : `/${rest}`);
  }
  for (const open of providers) {
    const routed = routeIn(open, method, target);
    if (routed !== null) return routed;
  }
  return null;
}
