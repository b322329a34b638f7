/** Two trees as a bench of migrations reads them, and checkouts of them on this machine. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { MigrationRules, MigrationTrial } from '../../src/core/migration.ts';
import { createMigrationBench } from '../../src/migrations/trial.ts';
import type { Sandbox } from '../../src/ports/sandbox.ts';
import type { BaseReader, Checkout } from '../../src/ports/workspace.ts';
import { POLICY } from '../fixtures/policy.ts';

export type Tree = Readonly<Record<string, string>>;

function readerOf(tree: Tree): BaseReader {
  const bytes = (path: string): Uint8Array | null => (tree[path] === undefined ? null : Buffer.from(tree[path]));
  return {
    readFile: (path) => Promise.resolve(bytes(path)),
    // As from the mirror: what is too large is left out.
    readAll: (paths) =>
      Promise.resolve(
        new Map(
          paths.flatMap((path) => {
            const content = bytes(path);
            return content === null || content.length > 2 ** 20 ? [] : [[path, content] as const];
          }),
        ),
      ),
    listFiles: () => Promise.resolve(Object.keys(tree)),
  };
}

function checkoutOf(tree: Tree): Checkout {
  const directory = mkdtempSync(join(tmpdir(), 'loopwright-migration-tree-'));
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return {
    mounts: [{ kind: 'writable', source: directory, target: '/workspace' }],
    workspacePath: '/workspace',
    dispose: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface Tried {
  readonly base: Tree;
  /** What the change adds to it, or writes over. */
  readonly change: Tree;
  readonly rules?: MigrationRules;
  readonly signal?: AbortSignal;
}

export function tryOn(
  sandbox: Sandbox,
  { base, change, rules, signal = new AbortController().signal }: Tried,
): Promise<readonly MigrationTrial[]> {
  const trees = { base, head: { ...base, ...change } };
  const policy = { ...POLICY, ...(rules === undefined ? {} : { migrations: rules }) };
  return createMigrationBench(sandbox).run({
    base: readerOf(trees.base),
    head: readerOf(trees.head),
    policy,
    checkout: (of) => Promise.resolve(checkoutOf(trees[of])),
    signal,
  });
}
