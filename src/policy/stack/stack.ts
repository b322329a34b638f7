/** Layers of the host and the file of the repository as one policy, in which a lower layer only tightened. Pure. */
import type { PolicyLayer } from '../../core/policy.ts';
import type { PolicyFile } from '../content.ts';
import { POLICY_FILE } from '../protected-files.ts';
import { refuseLooseFlags } from './flags.ts';
import { joinLayers, type Stacked } from './join.ts';
import { loosened } from './loosened.ts';
import { placesOf } from './places.ts';

/** A layer of the host that speaks of this repository. */
export interface AppliedLayer {
  readonly record: PolicyLayer;
  readonly file: PolicyFile;
  /** Where a person finds it. */
  readonly source: string;
}

const NOTHING: Stacked = { content: { version: 1 }, places: new Map() };

function join(above: Stacked, lower: Stacked): Stacked {
  const { made, found, contradictions } = joinLayers(above, lower);
  if (found.length > 0 || contradictions.length > 0) throw loosened(found, contradictions);
  return made;
}

/**
 * The policy of the repository under the layers, the widest first; the repository's alone where there are none. Throws
 * `LW_POLICY_LOOSENED`, which names both places of every value that is looser than what lies above it.
 */
export function stackPolicies(layers: readonly AppliedLayer[], repository: PolicyFile | null): PolicyFile | null {
  const [widest, ...others] = layers.map(({ file, source }) => ({
    content: file.content,
    places: placesOf(file, source),
  }));
  if (widest === undefined) return repository;
  const upper = others.reduce(join, widest);
  const own =
    repository === null ? NOTHING : { content: repository.content, places: placesOf(repository, repository.fileName) };
  const { content, places } = join(upper, own);
  const lines = [...places].map(([path, { holds }]) => [path, holds.at(-1)?.keyLine ?? 1] as const);
  return {
    fileName: repository?.fileName ?? POLICY_FILE,
    content,
    lines: new Map(lines),
    stack: {
      layers: layers.map(({ record }) => record),
      upper,
      requiredChecks: [...new Set(layers.flatMap(({ file }) => Object.keys(file.content.checks ?? {})))],
      places,
      admit: (flags, { sections }) =>
        refuseLooseFlags(
          upper,
          sections.map(({ name }) => name),
          flags,
        ),
    },
  };
}
