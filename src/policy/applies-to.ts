/** Which repositories a layer of the host speaks of: by the address of a remote, or by the path on this host. Pure. */
import { compileGlobs, globProblem, readPath } from './globs.ts';

/** What is known of a repository before anything of it is believed. */
export interface KnownRepository {
  /** Absolute, symlinks resolved. */
  readonly root: string;
  /** Addresses as git has them: URLs, `git@host:path`, paths. */
  readonly remotes: readonly string[];
}

/** `/srv/x` as `srv/x`: the form globs have. */
function relative(path: string): string {
  return path.replace(/^\/+/, '');
}

/** One sentence on what is wrong with a pattern, or null. */
export function appliesToProblem(pattern: string): string | null {
  if (pattern.includes('://')) return `"${pattern}" has a scheme; write \`github.com/acme/*\``;
  if (pattern.startsWith('~') && !pattern.startsWith('~/')) return 'only `~/` is known, not the home of another user';
  return globProblem(relative(pattern.replace(/^~\//, '/')));
}

/** `github.com/acme/shop` of any way to write that; null for what is no address. */
export function plainRemote(address: string): string | null {
  const text = address
    .trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]*)(?::\d+)?\/+(.+)$/i.exec(text);
  if (url !== null) return relative(`${(url[1] ?? '').toLowerCase()}/${url[2] ?? ''}`);
  const short = /^(?:[^/@:]+@)?([^/:]+):(?!\/\/)\/*(.+)$/.exec(text);
  if (short !== null) return `${(short[1] ?? '').toLowerCase()}/${short[2] ?? ''}`;
  return text.startsWith('/') ? relative(text) : null;
}

/** `home`: of whoever runs loopwright, for `~/`. A layer restricts, so that letter case tells no repository apart. */
export function appliesTo(patterns: readonly string[], { root, remotes }: KnownRepository, home: string): boolean {
  const globs = patterns.map((pattern) => relative(pattern.startsWith('~/') ? `${home}/${pattern.slice(2)}` : pattern));
  const test = compileGlobs(globs, 'folded');
  const names = [relative(root), ...remotes.flatMap((remote) => plainRemote(remote) ?? [])];
  return names.some((name) => test(readPath(name)));
}
