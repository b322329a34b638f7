/** What a forge knows: one repository on real git, its requests, statuses and rules. Both dialects speak of this. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FORGE_GIT_ENV } from '../cloud/forge.ts';
import type { CommitWish } from '../cloud/forge.ts';

export interface FakeRequest {
  readonly number: number;
  readonly branch: string;
  readonly author: string;
  /** null: from the repository itself. */
  readonly fork: string | null;
  target: string;
  title: string;
  body: string;
  state: 'open' | 'closed' | 'merged';
  labels: string[];
  reviewers: string[];
  /** Kept when the branch is gone. */
  head: string;
  mergeCommit: string | null;
}

export interface FakeStatus {
  readonly commit: string;
  readonly name: string;
  readonly state: 'green' | 'red' | 'pending';
  readonly words: string;
}

export type MergeMethod = 'merge' | 'squash' | 'fast-forward';

export interface FakeRepository {
  readonly slug: string;
  readonly bare: string;
  readonly requests: FakeRequest[];
  /** Oldest first. */
  readonly statuses: FakeStatus[];
  readonly protected: Set<string>;
  defaultBranch: string;
  mergeMethod: MergeMethod;
  git(...args: readonly string[]): string;
  /** null where there is no such branch. */
  tip(branch: string): string | null;
  commit(wish: CommitWish): string;
  add(request: Partial<FakeRequest> & Pick<FakeRequest, 'branch'>): FakeRequest;
  /** Merges for real. Returns false on a conflict. */
  merge(request: FakeRequest): boolean;
  /** Follows branches that were pushed. */
  refresh(): void;
}

export function createRepository(root: string, slug: string): FakeRepository {
  const bare = join(root, `${slug}.git`);
  mkdirSync(bare, { recursive: true });
  const run = (args: readonly string[], input?: string | Uint8Array, env: Record<string, string> = {}): string =>
    execFileSync('git', args, {
      cwd: bare,
      env: { ...FORGE_GIT_ENV, ...env },
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    }).trim();
  run(['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  const index = { GIT_INDEX_FILE: join(root, `index-${slug.replaceAll('/', '-')}`) };
  const tip = (branch: string): string | null => {
    const found = run(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`]);
    return found === '' ? null : found;
  };

  function merged(request: FakeRequest, onto: string): string | null {
    if (repository.mergeMethod === 'fast-forward') return request.head;
    let tree: string;
    try {
      tree = run(['merge-tree', '--write-tree', onto, request.head]);
    } catch {
      return null;
    }
    const parents = repository.mergeMethod === 'merge' ? ['-p', onto, '-p', request.head] : ['-p', onto];
    return run(['commit-tree', tree, ...parents, '-m', `Merge request ${request.number}`]);
  }

  const repository: FakeRepository = {
    slug,
    bare,
    requests: [],
    statuses: [],
    protected: new Set(['main']),
    defaultBranch: 'main',
    mergeMethod: 'merge',
    git: (...args) => run(args),
    tip,
    commit({ files, parent, refs }) {
      rmSync(index.GIT_INDEX_FILE, { force: true });
      if (parent !== null) run(['read-tree', parent], undefined, index);
      for (const [path, content] of Object.entries(files)) {
        const blob = run(['hash-object', '-w', '--stdin'], content);
        run(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], undefined, index);
      }
      const tree = run(['write-tree'], undefined, index);
      const parents = parent === null ? [] : ['-p', parent];
      const commit = run(['commit-tree', tree, ...parents, '-F', '-'], 'by somebody\n');
      for (const ref of refs) run(['update-ref', ref, commit]);
      return commit;
    },
    add(request) {
      const made: FakeRequest = {
        number: repository.requests.length + 1,
        author: 'ann',
        fork: null,
        target: 'main',
        title: 'A request',
        body: '',
        state: 'open',
        labels: [],
        reviewers: [],
        head: tip(request.branch) ?? 'a'.repeat(40),
        mergeCommit: null,
        ...request,
      };
      repository.requests.push(made);
      return made;
    },
    merge(request) {
      const onto = tip(request.target);
      const commit = onto === null ? null : merged(request, onto);
      if (commit === null || onto === null) return false;
      run(['update-ref', `refs/heads/${request.target}`, commit, onto]);
      Object.assign(request, { state: 'merged', mergeCommit: commit });
      return true;
    },
    refresh() {
      for (const request of repository.requests) {
        if (request.state === 'open' && request.fork === null) request.head = tip(request.branch) ?? request.head;
      }
    },
  };
  return repository;
}
