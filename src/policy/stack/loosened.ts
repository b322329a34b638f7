/** Says where a lower layer asks for more than an upper allows: both places, both values, and what mends it. */
import { LoopwrightError } from '../../core/errors.ts';
import type { Place } from '../place.ts';
import { joinPath, type Path } from '../yaml-tree.ts';
import { directionWords } from './compare.ts';
import type { Direction } from './directions.ts';
import type { Loosening } from './merge.ts';
import { positionOf } from './places.ts';

/** A person repairs the first few; a list of hundreds hides them. */
const MAX_LISTED = 20;

/** Two layers that cannot both be kept. */
export interface Contradiction {
  readonly what: string;
  readonly upper: Place | null;
  readonly lower: Place | null;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `\`${text.length > 80 ? `${text.slice(0, 79)}…` : text}\``;
}

/** `risk.0.paths` is what a person finds under `risk`. */
function keyOf(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step + 1}]` : step))
    .join('.')
    .replaceAll('.[', '[');
}

function fixOf({ kind }: Direction, stray: readonly unknown[], upper: string): string {
  if (stray.length > 0) return `take out ${stray.map(shown).join(', ')}`;
  if (kind === 'smaller') return `write ${upper} or less, or remove it`;
  if (kind === 'larger') return `write ${upper} or more, or remove it`;
  if (kind === 'ordered') return `write ${upper} or something stricter, or remove it`;
  return 'remove it';
}

function lineOf({ path, direction, upper, lower, stray, impliedBy, upperPath }: Loosening): string {
  const above = upper === null ? 'a layer above' : positionOf(upper);
  const text = upper === null || upper.text === '' ? 'nothing' : shown(upper.text);
  const key = keyOf(impliedBy ?? upperPath);
  const said = impliedBy === undefined ? `${key === '' ? 'it' : `\`${key}\``} is ${text}` : saidByBeingThere(key, text);
  const wrong = stray.length > 0 ? `${stray.map(shown).join(', ')} in` : `${shown(lower?.text ?? '')} for`;
  const place = lower === null ? '' : `${positionOf(lower)} `;
  const only = impliedBy === undefined ? directionWords(direction) : 'cannot undo that';
  const fix = fixOf(direction, stray, impliedBy === undefined ? text : 'what that asks for');
  return `${place}${wrong} \`${keyOf(path)}\` is looser than ${above}, where ${said}; a lower layer ${only}: ${fix}`;
}

function saidByBeingThere(key: string, text: string): string {
  return key === '' ? 'a layer asks for a sandbox by being there' : `\`${key}\` is ${text}`;
}

function contradictionLine({ what, upper, lower }: Contradiction): string {
  const places = [upper, lower].flatMap((place) => (place === null ? [] : [positionOf(place)]));
  return `${places.join(' and ')} contradict each other: ${what}`;
}

function placeDetails(place: Place | null): object | null {
  if (place === null) return null;
  const { source: file, line, col, text } = place;
  return { file, line, col, text };
}

export function loosened(found: readonly Loosening[], contradictions: readonly Contradiction[] = []): LoopwrightError {
  const all = [...new Set([...found.map(lineOf), ...contradictions.map(contradictionLine)])];
  const lines = all.slice(0, MAX_LISTED);
  if (all.length > lines.length) lines.push(`and ${all.length - lines.length} more`);
  return new LoopwrightError('LW_POLICY_LOOSENED', {
    message: lines.join('\n'),
    next: 'Correct the lower place, or have whoever answers for the upper one change it (docs/policy-layers.md).',
    details: {
      loosened: found.map(({ path, upper, lower }) => ({
        key: joinPath(path),
        upper: placeDetails(upper),
        lower: placeDetails(lower),
      })),
      contradictions: contradictions.map(({ what, upper, lower }) => ({
        what,
        upper: placeDetails(upper),
        lower: placeDetails(lower),
      })),
    },
  });
}
