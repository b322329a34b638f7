/** After everything: no container is left, running or not, and no file of one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containersAbout, skeletonsIn, watchersOf } from './left.ts';

export function setup(): () => void {
  const place = mkdtempSync(join(tmpdir(), 'loopwright-containers-'));
  // Every test and every launch keeps its files there.
  process.env['TMPDIR'] = place;
  return () => {
    const left = [...containersAbout(place), ...watchersOf(place), ...skeletonsIn(place)];
    rmSync(place, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  };
}
