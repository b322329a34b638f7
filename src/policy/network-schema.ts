/** The section `network`: which hosts agent and checks may reach besides the models. */
import * as z from 'zod';
import type { NetworkRuleSection, NetworkSection } from './content.ts';
import { readHosts } from './network-hosts.ts';
import { oneLine, text } from './schema-forms.ts';

/** Far above what a person keeps in the head; keeps comparing each rule with each other one cheap. */
const MAX_RULES = 200;

const host = text((value) => {
  const reading = readHosts(value);
  return reading.ok ? null : reading.problem;
});

const ruleSchema: z.ZodType<NetworkRuleSection> = z.union(
  [
    host.transform((written) => ({ host: written })),
    z.strictObject({
      host: host.meta({
        description:
          'A full name, perhaps with `*.` before it (every name below it) and `:PORT` behind it; `http://` before it for requests without TLS; or the name of a list of hosts.',
        examples: ['api.example.com', '*.example.com:8443', 'npm'],
      }),
      methods: z.enum(['read-only', 'any']).optional().meta({
        description:
          '`read-only` passes GET, HEAD and OPTIONS without a body; for that the proxy opens TLS with a certificate of the run. `any` passes everything, and TLS unopened.',
        default: 'read-only',
      }),
      reason: oneLine('the reason', 300).optional().meta({ description: 'Why it is there; shown when it decides.' }),
    }),
  ],
  { error: 'expected a host such as `api.example.com`, the name of a list such as `npm`, or a map with `host`' },
);

export const networkSchema: z.ZodType<NetworkSection> = z
  .strictObject({
    allow: z
      .array(ruleSchema)
      .max(MAX_RULES, `more than ${MAX_RULES} rules; use wider ones`)
      .optional()
      .meta({
        description:
          'Hosts that may be reached, through a proxy outside of the sandbox and by name only. In a class it replaces that of the file. Lists by name are the registries of package managers, read-only.',
        preset: 'none',
        kind: 'list of hosts',
        examples: [['npm', 'api.example.com']],
      }),
  })
  .meta({ id: 'network', description: 'The way out besides the models. Without it there is none.' });
