/** Which repositories a layer of the host speaks of: by the address of a remote, or by the path on this host. Pure. */
import type { RepositoryNames } from '../ports/workspace.ts';
import { compileGlobs, globProblem, readPath } from './globs.ts';

/** `/srv/x` as `srv/x`: the form globs have. */
function relative(path: string): string {
  return path.replace(/^\/+/, '');
}

/** One sentence on what is wrong with a pattern, or null. */
export function appliesToProblem(pattern: string): string | null {
  if (pattern.includes('://')) return `"${pattern}" has a scheme; write \`github.com/acme/*\``;
  if (pattern.startsWith('~') && !pattern.startsWith('~/')) return 'only `~/` is known, not the home of another user';
  if (!/^[/~]/.test(pattern)) {
    // Addresses are compared without these, so that the layer would speak of nothing.
    if (/^[^/]*[@:]/.test(pattern)) return `"${pattern}" has a login, a port or a colon; write \`github.com/acme/*\``;
    if (/\.git$/i.test(pattern)) return `"${pattern}" ends with \`.git\`; write the address without it`;
  }
  return globProblem(relative(pattern.replace(/^~\//, '/')));
}

/** The name of the host alone: `[git@github.com:22]` is one way of git to write a port, `[::1]` is no port. */
function hostOf(authority: string): string {
  const inside = /^(?:.*@)?\[([^\]]*)\](?::\d*)?$/.exec(authority)?.[1] ?? authority;
  const host = inside.slice(inside.lastIndexOf('@') + 1);
  return host
    .replace(/^([^:]*):\d*$/, '$1')
    .replace(/\.+$/, '')
    .toLowerCase();
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}

/** As a client of HTTP sends it, and without what git adds: `x/..`, `.` and empty parts name nothing. */
function pathOf(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/').replace(/\/?\.git$/i, '');
}

/** `github.com/acme/shop` of any way to write that; null for what is no address. */
export function plainRemote(address: string): string | null {
  // `https::https://x` names the helper of a transport first (gitremote-helpers(7)).
  const text = address.trim().replace(/^(?:[a-z0-9][a-z0-9+.-]*::)+/i, '');
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)\/+(.+)$/i.exec(text);
  if (url !== null) return relative(`${hostOf(url[1] ?? '')}/${pathOf(decoded(url[2] ?? ''))}`);
  const short = /^((?:[^/:[]*@)?\[[^\]/]*\]|[^/:]+):(?!\/\/)\/*(.+)$/.exec(text);
  if (short !== null) return `${hostOf(short[1] ?? '')}/${pathOf(short[2] ?? '')}`;
  return text.startsWith('/') ? pathOf(text) : null;
}

/** `home`: of whoever runs loopwright, for `~/`. A layer restricts, so that letter case tells no repository apart. */
export function appliesTo(patterns: readonly string[], { roots, remotes }: RepositoryNames, home: string): boolean {
  const globs = patterns.map((pattern) => relative(pattern.startsWith('~/') ? `${home}/${pattern.slice(2)}` : pattern));
  const test = compileGlobs(globs, 'folded');
  const names = [...roots.map(relative), ...remotes.flatMap((remote) => plainRemote(remote) ?? [])];
  return names.some((name) => test(readPath(name)));
}
