/** What a policy says of any key, which layer says it, and who else asked for what. */
import { LoopwrightError } from '../core/errors.ts';
import type { PolicyFile } from './content.ts';
import { nearest } from './nearest.ts';
import { fileOrigin, placesOrigin } from './origins.ts';
import { directionWords } from './stack/compare.ts';
import { directedLeaves, type Direction } from './stack/directions.ts';

/** One layer's word on a key. */
export interface AskedFor {
  readonly origin: string;
  /** As written. */
  readonly text: string;
}

export interface ExplainedKey {
  readonly subject: string;
  readonly as: 'key';
  /** As data; null where no layer and no file says it. */
  readonly value: unknown;
  /** `organisation.yaml:4`; `default` where nobody says it. */
  readonly origin: string;
  /** What a lower layer may do to it. */
  readonly direction: string;
  /** From the widest layer to the narrowest. */
  readonly asked: readonly AskedFor[];
}

/** The direction of a key of the file: `checks.unit.run` is one of `checks.*.run`, `risk.0.paths` of `risk[].paths`. */
function directionOf(key: string): Direction | null {
  const leaves = directedLeaves();
  const steps = key.split('.');
  const fits = (leaf: string): boolean => {
    const wanted = leaf.replaceAll('[]', '.*').split('.');
    return wanted.length === steps.length && wanted.every((step, at) => step === '*' || step === steps[at]);
  };
  return leaves.get([...leaves.keys()].find(fits) ?? '') ?? null;
}

function valueAt(content: unknown, key: string): unknown {
  let value: unknown = content;
  for (const step of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

/** Who said something of a key, as it stands in the file; empty where there are no layers, or nobody did. */
export function askedFor(file: PolicyFile | null, key: string): readonly AskedFor[] {
  const said = file?.stack?.places.get(key);
  return (said?.asked ?? []).map((place) => ({ origin: placesOrigin([place]), text: place.text }));
}

/** Pure. Throws `LW_USAGE` for what is no key. `subject`: as in the file, `limits.cost-usd`, `paths.deny`, `checks.unit.run`. */
export function explainKey(file: PolicyFile | null, subject: string): ExplainedKey {
  const direction = directionOf(subject);
  const value = valueAt(file?.content, subject);
  if (direction === null && value === undefined) {
    const known = [...directedLeaves().keys()].filter((leaf) => !leaf.startsWith('classes.'));
    const close = nearest(subject, known);
    throw new LoopwrightError('LW_USAGE', {
      message: `there is no key "${subject}"${close === null ? '' : `; did you mean \`${close}\`?`}`,
      next: 'Write it as in the file, with points: `limits.cost-usd`. docs/reference/policy.md has every key.',
      details: { subject },
    });
  }
  return {
    subject,
    as: 'key',
    value: value ?? null,
    origin: value === undefined || file === null ? 'default' : fileOrigin(file, subject),
    direction: direction === null ? 'has keys of its own below it' : directionWords(direction),
    asked: askedFor(file, subject),
  };
}
