/** What a path in the policy may be. Each rule answers with the problem in words, or null. */

const CONTROL = /[\x00-\x1f\x7f]/;

function relativeProblem(path: string): string | null {
  if (path.trim() === '' || path !== path.trim()) return `"${path}" is empty or has spaces around it`;
  if (CONTROL.test(path)) return 'the path has a control character';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.startsWith('~')) {
    return `"${path}" is absolute; write it relative to the repository`;
  }
  if (path.includes('\\')) return `"${path}" has a backslash; paths use \`/\``;
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.'))
    return `"${path}" has a \`.\` or \`..\` part; write it from the repository's root`;
  if (parts.includes('')) return `"${path}" has an empty part; remove the extra slash`;
  if (parts.some((part) => part.toLowerCase() === '.git')) return `"${path}" is inside \`.git\``;
  return null;
}

export function hasWildcard(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

export function reportFileProblem(path: string): string | null {
  return relativeProblem(path);
}

/** Dependency directories are named, not matched: each is looked up in the user's checkout, outside the sandbox. */
export function dependencyProblem(path: string): string | null {
  const problem = relativeProblem(path);
  if (problem !== null) return problem;
  return hasWildcard(path) ? `"${path}" is a glob; name each directory` : null;
}
