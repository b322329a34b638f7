/** Functions that lost their bodies, and new ones that were never written. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import type { Routine } from './outline.ts';
import type { ReadChange, ReadFile } from './reading.ts';
import { sightingIn } from './reading.ts';

/** A shorter body was hardly more than a constant before. */
const LEAST_BODY = 60;

function stubsIn({ path, before, after, isTest }: ReadFile): readonly ContentSighting[] {
  if (after === null || isTest) return [];
  const now = after.routines;
  // One name may have several bodies: overloads, getters and setters, a function for each platform.
  const was = Map.groupBy(before?.routines ?? [], ({ name }) => name);
  const working = new Set(now.filter(({ does }) => does === 'something').map(({ name }) => name));
  const see = (routine: Routine): string | null => {
    const { name, does, inClass, body } = routine;
    const old = was.get(name);
    if (does === 'something' || working.has(name)) return null;
    if (old === undefined) return does === 'missing' && !inClass ? `${name} is not written: ${shown(body)}` : null;
    const did = old.some((one) => one.does === 'something' && one.body.length >= LEAST_BODY);
    return did ? `${name} lost its body: ${shown(body)}` : null;
  };
  return now.flatMap((routine) => {
    const seen = see(routine);
    return seen === null ? [] : [sightingIn('stubbed', path, { side: 'added', line: routine.line }, seen)];
  });
}

export function stubs({ files }: ReadChange): readonly ContentSighting[] {
  return files.flatMap(stubsIn);
}
