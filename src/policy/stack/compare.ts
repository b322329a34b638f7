/** One value of an upper layer and one of a lower: whether the lower is looser, and what holds of the two. Pure. */
import { unreachable } from '../../core/errors.ts';
import { canonicalJson } from '../canonical.ts';
import type { Direction } from './directions.ts';

/** Ceilings, of which words mean that there is none. */
function amount(value: unknown): number {
  return typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
}

function entries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function rank(steps: readonly (readonly string[])[], value: unknown): number {
  return steps.findIndex((step) => step.some((word) => word === value));
}

/** Entries of the lower list that no entry of the upper covers. */
export function uncovered(
  direction: Extract<Direction, { kind: 'shrinks' }>,
  upper: unknown,
  lower: unknown,
): readonly unknown[] {
  return entries(lower).filter((narrow) => !entries(upper).some((wide) => direction.covers(wide, narrow)));
}

/** Whether the lower value asks for more than the upper allows. `upper` was said. */
export function isLooser(direction: Direction, upper: unknown, lower: unknown): boolean {
  switch (direction.kind) {
    case 'smaller':
      return amount(lower) > amount(upper);
    case 'larger':
      return Number(lower) < Number(upper);
    case 'true':
      return upper === true && lower !== true;
    case 'false':
      return upper !== true && lower === true;
    case 'ordered': {
      const [above, below] = [rank(direction.steps, upper), rank(direction.steps, lower)];
      return below < above || (below === above && upper !== lower);
    }
    case 'grows':
      // The word `off` in place of the list.
      return Array.isArray(upper) && !Array.isArray(lower);
    case 'shrinks':
      return uncovered(direction, upper, lower).length > 0;
    case 'free':
      return false;
    case 'fixed':
    case 'settled':
      return canonicalJson(upper) !== canonicalJson(lower);
  }
  return unreachable(direction, 'direction of a key');
}

/** Upper entries first; what both have stands once. */
export function union(upper: readonly unknown[], lower: readonly unknown[]): readonly unknown[] {
  const seen = new Set(upper.map(canonicalJson));
  return [...upper, ...lower.filter((entry) => !seen.has(canonicalJson(entry)))];
}

/** What holds of the two, never looser than the upper. */
export function narrowed(direction: Direction, upper: unknown, lower: unknown): unknown {
  const { kind } = direction;
  if (kind === 'grows') {
    if (!Array.isArray(lower)) return Array.isArray(upper) ? upper : lower;
    return union(entries(upper), lower);
  }
  if (kind !== 'shrinks') return isLooser(direction, upper, lower) ? upper : lower;
  const stray = new Set(uncovered(direction, upper, lower));
  if (stray.size === 0) return lower;
  const wider = new Set(uncovered(direction, lower, upper));
  const within = entries(lower).filter((entry) => !stray.has(entry));
  return union(
    within,
    entries(upper).filter((entry) => !wider.has(entry)),
  );
}

const WORDS: Readonly<Record<Direction['kind'], string>> = {
  smaller: 'can only make it smaller',
  larger: 'can only make it larger',
  true: 'cannot turn it off',
  false: 'cannot turn it on',
  ordered: 'can only make it stricter',
  grows: 'can only add to it',
  shrinks: 'can only leave entries out or name narrower ones',
  free: 'may choose',
  fixed: 'cannot say it differently',
  settled: 'cannot say it differently',
};

/** After "a lower layer". */
export function directionWords(direction: Direction): string {
  const { kind } = direction;
  if (kind !== 'ordered') return WORDS[kind];
  return `${WORDS[kind]} (from loose to strict: ${direction.steps.map((step) => step.join(' or ')).join(', ')})`;
}
