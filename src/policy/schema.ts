/**
 * The schema of `loopwright.yaml`. Strict everywhere: a key that is not known is an error, because a misspelt limit that
 * is silently ignored is no limit. Every key has a description; the JSON Schema and the reference are made from them.
 */
import * as z from 'zod';
import { LAYER_LEVELS } from '../core/policy.ts';
import type { Autonomy } from '../core/policy.ts';
import { REPORT_FORMATS } from '../core/check.ts';
import { DEFAULT_CHECK_TIMEOUT_MS, DEFAULT_DEPENDENCIES, DEFAULT_REVIEW_MINUTES } from './classes.ts';
import { appliesToProblem } from './applies-to.ts';
import type {
  CheckSection,
  ClassSection,
  LayerContent,
  PathsSection,
  PolicyContent,
  ProtectSection,
  ZoneSection,
} from './content.ts';
import { approvalsSchema } from './approvals-schema.ts';
import { publishSchema } from './publish-schema.ts';
import { commandsSchema } from './commands-schema.ts';
import { detectorsSchema } from './detectors-schema.ts';
import { dependencyProblem, reportFileProblem } from './file-rules.ts';
import { limitsSchema } from './limits-schema.ts';
import { migrationsSchema } from './migrations-schema.ts';
import { modelsSchema } from './models-schema.ts';
import { networkSchema } from './network-schema.ts';
import { formatDuration, parseDuration } from './quantities.ts';
import { resourcesSchema } from './resources-schema.ts';
import { secretsSchema } from './secrets-schema.ts';
import { command, globs, name, notTooMany, oneLine, quantity, text } from './schema-forms.ts';

const timeout: z.ZodType<number> = quantity(parseDuration, 'expected a duration such as `10m`', {
  description: 'Time for one execution. A check that takes longer is timed out, which is never a pass.',
  default: formatDuration(DEFAULT_CHECK_TIMEOUT_MS),
  examples: ['90s', '10m'],
  kind: 'duration',
});

const MUTANTS_EXPECTED = 'expected a whole number from 0 to 20';

const REPEAT_EXPECTED = 'expected a whole number from 1 to 10';

const checkSchema: z.ZodType<CheckSection> = z.union(
  [
    command('The command line, when nothing else has to be said.').transform((run) => ({ run })),
    z.strictObject({
      run: command('Shell command line, run at the root of a fresh checkout of the change.'),
      report: z.enum(REPORT_FORMATS).optional().meta({
        description:
          'How the result is read. Formats of test runners name every test, so that a missing or skipped one is seen; formats of analysers name what was found; `exit-code` only says yes or no. docs/checks.md says what each counts and how to get it.',
        preset:
          'what the command says of itself (`--test-reporter=tap`, `--junitxml=FILE`, `go test -json`), else exit-code',
      }),
      'report-file': text(reportFileProblem)
        .optional()
        .meta({
          description:
            'Where the command writes its report, relative to the repository; may be a glob, except for `tap`. Without it the report is read from standard output.',
          preset: 'what the command says of itself, else standard output',
          examples: ['report.xml', '**/target/surefire-reports/TEST-*.xml'],
        }),
      timeout: timeout.optional(),
      network: z.boolean().optional().meta({
        description:
          'Whether this check may reach the hosts of `network.allow`. A check that depends on the network is red when the network is.',
        default: false,
      }),
      repeat: z.int(REPEAT_EXPECTED).min(1, REPEAT_EXPECTED).max(10, REPEAT_EXPECTED).optional().meta({
        description:
          'How often it runs on the untouched base, so that flaky tests are known before the agent starts; and at most how often on a change, where one execution proves nothing.',
        preset: '2, and 1 where the first execution took longer than a minute',
      }),
      ratchet: z.enum(['lower', 'higher']).optional().meta({
        description:
          'The way in which what it measures may move: the value of a change may not be above (`lower`) or below (`higher`) that of the base. For `lcov` and `cobertura` the changed lines are measured against the whole base.',
        preset: 'it is shown and decides nothing',
      }),
      hidden: globs(
        1,
        'Holds the check back from the agent: globs of the files it rests on, as they are on the base. The agent sees empty files, no history, and no policy; its prompt says of this check that it is red, and nothing else.',
      )
        .optional()
        .meta({ preset: 'the agent sees the check and everything it says', examples: ['held/**'] }),
    }),
  ],
  { error: 'expected a command line, or a map with `run`' },
);

const protectSchema: z.ZodType<ProtectSection> = z
  .union(
    [
      globs(1, 'Short for `files`.').transform((files) => ({ files })),
      z.strictObject({
        files: globs(0, 'Globs of more files to protect, on top of what the task class protects.')
          .optional()
          .meta({ preset: 'nothing more' }),
        except: globs(
          0,
          'Globs of files that are not protected although the class or `files` covers them. `loopwright.yaml` always stays protected.',
        )
          .optional()
          .meta({ preset: 'nothing' }),
      }),
    ],
    { error: 'expected a list of globs, or a map with `files` and `except`' },
  )
  .meta({
    id: 'protect',
    description:
      'Files that are evidence. Where they exist on the base, checks run with their base copies, and an edit to them is handled by `detectors.protected-edit`. Adds to what the class protects; never replaces it.',
  });

const pathsSchema: z.ZodType<PathsSection> = z
  .strictObject({
    allow: globs(
      1,
      'The only paths a change may touch. Narrows the scope of a built-in class; in a class of this file it replaces both.',
    )
      .optional()
      .meta({ preset: 'the scope of the class, else every path' }),
    deny: globs(0, 'Paths a change may never touch. Adds up over file and class, and wins over `allow`.')
      .optional()
      .meta({ preset: 'nothing' }),
    dependencies: z
      .array(text(dependencyProblem))
      .max(50, 'more than 50 directories')
      .optional()
      .meta({
        description:
          'Untracked directories of your checkout that agent and checks get a private copy-on-write view of. Missing ones are skipped.',
        default: [...DEFAULT_DEPENDENCIES],
      }),
    unmask: globs(
      0,
      'Files whose names are those of secrets (`.env`, private keys, `.npmrc`, cloud credentials) and which the agent may read all the same. Without this it sees empty files. Adds up over file and class.',
    )
      .optional()
      .meta({ preset: 'nothing', examples: ['.env.development'] }),
  })
  .meta({ id: 'paths', description: 'What a change may touch, and what it finds beside the tracked files.' });

const zoneSchema: z.ZodType<ZoneSection> = z.strictObject({
  name: name('the name of a risk zone').meta({
    description: 'Name of the zone. The name of a built-in zone changes that zone.',
    examples: ['payments'],
  }),
  paths: z
    .union([z.literal('off'), globs(1, 'Globs')], { error: 'expected a list of globs, or the word `off`' })
    .optional()
    .meta({
      description: 'Globs of the zone, or `off` to have no such zone.',
      preset: 'those of the built-in zone of this name',
    }),
  reason: oneLine('the reason', 500).optional().meta({
    description: 'Why a person has to look; shown with every request for approval.',
    preset: 'that of the built-in zone of this name',
  }),
  owners: z
    .array(oneLine('the owner', 200))
    .min(1, 'an empty list would match nothing; name an owner such as `@acme/security`, or remove the key')
    .max(100, 'more than 100 owners')
    .optional()
    .meta({
      description:
        'Owners by CODEOWNERS of the base revision: every path they own is in the zone too. Adds up over file and class.',
      preset: 'none',
      examples: ['@acme/security'],
    }),
  approvals: z
    .int()
    .min(1, 'expected a whole number from 1 to 10')
    .max(10, 'expected a whole number from 1 to 10')
    .optional()
    .meta({ description: 'How many different people have to approve. A class can only ask for more.', preset: '1' }),
  from: z
    .array(oneLine('the name', 200))
    .min(1, 'an empty list would let nobody approve; name somebody, or remove the key')
    .max(100, 'more than 100 names')
    .optional()
    .meta({
      description:
        'Whose approvals count, by the name they decide under (`--by`, `$LOOPWRIGHT_OPERATOR`). A class can only leave names out.',
      preset: 'anybody',
    }),
  checks: z.array(name('the id of a check')).min(1, 'an empty list asks for nothing; remove the key').optional().meta({
    description: 'Checks that always judge a change, also where a class or `--check` picks others.',
    preset: 'none',
  }),
});

const riskSchema: z.ZodType<ZoneSection[]> = z.array(zoneSchema).max(100, 'more than 100 zones').meta({
  id: 'risk',
  description:
    'Where a passing change waits for a person: by path, by owner, by what its lines do. Adds to the built-in zones.',
});

const autonomy = (description: string): z.ZodType<Autonomy> =>
  z.enum(['report', 'propose', 'land']).meta({ description });

const shared = {
  protect: protectSchema.optional(),
  paths: pathsSchema.optional(),
  limits: limitsSchema.optional(),
  resources: resourcesSchema.optional(),
  detectors: detectorsSchema.optional(),
  network: networkSchema.optional(),
  risk: riskSchema.optional(),
};

const classSchema: z.ZodType<ClassSection> = z.strictObject({
  extends: name('a class').optional().meta({
    description: 'The class it starts from.',
    preset: 'the built-in class of the same name, else fix',
  }),
  summary: oneLine('the summary', 300)
    .optional()
    .meta({ description: 'One sentence on the kind of work.', preset: 'that of the class it extends' }),
  baseline: z.enum(['must-fail', 'may-pass']).optional().meta({
    description:
      '`must-fail`: a check is red on the base and has to turn green. `may-pass`: checks have to get no worse, test by test.',
    preset: 'that of the class it extends',
  }),
  autonomy: autonomy('The same for this class. Where the file sets a level too, the lower one holds.')
    .optional()
    .meta({ preset: 'that of the class it extends, else that of the file' }),
  checks: z
    .array(name('the id of a check'))
    .min(1, 'a class without a check could never be accepted; remove the key to use all checks')
    .optional()
    .meta({
      description: 'Ids of the checks that judge this class.',
      preset: 'those of the class it extends, else all',
    }),
  ...shared,
});

const policyShape = {
  version: z.literal(1).meta({ description: 'Version of this format.', examples: [1] }),
  agent: z
    .union(
      [
        name('the name of a driver').transform((driver) => ({ driver })),
        z.strictObject({
          driver: name('the name of a driver').meta({
            description: 'The driver that makes the agent take turns. `agent: NAME` is short for this.',
            preset: 'none: `--agent` has to name one',
          }),
          options: z.record(z.string(), z.unknown()).optional().meta({
            description: 'Options of that driver, checked by the driver.',
            preset: 'none',
          }),
        }),
      ],
      { error: 'expected the name of an agent, or a map with `driver` and `options`' },
    )
    .optional()
    .meta({ description: 'The agent that does the work.' }),
  owner: oneLine('the owner', 200)
    .optional()
    .meta({
      description:
        'Who answers for the results: a person or team. A run that is started `--unattended`, or that lands by itself, needs one.',
      preset: 'who owns what the run may change, by CODEOWNERS of the base revision; else nobody',
      examples: ['@acme/platform'],
    }),
  autonomy: autonomy(
    'What becomes of an accepted change: `report` never lands, `propose` lands when a person says so, `land` lands by itself on a branch of its own.',
  )
    .optional()
    .meta({ preset: 'propose' }),
  sandbox: z.enum(['bubblewrap', 'container', 'seatbelt', 'none']).optional().meta({
    description:
      'What confines agent and checks. `container` needs podman. `seatbelt` is for macOS, and was never run by those who wrote it. `none` confines nothing, and every report says so.',
    default: 'bubblewrap',
  }),
  environment: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name has letters, digits and `_`, and starts with no digit'),
      z.string({ error: 'expected text in quotes' }),
    )
    .superRefine(notTooMany)
    .optional()
    .meta({
      description: 'Variables for agent and checks inside the sandbox. Never secrets: they are part of the record.',
      preset: 'none',
    }),
  checks: z
    .record(name('the id of a check'), checkSchema)
    .superRefine(notTooMany)
    .optional()
    .meta({ description: 'The acceptance: what loopwright runs itself to judge a change. At least one is needed.' }),
  ...shared,
  proof: z
    .strictObject({
      mutants: z.int(MUTANTS_EXPECTED).min(0, MUTANTS_EXPECTED).max(20, MUTANTS_EXPECTED).optional().meta({
        description:
          'Most faults that are put into the changed lines of a change that passes, one after the other, until a check notices one; within three times the time its checks took. 0: none. Where none is noticed, `detectors.actions.surviving-mutant` says what happens.',
        preset: '3 in the class `fix` and those that extend it, else 0',
      }),
    })
    .optional()
    .meta({ id: 'proof', description: 'What is tried on a change that would be accepted.' }),
  review: z
    .strictObject({
      minutes: z
        .union([z.literal('unlimited'), z.int().min(1).max(10_000)], {
          error: 'expected a whole number of minutes from 1 to 10000, or the word `unlimited`',
        })
        .optional()
        .meta({
          description:
            'What a person can review at once, in minutes by the estimate of docs/review.md. A change that passes and costs more waits for a person, with a proposal how to split it.',
          default: DEFAULT_REVIEW_MINUTES,
          preset: '90; 240 in the class `codemod`, 480 in `format`, and in those that extend them',
          examples: [45, 'unlimited'],
        }),
    })
    .optional()
    .meta({ id: 'review', description: 'What it costs a person to look at a change.' }),
  migrations: migrationsSchema.optional(),
  commands: commandsSchema.optional(),
  models: modelsSchema.optional(),
  secrets: secretsSchema.optional(),
  approvals: approvalsSchema.optional(),
  publish: publishSchema.optional(),
  classes: z.record(name('a class'), classSchema).superRefine(notTooMany).optional().meta({
    description: 'Task classes of this repository, by name. The name of a built-in class changes that class.',
  }),
};

export const policySchema: z.ZodType<PolicyContent> = z.strictObject(policyShape);

/** The policy of a layer of the host: a header, and the same keys. */
export const layerSchema: z.ZodType<LayerContent> = z.strictObject({
  layer: z.enum(LAYER_LEVELS).meta({
    description: 'Whose rules these are. Those of an organisation lie above those of a team.',
  }),
  'applies-to': z
    .array(text(appliesToProblem))
    .min(1, 'an empty list would reach no repository; name one, or remove the key')
    .max(200, 'more than 200 patterns; use wider ones')
    .optional()
    .meta({
      description:
        'Repositories this layer speaks of: globs over the address of a remote (`github.com/acme/*`) or over the path on this host (`/srv/work/**`, `~/work/**`).',
      preset: 'every repository',
    }),
  ...policyShape,
});
