/** Trying the migrations of a change on a disposable database, inside a sandbox. */
import type { MigrationTrial } from '../core/migration.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { BaseReader, Checkout } from './workspace.ts';

export interface MigrationsToTry {
  readonly base: BaseReader;
  readonly head: BaseReader;
  readonly policy: ResolvedPolicy;
  /** A fresh checkout, for tools whose migrations are code. The caller of this function disposes of it. */
  checkout(of: 'base' | 'head'): Promise<Checkout>;
  readonly signal: AbortSignal;
}

export interface MigrationBench {
  /**
   * One trial for each series of migrations that the change adds to or edits. What fails, or can not be tried, is in the
   * trial; rejects only where the sandbox or the mirror does.
   */
  run(wanted: MigrationsToTry): Promise<readonly MigrationTrial[]>;
}
