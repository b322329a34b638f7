/** The agents that have drivers, each in a whole run: in the sandbox, through the gateway, against a vendor that bills. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { RecordedEvent } from '../../src/core/event.ts';
import { repositoryWith, SUM } from '../scenario/harness.ts';
import type { Answer, Environment, Files, Place } from '../scenario/harness.ts';
import { billNanoUsd } from '../support/model-server/billing.ts';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { startModelServer } from '../support/model-server/index.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import type { Script } from '../support/model-server/script.ts';
import type { Recipe } from './recipe.ts';
import { RECIPES } from './recipes/index.ts';

/** The real key, which no agent gets to see. */
export const KEY = 'sk-real-canary-fedcba9876543210';
/** US dollars per million tokens. */
const PRICES = { input: 3, output: 15 };

export interface Driven {
  /** Its driver. */
  readonly agent: string;
  readonly model: string;
  readonly recipe: Recipe;
  /** What it is called on the PATH. */
  readonly program: string;
  /** Options beside the model. */
  readonly options: Readonly<Record<string, unknown>>;
}

export function driven(agent: string, name: string, options: Driven['options'] = {}): Driven {
  const recipe = RECIPES.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`no recipe is called ${name}`);
  // Of a name with a slash Gemini CLI makes another path.
  return { agent, program: agent, model: name === 'gemini' ? 'acme-coder' : 'acme/coder', recipe, options };
}

export const DRIVEN: readonly Driven[] = [
  driven('claude', 'claude'),
  driven('codex', 'codex'),
  driven('pi', 'pi (openai-completions)'),
  driven('pi', 'pi (openai-responses)', { api: 'openai-responses' }),
  driven('pi', 'pi (anthropic-messages)', { api: 'anthropic-messages' }),
  driven('gemini', 'gemini'),
  driven('qwen', 'qwen'),
  driven('opencode', 'opencode'),
  driven('copilot', 'copilot'),
];

export interface Ran extends Answer {
  readonly events: readonly RecordedEvent[];
}

export interface Stage {
  readonly place: Place;
  readonly server: ModelServer;
  readonly run: (...more: readonly string[]) => Promise<Ran>;
  readonly billedUsd: () => number;
}

export interface Staged {
  /** `bodyNow`: the request that is to be answered. */
  readonly script: (bodyNow: () => string) => Script;
  readonly plan?: readonly FromCall[];
  readonly options?: Readonly<Record<string, unknown>>;
  /** More of the policy. */
  readonly policy?: string;
  /** More of the repository. */
  readonly files?: Files;
}

/** What the host knows: where the vendor is, with which key, and the agent on the PATH. The variables that say so. */
export function hostKnows(
  place: Place,
  { recipe, program, url }: { readonly recipe: Recipe; readonly program: string; readonly url: string },
): Environment {
  const providers = place.beside('providers.yaml');
  const acme = `{ dialect: ${recipe.protocol}, url: ${url}, key: { env: ACME_KEY } }`;
  writeFileSync(providers, `version: 1\nproviders: { acme: ${acme}, anthropic: off, openai: off, google: off }\n`, {
    mode: 0o600,
  });
  const bin = place.beside('bin');
  mkdirSync(bin);
  symlinkSync(recipe.program()?.at(-1) ?? '', join(bin, program));
  return { PATH: [bin, process.env['PATH'] ?? ''].join(delimiter), LOOPWRIGHT_PROVIDERS: providers, ACME_KEY: KEY };
}

/** A vendor, the host's word of where it is, a repository with a red test, and the agent on the PATH. */
export async function onStage(one: Driven, staged: Staged, play: (stage: Stage) => Promise<void>): Promise<void> {
  const { agent, recipe } = one;
  let bodyNow = (): string => '';
  const server = await startModelServer({
    script: staged.script(() => bodyNow()),
    ...(staged.plan === undefined ? {} : { plan: staged.plan }),
  });
  bodyNow = () => server.calls().at(-1)?.body.toString('utf8') ?? '';
  const options = JSON.stringify({ model: one.model, ...one.options, ...staged.options });
  const policy = [
    SUM['loopwright.yaml'] ?? '',
    `agent: { driver: ${agent}, options: ${options} }\n`,
    `models: { prices: { ${one.model}: { input: ${PRICES.input}, output: ${PRICES.output} } } }\n`,
    staged.policy ?? '',
  ].join('');
  const place = repositoryWith({ ...SUM, ...staged.files, 'loopwright.yaml': policy });
  const env = hostKnows(place, { recipe, program: one.program, url: server.url });
  try {
    await play({
      place,
      server,
      async run(...more) {
        const answer = await place.with(env, 'run', 'make it add', '--agent', agent, '--json', ...more);
        const lines = answer.out.split('\n').filter(Boolean);
        return { ...answer, events: lines.map((line) => JSON.parse(line) as RecordedEvent) };
      },
      billedUsd: () => billNanoUsd(server.bill(), PRICES) / 1e9,
    });
  } finally {
    await server.close();
    place.remove();
  }
}

export function endsOf(events: readonly RecordedEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === 'turn.finished' ? [event.end] : []));
}
