/** A forge and its git in memory: commits are words, effects happen at once, and a process can die at each of them. */
import { LoopwrightError } from '../../../src/core/errors.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { ChecksState, Forge, ReviewRequest } from '../../../src/ports/forge.ts';
import type { MergeResult, Remotes } from '../../../src/ports/remotes.ts';

export interface SimulatedForge {
  readonly forge: Forge;
  readonly remotes: Remotes;
  readonly requests: ReviewRequest[];
  /** Branches on the forge. */
  readonly tips: Map<string, string>;
  /** Parents by commit. */
  readonly parents: Map<string, readonly string[]>;
  /** Files at the tip of the target. */
  readonly files: Map<string, string>;
  readonly guarded: Set<string>;
  /** Commits whose change is not on the target any more, although they are in its history. */
  readonly reverted: Set<string>;
  readonly verdicts: Map<string, 'green' | 'red'>;
  /** Checks beside our own. */
  ci: ChecksState;
  /** What merging the target and the change gives. */
  conflicts: readonly string[];
  /** Before each effect and after it. */
  onEffect: (name: string) => void;
  /** The next call of that name fails so, after or before it was done. */
  fail(name: string, code: ErrorCode, when: 'before' | 'after'): void;
  /** Merges on the forge, as a person does. */
  merge(request: ReviewRequest): void;
  update(number: number, patch: Partial<ReviewRequest>): void;
  /** Whether one commit has the other in its history. */
  has(commit: string, ancestor: string): boolean;
  /** The commit that lands: the tree of a checkpoint on the base. */
  compose(checkpoint: string): string;
}

const REFUSED = { message: 'as scripted', next: 'Nothing.' };

function merged(commit: string, tree: string): MergeResult {
  return { kind: 'merged', commit, tree };
}

export function simulateForge(base: string): SimulatedForge {
  const failures: { name: string; code: ErrorCode; when: 'before' | 'after' }[] = [];
  const trees = new Map<string, string>();
  const treeOf = (commit: string): string => trees.get(commit) ?? `tree of ${commit}`;
  const has = (commit: string, ancestor: string): boolean =>
    commit === ancestor || (sim.parents.get(commit) ?? []).some((parent) => has(parent, ancestor));

  async function effect<T>(name: string, act: () => T): Promise<T> {
    sim.onEffect(name);
    const planned = failures.findIndex((one) => one.name === name);
    const [failure] = planned === -1 ? [] : failures.splice(planned, 1);
    if (failure?.when === 'before') throw new LoopwrightError(failure.code, REFUSED);
    // A turn of the loop, as a network would take.
    await Promise.resolve();
    const result = act();
    if (failure !== undefined) throw new LoopwrightError(failure.code, REFUSED);
    sim.onEffect(name);
    return result;
  }
  const refuse = (code: ErrorCode): never => {
    throw new LoopwrightError(code, REFUSED);
  };
  const numbered = (number: number): ReviewRequest =>
    sim.requests.find((one) => one.number === number) ?? refuse('LW_FORGE_MISSING');
  const seen = (): readonly ReviewRequest[] =>
    sim.requests.map((one) => ({ ...one, head: (one.state === 'open' && sim.tips.get(one.branch)) || one.head }));

  const forge: Forge = {
    name: 'github',
    repository: 'acme/shop',
    remote: 'https://forge.invalid/acme/shop.git',
    defaultBranch: () => Promise.resolve('main'),
    isProtected: async (branch) => sim.guarded.has(branch),
    find: async (branch) =>
      seen()
        .filter((one) => one.branch === branch)
        .toReversed(),
    look: async (number) => seen().find((one) => one.number === number) ?? refuse('LW_FORGE_MISSING'),
    create: ({ branch, target, title, body }) =>
      effect('create', () => {
        const head = sim.tips.get(branch) ?? refuse('LW_FORGE_REFUSED');
        const number = sim.requests.length + 1;
        const common = { author: 'robot', labels: [], reviewers: [], mergeCommit: null, state: 'open' as const };
        const made = { ...common, number, url: `https://forge.invalid/${number}`, title, body, head, branch, target };
        sim.requests.push(made);
        return made;
      }),
    describe: (number, text) => effect('describe', () => sim.update(number, text)),
    close: (number) =>
      effect('close', () => (numbered(number).state === 'open' ? sim.update(number, { state: 'closed' }) : undefined)),
    merge: (number, head) =>
      effect('merge', () => {
        const request = seen().find((one) => one.number === number) ?? refuse('LW_FORGE_MISSING');
        if (request.state !== 'open' || request.head !== head) refuse('LW_FORGE_REFUSED');
        sim.merge(request);
      }),
    async checks(commit) {
      const verdict = sim.verdicts.get(commit);
      const ours = verdict === undefined ? [] : [{ name: 'loopwright', state: verdict }];
      const theirs = sim.ci === 'none' ? [] : [{ name: 'ci', state: sim.ci }];
      const state = sim.ci === 'none' || sim.ci === 'green' ? (verdict ?? sim.ci) : sim.ci;
      return { state, items: [...ours, ...theirs] };
    },
    report: (commit, { state }) => effect('report', () => void sim.verdicts.set(commit, state)),
    open: async () => seen().filter(({ state }) => state === 'open'),
    readFile: async (path) => sim.files.get(path) ?? null,
  };

  const remotes: Remotes = {
    origin: () => Promise.resolve(null),
    tip: async (_remote, branch) => sim.tips.get(branch) ?? null,
    bring: async (_place, branch) => sim.tips.get(branch) ?? refuse('LW_FORGE_MISSING'),
    tree: async (_repository, commit) => treeOf(commit),
    async merge(_place, tip, commit) {
      if (sim.conflicts.length > 0) return { kind: 'conflict', files: sim.conflicts };
      return has(tip, commit) ? merged(tip, treeOf(tip)) : merged(`${tip}+${commit}`, `tree of ${tip}+${commit}`);
    },
    async revert(_place, { tip, merged: what }) {
      if (sim.conflicts.length > 0) return { kind: 'conflict', files: sim.conflicts };
      const made = `revert of ${what} on ${tip}`;
      sim.parents.set(made, [tip]);
      return merged(made, treeOf(sim.reverted.has(what) ? tip : made));
    },
    async reapply(_place, { tip, commit }) {
      if (sim.conflicts.length > 0) return { kind: 'conflict', files: sim.conflicts };
      // In effect: the newest of what was done with it on the way to the tip is no revert.
      const made = `${commit} again on ${tip}`;
      const isThere = has(tip, commit) && !sim.reverted.has(commit);
      sim.parents.set(made, [tip]);
      return merged(made, isThere ? treeOf(tip) : `tree of ${made}`);
    },
    push: (_place, { branch, commit }) =>
      effect('push', () => {
        const tip = sim.tips.get(branch);
        if (tip !== undefined && tip !== commit) refuse('LW_FORGE_BRANCH');
        sim.tips.set(branch, commit);
      }),
    remove: (_place, { branch, commit }) =>
      effect('remove', () => sim.tips.get(branch) === commit && sim.tips.delete(branch)),
    forget: () => Promise.resolve(),
  };

  const sim: SimulatedForge = {
    forge,
    remotes,
    requests: [],
    tips: new Map([['main', base]]),
    parents: new Map(),
    files: new Map(),
    guarded: new Set(['main']),
    reverted: new Set(),
    verdicts: new Map(),
    ci: 'none',
    conflicts: [],
    onEffect: () => undefined,
    fail: (name, code, when) => void failures.push({ name, code, when }),
    merge(request) {
      const tip = sim.tips.get(request.target) ?? '';
      const commit = `merge of ${request.head}`;
      sim.parents.set(commit, [tip, request.head]);
      sim.tips.set(request.target, commit);
      sim.update(request.number, { state: 'merged', mergeCommit: commit, head: request.head });
    },
    update(number, patch) {
      sim.requests[number - 1] = { ...numbered(number), ...patch };
    },
    has,
    compose(checkpoint) {
      const made = `published ${checkpoint}`;
      sim.parents.set(made, [base]);
      trees.set(made, treeOf(checkpoint));
      return made;
    },
  };
  return sim;
}
