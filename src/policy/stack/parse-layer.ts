/** Reads the text of a layer of the host. Loads YAML and schema libraries. */
import { LoopwrightError } from '../../core/errors.ts';
import { consistencyProblems } from '../consistency.ts';
import type { LayerContent, PolicyFile } from '../content.ts';
import { layerSchema } from '../schema.ts';
import { readStrictly, type FileRules } from '../strict-file.ts';
import { looseClasses } from './join.ts';
import { loosened } from './loosened.ts';
import { placesOf } from './places.ts';

const RULES: FileRules<LayerContent> = {
  words: {
    kind: 'a policy layer',
    secretRule: 'a policy is recorded, so it never holds one; remove it and revoke it',
    mergeAdvice: 'write the values out, or use `extends` of a class',
    quotes: true,
  },
  schema: layerSchema,
  consistency: consistencyProblems,
};

export interface ParsedLayer {
  readonly content: LayerContent;
  /** The same without the header. */
  readonly file: PolicyFile;
}

/**
 * Pure. `name`: as in origins; `source`: as in messages. Throws `LW_POLICY_INVALID` with every error as
 * `FILE:LINE:COL message`, or `LW_POLICY_LOOSENED` where one of its classes is looser than the layer itself.
 */
export function parseLayer(text: string, name: string, source: string): ParsedLayer {
  const reading = readStrictly(text, source, RULES);
  if (!reading.ok) {
    throw new LoopwrightError('LW_POLICY_INVALID', {
      message: reading.message,
      next: `Correct ${source}; docs/policy-layers.md shows one, and docs/reference/policy.md has every key.`,
      details: { fileName: source, errors: reading.errors },
    });
  }
  const { content, lines, written } = reading;
  const { layer: _layer, 'applies-to': _appliesTo, ...policy } = content;
  const file: PolicyFile = { fileName: name, content: policy, lines, written };
  const found = looseClasses({ content: policy, places: placesOf(file, source) });
  if (found.length > 0) throw loosened(found);
  return { content, file };
}
