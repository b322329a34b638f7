/** Reads the text of `providers.yaml`. Loads YAML and schema libraries. */
import { LoopwrightError } from '../core/errors.ts';
import { providersSchema, type ProvidersContent } from './providers-schema.ts';
import { readStrictly, type FileRules } from './strict-file.ts';

/** Pure. `builtIn`: names the file may turn off. Throws `LW_PROVIDERS_INVALID` with every error as `FILE:LINE:COL message`. */
export function parseProviders(text: string, fileName: string, builtIn: readonly string[]): ProvidersContent {
  const rules: FileRules<ProvidersContent> = {
    words: {
      kind: 'a providers.yaml',
      secretRule: 'this file says where a key is and never holds one; remove it, and revoke it if anybody else saw it',
      mergeAdvice: 'write the values out',
      quotes: false,
    },
    schema: providersSchema,
    consistency: ({ providers }) =>
      Object.entries(providers ?? {}).flatMap(([name, entry]) => {
        if (entry !== 'off' || builtIn.includes(name)) return [];
        const message = `there is no built-in provider of this name to turn off; known are ${builtIn.join(', ')}`;
        return [{ path: ['providers', name], at: 'key', message }];
      }),
  };
  const reading = readStrictly(text, fileName, rules);
  if (reading.ok) return reading.content;
  throw new LoopwrightError('LW_PROVIDERS_INVALID', {
    message: reading.message,
    next: `Correct ${fileName}; docs/models.md shows an example.`,
    details: { fileName, errors: reading.errors },
  });
}
