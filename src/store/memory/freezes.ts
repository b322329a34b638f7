/** Freezes in memory. */
import type { Freeze } from '../../core/freeze.ts';
import type { Freezes } from '../../ports/freezes.ts';
import { freezeId } from '../freeze-id.ts';

/** `open` throws when the store is closed. */
export function createMemoryFreezes(now: () => number, open: () => void): Freezes {
  const all = new Map<string, Freeze>();
  const thawed = new Set<string>();
  const isOn = ({ id, until }: Freeze): boolean => !thawed.has(id) && (until === null || until > now());
  return {
    async add(freeze) {
      open();
      const made = { ...freeze, paths: [...freeze.paths], id: freezeId(all.size + 1) };
      all.set(made.id, made);
      return made;
    },
    async thaw(id) {
      open();
      const freeze = all.get(id);
      if (freeze === undefined || !isOn(freeze)) return false;
      thawed.add(id);
      return true;
    },
    async list() {
      open();
      return [...all.values()].filter(isOn);
    },
  };
}
