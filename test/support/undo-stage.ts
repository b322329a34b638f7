/** Accepted runs on a real repository without an agent: what landing, undo and redo see of a run, and the real engine on it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldRun } from '../../src/core/evolve.ts';
import type { RunEvent } from '../../src/core/event.ts';
import type { RunState } from '../../src/core/state.ts';
import type { EngineDependencies } from '../../src/engine/dependencies.ts';
import type { RunStore } from '../../src/ports/store.ts';
import type { Results } from '../../src/ports/workspace.ts';
import { createMemoryStore } from '../../src/store/memory/index.ts';
import { createWorkspaces } from '../../src/workspace/index.ts';
import { gitAt, makeWorld, realSandbox } from '../fixtures/workspace-room.ts';
import type { World } from '../fixtures/workspace-room.ts';
import { change, file, HAPPY, openLog, play, started } from '../fixtures/world.ts';
import { importCommit, mirrorOf } from './undo-sequences.ts';

export type Files = Readonly<Record<string, string>>;

export interface UndoStage extends World {
  readonly store: RunStore;
  readonly deps: EngineDependencies;
  /** Puts an accepted run into the record whose change writes these files on top of the revision. */
  accepted(runId: string, revision: string, files: Files): Promise<void>;
  state(runId: string): Promise<RunState>;
  append(runId: string, events: readonly RunEvent[]): Promise<void>;
  /** Everything `for-each-ref` says. */
  refs(): string;
}

export async function undoStage(files: Files): Promise<UndoStage> {
  const world = makeWorld('clone', (repository) => {
    for (const [path, text] of Object.entries(files)) repository.write(path, text);
    repository.commit('start');
    repository.git('branch', 'release');
    repository.git('branch', 'stable');
  });
  const { repository } = world;
  let now = 1_000_000;
  const clock: EngineDependencies['clock'] = {
    now: () => (now += 1),
    monotonicMs: () => now,
    // Only heartbeats sleep here, until they are told to end.
    sleep: (_ms, signal) =>
      new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
  };
  const store = createMemoryStore({ now: () => now });
  const state = async (runId: string): Promise<RunState> => foldRun(await store.read(runId));
  return {
    ...world,
    store,
    deps: depsOf(store, world.results, clock),
    state,
    async append(runId, events) {
      const lease = await store.claim(runId, 'somebody', 1);
      const { activeMs } = await state(runId);
      await store.append(
        lease,
        events.map((event) => ({ event, at: now, activeMs })),
      );
      await store.release(lease);
    },
    refs: () => repository.git('for-each-ref'),
    async accepted(runId, revision, written) {
      const base = await world.repositories.pin(repository.path, revision);
      const ref = `refs/loopwright/${runId}/1`;
      importCommit(mirrorOf(world), { ref, from: base.commit, message: `work of ${runId}`, at: 1, files: written });
      const checkpoint = gitAt(mirrorOf(world))('rev-parse', ref);
      const diffHash = await world.results.diffHash(repository.path, base.commit, checkpoint);
      const changed = change(1, { checkpoint, diffHash, files: Object.keys(written).map((path) => file(path)) });
      const task = { goal: `write ${Object.keys(written).join(', ')}`, repository: repository.path, class: 'fix' };
      const log = openLog(started({ task, base }), 1);
      play(log, { ...HAPPY, change: () => changed });
      const lease = await store.create(runId, repository.path, 'test', 1);
      await store.append(
        lease,
        log.events.map((event) => ({ event, at: now, activeMs: event.activeMs })),
      );
      await store.release(lease);
    },
  };
}

/** Only what decisions use: nothing else may be touched by them. */
export function depsOf(store: RunStore, results: Results, clock: EngineDependencies['clock']): EngineDependencies {
  const known: Partial<EngineDependencies> = {
    store,
    results,
    clock,
    process: { pid: 1, host: 'test' },
    freezes: () => Promise.resolve([]),
    approverKeys: { problem: () => Promise.resolve('nobody signs here') },
  };
  return known as EngineDependencies;
}

export interface MortalGit {
  readonly results: Results;
  /** The n-th process of git from now, from 1, is the last one: it dies before it works, or when its work is done. */
  dieAt(chance: number, when: 'before' | 'after'): void;
  /** How many were started since. */
  chances(): number;
}

/** The same room, with a git that a machine takes down at a chosen moment; none starts after that one. */
export function mortalGit(world: World): MortalGit {
  const directory = join(world.top, 'mortal');
  mkdirSync(directory);
  const [counter, orders, real] = [
    join(directory, 'count'),
    join(directory, 'orders'),
    execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(),
  ];
  writeFileSync(
    join(directory, 'git'),
    [
      '#!/bin/sh',
      `read at when < ${orders}`,
      // One line for each start: appending is atomic, and some of them run side by side.
      `echo x >> ${counter}`,
      `n=$(wc -l < ${counter})`,
      '[ "$n" -gt "$at" ] && exit 137',
      '[ "$n" -eq "$at" ] && [ "$when" = before ] && exit 137',
      `${real} "$@"; code=$?`,
      '[ "$n" -eq "$at" ] && exit 137',
      'exit $code',
      '',
    ].join('\n'),
  );
  chmodSync(join(directory, 'git'), 0o755);
  const { results } = createWorkspaces({
    home: world.home,
    sandbox: realSandbox(),
    hostEnvironment: { PATH: `${directory}:${process.env['PATH'] ?? ''}` },
    putBlob: () => Promise.resolve(''),
  });
  return {
    results,
    dieAt(chance, when) {
      writeFileSync(counter, '');
      writeFileSync(orders, `${chance} ${when}\n`);
    },
    chances: () => readFileSync(counter, 'utf8').length / 2,
  };
}
