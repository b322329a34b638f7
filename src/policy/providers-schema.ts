/** The schema of `providers.yaml`. Its problems never repeat what the file says: somebody may have typed a key there. */
import * as z from 'zod';
import type { DialectId, KeySource } from '../ports/gateway.ts';
import { NAME, notTooMany, text } from './schema-forms.ts';
import { urlProblem } from './provider-url.ts';

export interface ProviderSection {
  readonly dialects: readonly DialectId[];
  readonly url: string;
  readonly insecure: boolean;
  readonly priceProvider: string | null;
  /** Paths as written. */
  readonly key: KeySource;
}

export interface ProvidersContent {
  readonly version: 1;
  readonly providers?: Readonly<Record<string, ProviderSection | 'off'>> | undefined;
}

/** As `name` of the policy, without saying what was written. */
const name = text((value) =>
  NAME.test(value) ? null : 'a name has small letters, digits and `-`, at most 64, starting with a letter or digit',
);

const CONTROL = /[\x00-\x1f\x7f]/;

function pathProblem(path: string): string | null {
  if (path.trim() === '') return 'the path is empty';
  if (CONTROL.test(path)) return 'the path has a control character';
  return path.startsWith('~') && !path.startsWith('~/') ? 'only `~/` is known, not the home of another user' : null;
}

/** A bare name is looked up in PATH; a relative path would name a program of whatever directory we were started in. */
export function programProblem(program: string): string | null {
  if (program.trim() === '') return 'the program is empty';
  if (!program.startsWith('/') && program.includes('/'))
    return 'the program is a relative path; write it absolute, or a bare name that is looked up in PATH';
  return null;
}

const KEY_FORMS = '`{ env: NAME }`, `{ file: PATH }`, `{ command: [PROGRAM, ARGUMENT] }` or `none`';

const argument = text((value) => (value.includes('\0') ? 'an argument has a zero byte' : null));

export const keySchema: z.ZodType<KeySource> = z.union(
  [
    z.literal('none').transform((): KeySource => ({ kind: 'none' })),
    z
      .strictObject({
        env: text((value) =>
          /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value)
            ? null
            : 'not the name of a variable: letters, digits and `_`, at most 128; the key itself is never written here',
        ).optional(),
        file: text(pathProblem).optional(),
        command: z.array(argument).min(1, 'an empty command prints no key').max(100, 'more than 100 words').optional(),
      })
      .transform(({ env, file, command }, context): KeySource => {
        const [program, ...rest] = command ?? [];
        const sources: readonly KeySource[] = [
          ...(env === undefined ? [] : [{ kind: 'env', name: env } as const]),
          ...(file === undefined ? [] : [{ kind: 'file', path: file } as const]),
          ...(program === undefined ? [] : [{ kind: 'command', argv: [program, ...rest] } as const]),
        ];
        const problem = program === undefined ? null : programProblem(program);
        if (problem !== null) context.addIssue({ code: 'custom', message: problem, path: ['command', 0] });
        const [only] = sources;
        if (only !== undefined && sources.length === 1) return only;
        context.addIssue({ code: 'custom', message: `say where the key is once: ${KEY_FORMS}` });
        return z.NEVER;
      }),
  ],
  { error: `expected where the key is: ${KEY_FORMS}; the key itself is never written here` },
);

const DIALECTS = [
  'anthropic-messages',
  'openai-responses',
  'openai-chat',
  'gemini',
  'bedrock',
  'vertex',
] as const satisfies readonly DialectId[];

const providerSchema: z.ZodType<ProviderSection> = z
  .strictObject({
    dialect: z.enum(DIALECTS).optional(),
    dialects: z
      .array(z.enum(DIALECTS))
      .min(1, 'a provider speaks at least one dialect')
      .max(DIALECTS.length)
      .optional(),
    url: z.string(),
    insecure: z.boolean().optional(),
    'price-provider': name.optional(),
    key: keySchema,
  })
  .transform((written, context): ProviderSection => {
    const { dialect, dialects, url, key } = written;
    const insecure = written.insecure ?? false;
    const problem = urlProblem(url, insecure);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem, path: ['url'] });
    if ((dialect === undefined) === (dialects === undefined))
      context.addIssue({ code: 'custom', message: 'give `dialect`, or a list as `dialects`, and not both' });
    const spoken = dialects ?? (dialect === undefined ? [] : [dialect]);
    return {
      dialects: [...new Set(spoken)],
      url: url.replace(/\/+$/, ''),
      insecure,
      priceProvider: written['price-provider'] ?? null,
      key,
    };
  });

export const providersSchema: z.ZodType<ProvidersContent> = z.strictObject({
  version: z.literal(1),
  providers: z
    .record(
      name,
      z.union([z.literal('off'), providerSchema], {
        error: 'expected `off`, or a map with `dialect`, `url` and `key`',
      }),
    )
    .superRefine(notTooMany)
    .optional(),
});
