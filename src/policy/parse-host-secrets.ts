/** Reads the text of `secrets.yaml`. Loads YAML and schema libraries. Its problems never repeat what the file says. */
import * as z from 'zod';
import { LoopwrightError } from '../core/errors.ts';
import { readHostName } from '../core/host-name.ts';
import type { HostSecret } from './host-secrets.ts';
import { keySchema } from './providers-schema.ts';
import { NAME, notTooMany, text } from './schema-forms.ts';
import { readStrictly, type FileRules } from './strict-file.ts';

interface SecretsContent {
  readonly version: 1;
  readonly secrets?: Readonly<Record<string, HostSecret>> | undefined;
}

const host = text((value) => {
  const reading = readHostName(value);
  return reading.ok ? null : `the host ${reading.problem}`;
}).transform((value) => {
  const reading = readHostName(value);
  return reading.ok ? reading.host : value;
});

const name = text((value) =>
  NAME.test(value) ? null : 'a name has small letters, digits and `-`, at most 64, starting with a letter or digit',
);

const secretSchema: z.ZodType<HostSecret> = z
  .strictObject({
    value: keySchema,
    hosts: z.array(host).max(100, 'more than 100 hosts').optional(),
    checks: z.boolean().optional(),
    repositories: z
      .array(text((path) => (path.startsWith('/') ? null : 'the path of a repository has to be absolute')))
      .max(1_000, 'more than 1000 repositories')
      .optional(),
  })
  .transform(({ value, hosts = [], checks = false, repositories }, context): HostSecret => {
    if (value.kind === 'none') context.addIssue({ code: 'custom', message: 'a secret has a value', path: ['value'] });
    return { source: value, hosts, checks, repositories: repositories ?? null };
  });

const secretsFileSchema: z.ZodType<SecretsContent> = z.strictObject({
  version: z.literal(1),
  secrets: z.record(name, secretSchema).superRefine(notTooMany).optional(),
});

const RULES: FileRules<SecretsContent> = {
  words: {
    kind: 'a secrets.yaml',
    secretRule: 'this file says where a secret is and never holds one; remove it, and revoke it if anybody else saw it',
    mergeAdvice: 'write the values out',
    quotes: false,
  },
  schema: secretsFileSchema,
  consistency: () => [],
};

/** Pure. Throws `LW_SECRETS_INVALID` with every error as `FILE:LINE:COL message`. */
export function parseHostSecrets(written: string, fileName: string): Readonly<Record<string, HostSecret>> {
  const reading = readStrictly(written, fileName, RULES);
  if (reading.ok) return reading.content.secrets ?? {};
  throw new LoopwrightError('LW_SECRETS_INVALID', {
    message: reading.message,
    next: `Correct ${fileName}; docs/secrets.md shows an example.`,
    details: { fileName, errors: reading.errors },
  });
}
