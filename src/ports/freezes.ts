/** What people froze on this host. */
import type { Freeze } from '../core/freeze.ts';

export interface Freezes {
  /** From now on. Durable when it resolves. */
  add(freeze: Omit<Freeze, 'id'>): Promise<Freeze>;
  /** Ends it now. false when no such freeze is on. */
  thaw(id: string, by: string): Promise<boolean>;
  /** Those that are on at this moment, oldest first: neither thawed nor past their time. */
  list(): Promise<readonly Freeze[]>;
}
