/** The section `secrets`: which secrets of the host are used, and for what. Where they are is said by the host, never here. */
import * as z from 'zod';
import { readHostName } from '../core/host-name.ts';
import type { SecretSection } from './content.ts';
import { name, notTooMany, oneLine, text } from './schema-forms.ts';

const host = text((value) => {
  const reading = readHostName(value);
  return reading.ok ? null : `"${value}" ${reading.problem}`;
});

const secretSchema: z.ZodType<SecretSection> = z.strictObject({
  for: z
    .array(host)
    .min(1, 'an empty list gives it to no host; name one, or remove the key')
    .max(20, 'more than 20 hosts')
    .optional()
    .meta({ description: 'Full names of hosts that requests with it may go to. Each has to be in `network.allow`.' }),
  checks: z
    .array(name('the id of a check'))
    .min(1, 'an empty list gives it to no check; name one, or remove the key')
    .optional()
    .meta({ description: 'Ids of checks that get the value itself, in a variable.' }),
  variable: text((value) =>
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value)
      ? null
      : 'a variable name has letters, digits and `_`, and starts with no digit',
  )
    .optional()
    .meta({ description: 'The variable inside.' }),
  reason: oneLine('the reason', 300).optional().meta({ description: 'Why it is needed.' }),
});

export const secretsSchema: z.ZodType<Readonly<Record<string, SecretSection>>> = z
  .record(name('the name of a secret'), secretSchema)
  .superRefine(notTooMany)
  .meta({
    description:
      'Secrets by the name the host gives them, with `for` (hosts: inside there is only what stands for it, and the egress proxy puts the value in), `checks` (the value, for these checks only), `variable` and `reason`. Values, and where they are, are said by the host.',
    preset: 'none',
    kind: 'map of secrets',
    examples: [{ 'registry-token': { for: ['registry.example.com'], variable: 'REGISTRY_TOKEN' } }],
  });
